// pay, transfer, deposit, withdraw, refund, reverse.
#include <fmt/format.h>

#include "api/cli/command_line.h"
#include "api/cli/parsed_option.h"
#include "api/cli/send.h"
#include "api/cli/table.h"

namespace lumbung::cli {
namespace {

void SetMember(v1::Member* member, const MemberName& name) {
  member->set_cooperative(name.cooperative.value());
  member->set_number(name.number.value());
}

absl::StatusOr<v1::Tender> ParseTender(std::string_view text) {
  if (text == "wallet") return v1::TENDER_WALLET;
  if (text == "cash") return v1::TENDER_CASH;
  if (text == "qris") return v1::TENDER_QRIS;
  if (text == "store-credit") return v1::TENDER_STORE_CREDIT;
  return absl::InvalidArgumentError(
      fmt::format("tender '{}': expected wallet, cash, qris or store-credit", text));
}

absl::StatusOr<v1::Savings> ParseSavings(std::string_view text) {
  if (text == "sukarela") return v1::SAVINGS_SUKARELA;
  if (text == "wajib") return v1::SAVINGS_WAJIB;
  if (text == "pokok") return v1::SAVINGS_POKOK;
  return absl::InvalidArgumentError(
      fmt::format("savings '{}': expected sukarela, wajib or pokok", text));
}

struct PayOptions {
  SendOptions send;  // its branch is the one whose sales are credited
  v1::Tender tender = v1::TENDER_WALLET;
  std::optional<MemberName> member;
  Amount amount;
};

ExitCode Pay(const PayOptions& options, Session& session) {
  const auto cooperative =
      OneCooperative({CooperativeOf(options.member), CooperativeOf(options.send.branch),
                      CooperativeOf(options.send.terminal)});
  if (!cooperative.ok()) return session.FailUsage(cooperative.status());
  v1::PayRequest request;
  request.set_tender(options.tender);
  request.set_cooperative(cooperative->value());
  request.set_branch(options.send.branch->number);
  request.set_member(options.member ? options.member->number.value() : 0);
  if (options.tender == v1::TENDER_CASH && options.send.terminal) {
    request.set_terminal(options.send.terminal->number);
  }
  request.set_amount(options.amount.value());
  return Send(session, options.send, request, &v1::PaymentService::Stub::Pay);
}

void AddPay(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "pay",
       .description = "A sale at a branch",
       .example = "pay --member 1024/55 --branch 2 --amount 25.000\n"
                  "  lumbung pay --tender cash --branch 1024/2 --terminal 7 --amount 9.500"},
      line.root(), &Pay);
  AddParsed(app, "--member", options.member, ParseMember, "Who pays, by wallet or store credit")
      ->type_name("MEMBER");
  AddParsed(app, "--branch", options.send.branch, ParsePlace, "Whose sales are credited")
      ->type_name("BRANCH")
      ->required();
  AddParsed(app, "--amount", options.amount, ParsePayment, "The price, VAT included")
      ->type_name("RUPIAH")
      ->required();
  AddParsed(app, "--tender", options.tender, ParseTender,
            "wallet (if not told), cash, qris or store-credit");
  AddSendOptions(app, options.send);
}

struct TransferOptions {
  SendOptions send;
  MemberName source;
  MemberName target;
  Amount amount;
};

ExitCode Transfer(const TransferOptions& options, Session& session) {
  const auto cooperative =
      OneCooperative({options.source.cooperative, CooperativeOf(options.send.branch),
                      CooperativeOf(options.send.terminal)});
  if (!cooperative.ok()) return session.FailUsage(cooperative.status());
  v1::TransferRequest request;
  SetMember(request.mutable_source(), options.source);
  SetMember(request.mutable_target(), options.target);
  request.set_amount(options.amount.value());
  return Send(session, options.send, request, &v1::PaymentService::Stub::Transfer);
}

void AddTransfer(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "transfer",
                .description = "From one member's wallet to another's, also of another cooperative",
                .example = "transfer --from 1024/55 --to 1025/7 --amount 75.000"},
               line.root(), &Transfer);
  AddParsed(app, "--from", options.source, ParseMember, "Who sends")
      ->type_name("MEMBER")
      ->required();
  AddParsed(app, "--to", options.target, ParseMember, "Who receives")
      ->type_name("MEMBER")
      ->required();
  AddParsed(app, "--amount", options.amount, ParsePayment, "What arrives; a fee comes on top")
      ->type_name("RUPIAH")
      ->required();
  AddSendOptions(app, options.send);
}

struct DepositOptions {
  SendOptions send;
  MemberName member;
  v1::Savings savings = v1::SAVINGS_SUKARELA;
  Amount amount;
};

ExitCode Deposit(const DepositOptions& options, Session& session) {
  const auto cooperative =
      OneCooperative({options.member.cooperative, CooperativeOf(options.send.branch),
                      CooperativeOf(options.send.terminal)});
  if (!cooperative.ok()) return session.FailUsage(cooperative.status());
  v1::DepositRequest request;
  SetMember(request.mutable_member(), options.member);
  request.set_savings(options.savings);
  request.set_terminal(options.send.terminal ? options.send.terminal->number : 0);
  request.set_amount(options.amount.value());
  return Send(session, options.send, request, &v1::PaymentService::Stub::Deposit);
}

void AddDeposit(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "deposit",
       .description = "Cash at a till into a member's savings; without --terminal a top-up by bank "
                      "or QRIS",
       .example =
           "deposit --member 1024/55 --terminal 7 --amount 100.000\n"
           "  lumbung deposit --member 1024/55 --terminal 7 --savings wajib --amount 10.000"},
      line.root(), &Deposit);
  AddParsed(app, "--member", options.member, ParseMember, "Whose savings grow")
      ->type_name("MEMBER")
      ->required();
  AddParsed(app, "--amount", options.amount, ParsePayment, "How much")
      ->type_name("RUPIAH")
      ->required();
  AddParsed(app, "--savings", options.savings, ParseSavings,
            "sukarela (the wallet, if not told), wajib or pokok");
  AddSendOptions(app, options.send);
}

struct WithdrawOptions {
  SendOptions send;
  MemberName member;
  Amount amount;
};

ExitCode Withdraw(const WithdrawOptions& options, Session& session) {
  const auto cooperative =
      OneCooperative({options.member.cooperative, CooperativeOf(options.send.branch),
                      CooperativeOf(options.send.terminal)});
  if (!cooperative.ok()) return session.FailUsage(cooperative.status());
  v1::WithdrawRequest request;
  SetMember(request.mutable_member(), options.member);
  request.set_terminal(options.send.terminal ? options.send.terminal->number : 0);
  request.set_amount(options.amount.value());
  return Send(session, options.send, request, &v1::PaymentService::Stub::Withdraw);
}

void AddWithdraw(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "withdraw",
                .description = "Cash from a member's wallet at a till",
                .example = "withdraw --member 1024/55 --terminal 7 --amount 50.000"},
               line.root(), &Withdraw);
  AddParsed(app, "--member", options.member, ParseMember, "Whose wallet")
      ->type_name("MEMBER")
      ->required();
  AddParsed(app, "--amount", options.amount, ParsePayment, "How much")
      ->type_name("RUPIAH")
      ->required();
  AddSendOptions(app, options.send);
  app.get_option("--terminal")->required();
}

struct RefundOptions {
  SendOptions send;
  TransactionId original;
  std::optional<Amount> amount;
};

ExitCode Refund(const RefundOptions& options, Session& session) {
  v1::RefundRequest request;
  *request.mutable_original_id() = ToProto(options.original);
  if (options.amount) request.set_amount(options.amount->value());
  return Send(session, options.send, request, &v1::PaymentService::Stub::Refund);
}

void AddRefund(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "refund",
                .description = "Pays back all or part of an original, to the original tender",
                .example = "refund 01935d1c-8a00-7000-8000-0123456789ab --amount 10.000"},
               line.root(), &Refund);
  AddParsed(app, "original", options.original, ParseId, "The id of the original")
      ->type_name("UUID")
      ->required();
  AddParsed(app, "--amount", options.amount, ParsePayment, "How much; all that is left if not told")
      ->type_name("RUPIAH");
  AddSendOptions(app, options.send);
}

struct ReverseOptions {
  SendOptions send;
  TransactionId original;
};

ExitCode Reverse(const ReverseOptions& options, Session& session) {
  v1::ReverseRequest request;
  *request.mutable_original_id() = ToProto(options.original);
  return Send(session, options.send, request, &v1::PaymentService::Stub::Reverse);
}

void AddReverse(CommandLine& line) {
  auto [app, options] = line.Add({.name = "reverse",
                                  .description = "Undoes an original as a whole, once",
                                  .example = "reverse 01935d1c-8a00-7000-8000-0123456789ab"},
                                 line.root(), &Reverse);
  AddParsed(app, "original", options.original, ParseId, "The id of the original")
      ->type_name("UUID")
      ->required();
  AddSendOptions(app, options.send);
}

}  // namespace

void AddPaymentCommands(CommandLine& line) {
  AddPay(line);
  AddTransfer(line);
  AddDeposit(line);
  AddWithdraw(line);
  AddRefund(line);
  AddReverse(line);
}

}  // namespace lumbung::cli
