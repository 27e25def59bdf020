// submit: transactions in their general form, one from options or many from a file.
#include <fmt/format.h>

#include "api/cli/command_line.h"
#include "api/cli/parsed_option.h"
#include "api/cli/send.h"
#include "api/cli/submit_file.h"
#include "engine/limits.h"

namespace lumbung::cli {
namespace {

struct LegText {
  AccountId debit;
  AccountId credit;
  Amount amount;
};

// `1024.1101.0:1024.3101.55:25.000`.
absl::StatusOr<LegText> ParseLeg(std::string_view text) {
  const size_t first = text.find(':');
  const size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  if (second == std::string_view::npos) {
    return absl::InvalidArgumentError(
        fmt::format("leg '{}': expected DEBIT:CREDIT:AMOUNT, such as "
                    "1024.1101.0:1024.2199.0:25.000",
                    text));
  }
  const auto debit = ParseAccount(text.substr(0, first));
  if (!debit.ok()) return debit.status();
  const auto credit = ParseAccount(text.substr(first + 1, second - first - 1));
  if (!credit.ok()) return credit.status();
  const auto amount = ParsePayment(text.substr(second + 1));
  if (!amount.ok()) return amount.status();
  return LegText{*debit, *credit, *amount};
}

struct SubmitOptions {
  SendOptions send;
  std::vector<LegText> legs;
  std::optional<v1::Kind> kind;
  v1::Step step = v1::STEP_POST;
  bool by_rule = false;
  std::optional<TransactionId> related;
  std::optional<Amount> amount;
  uint32_t hold_seconds = 0;
  FileSubmission file;
};

v1::Transaction TransactionOf(const SubmitOptions& options) {
  v1::Transaction transaction;
  transaction.set_step(options.step);
  if (options.kind) transaction.set_kind(*options.kind);
  transaction.set_by_rule(options.by_rule);
  transaction.set_hold_seconds(options.hold_seconds);
  if (options.related) *transaction.mutable_related_id() = ToProto(*options.related);
  if (options.amount) transaction.set_amount(options.amount->value());
  bool first = true;
  for (const LegText& leg : options.legs) {
    if (first) {
      transaction.set_debit_account(leg.debit.value());
      transaction.set_credit_account(leg.credit.value());
      transaction.set_amount(leg.amount.value());
      first = false;
      continue;
    }
    v1::Leg& further = *transaction.add_further_legs();
    further.set_debit_account(leg.debit.value());
    further.set_credit_account(leg.credit.value());
    further.set_amount(leg.amount.value());
  }
  return transaction;
}

ExitCode Submit(const SubmitOptions& options, Session& session) {
  if (!options.file.path.empty()) return SubmitFile(options.file, session);
  return Send(session, options.send, TransactionOf(options), &v1::PaymentService::Stub::Submit);
}

}  // namespace

void AddSubmitCommand(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "submit",
       .description = "A transaction in its general form, or many from a file of JSON lines",
       .example = "submit --kind general --leg 1024.1101.0:1024.3201.0:25.000\n"
                  "  lumbung submit --file upload.jsonl --batch 1000"},
      line.root(), &Submit);
  AddParsed(app, "--leg", options.legs, ParseLeg, "DEBIT:CREDIT:AMOUNT; repeat it for more")
      ->type_name("LEG");
  AddParsed(app, "--kind", options.kind, ParseKind, "general, payment, …: why money moves")
      ->type_name("KIND");
  AddParsed(app, "--step", options.step, ParseStep,
            "post (if not told), hold, capture, void, refund, reverse")
      ->type_name("STEP");
  app.add_flag("--by-rule", options.by_rule,
               "The leg names payer and payee: the kind's rule makes fees, tax, clearing");
  AddParsed(app, "--related", options.related, ParseId, "The id of the hold or the original")
      ->type_name("UUID");
  AddParsed(app, "--amount", options.amount, ParsePayment,
            "Of a capture or refund; all if not told")
      ->type_name("RUPIAH");
  AddParsed(app, "--hold-for", options.hold_seconds, ParseHoldSeconds, "Until a hold expires: 15m")
      ->type_name("DURATION");
  AddSendOptions(app, options.send);
  const std::string group = "Many";
  CLI::Option* file = app.add_option("--file", options.file.path,
                                     "JSON lines, one transaction each; - is standard input")
                          ->type_name("FILE")
                          ->group(group)
                          ->excludes("--leg", "--kind", "--step", "--related", "--amount", "--id");
  AddParsed(app, "--batch", options.file.batch_size, ParseWhole<uint32_t, 1, kMaxBatch>,
            "So many at a time through SubmitBatch, instead of one by one through a stream")
      ->type_name("COUNT")
      ->needs(file)
      ->group(group);
}

}  // namespace lumbung::cli
