// hold, capture, void.
#include "api/cli/command_line.h"
#include "api/cli/parsed_option.h"
#include "api/cli/send.h"

namespace lumbung::cli {
namespace {

struct HoldOptions {
  SendOptions send;  // its branch is the one whose sales a capture credits
  MemberName member;
  Amount amount;
  uint32_t seconds = 0;
};

ExitCode Hold(const HoldOptions& options, Session& session) {
  const auto cooperative =
      OneCooperative({options.member.cooperative, CooperativeOf(options.send.branch),
                      CooperativeOf(options.send.terminal)});
  if (!cooperative.ok()) return session.FailUsage(cooperative.status());
  v1::HoldRequest request;
  request.mutable_payer()->set_cooperative(cooperative->value());
  request.mutable_payer()->set_number(options.member.number.value());
  request.set_branch(options.send.branch->number);
  request.set_amount(options.amount.value());
  request.set_seconds(options.seconds);
  return Send(session, options.send, request, &v1::PaymentService::Stub::Hold);
}

void AddHold(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "hold",
                .description = "Reserves money of a member's wallet for a branch",
                .example = "hold --member 1024/55 --branch 2 --amount 50.000 --for 15m"},
               line.root(), &Hold);
  AddParsed(app, "--member", options.member, ParseMember, "Whose wallet")
      ->type_name("MEMBER")
      ->required();
  AddParsed(app, "--branch", options.send.branch, ParsePlace, "Whose sales a capture will credit")
      ->type_name("BRANCH")
      ->required();
  AddParsed(app, "--amount", options.amount, ParsePayment, "How much")
      ->type_name("RUPIAH")
      ->required();
  AddParsed(app, "--for", options.seconds, ParseHoldSeconds, "Until it expires: 90s, 15m, 2h, 30d")
      ->type_name("DURATION")
      ->required();
  AddSendOptions(app, options.send);
}

struct CaptureOptions {
  SendOptions send;
  TransactionId hold;
  std::optional<Amount> amount;
};

ExitCode Capture(const CaptureOptions& options, Session& session) {
  v1::CaptureRequest request;
  *request.mutable_hold_id() = ToProto(options.hold);
  if (options.amount) request.set_amount(options.amount->value());
  return Send(session, options.send, request, &v1::PaymentService::Stub::Capture);
}

void AddCapture(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "capture",
                .description = "Takes all or part of a hold; the rest is released",
                .example = "capture 01935d1c-8a00-7000-8000-0123456789ab --amount 30.000"},
               line.root(), &Capture);
  AddParsed(app, "hold", options.hold, ParseId, "The id of the hold")
      ->type_name("UUID")
      ->required();
  AddParsed(app, "--amount", options.amount, ParsePayment, "How much; all of it if not told")
      ->type_name("RUPIAH");
  AddSendOptions(app, options.send);
}

struct VoidOptions {
  SendOptions send;
  TransactionId hold;
};

ExitCode Void(const VoidOptions& options, Session& session) {
  v1::VoidRequest request;
  *request.mutable_hold_id() = ToProto(options.hold);
  return Send(session, options.send, request, &v1::PaymentService::Stub::Void);
}

void AddVoid(CommandLine& line) {
  auto [app, options] = line.Add({.name = "void",
                                  .description = "Releases a hold",
                                  .example = "void 01935d1c-8a00-7000-8000-0123456789ab"},
                                 line.root(), &Void);
  AddParsed(app, "hold", options.hold, ParseId, "The id of the hold")
      ->type_name("UUID")
      ->required();
  AddSendOptions(app, options.send);
}

}  // namespace

void AddHoldCommands(CommandLine& line) {
  AddHold(line);
  AddCapture(line);
  AddVoid(line);
}

}  // namespace lumbung::cli
