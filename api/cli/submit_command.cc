// submit: transactions in their general form, one from options or many from a file.
#include <fmt/format.h>
#include <span>
#include <vector>

#include "api/cli/command_line.h"
#include "api/cli/parsed_option.h"
#include "api/cli/send.h"
#include "api/cli/submit_file.h"
#include "engine/limits.h"
#include "engine/posting_rule.h"

namespace lumbung::cli {
namespace {

struct LegText {
  AccountId debit;
  AccountId credit;
  Amount amount;
};

// A leg whose amount is a share of the whole.
struct ShareText {
  AccountId debit;
  AccountId credit;
  uint32_t basis_points = 0;
};

// The accounts of `DEBIT:CREDIT:REST`, and the rest.
struct Sides {
  AccountId debit;
  AccountId credit;
  std::string_view rest;
};

absl::StatusOr<Sides> ParseSides(std::string_view text, std::string_view expected) {
  const size_t first = text.find(':');
  const size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  if (second == std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format("'{}': expected {}", text, expected));
  }
  const auto debit = ParseAccount(text.substr(0, first));
  if (!debit.ok()) return debit.status();
  const auto credit = ParseAccount(text.substr(first + 1, second - first - 1));
  if (!credit.ok()) return credit.status();
  return Sides{*debit, *credit, text.substr(second + 1)};
}

// `1024.1101.0:1024.3101.55:25.000`.
absl::StatusOr<LegText> ParseLeg(std::string_view text) {
  const auto sides =
      ParseSides(text, "DEBIT:CREDIT:AMOUNT, such as 1024.1101.0:1024.2199.0:25.000");
  if (!sides.ok()) return sides.status();
  const auto amount = ParsePayment(sides->rest);
  if (!amount.ok()) return amount.status();
  return LegText{sides->debit, sides->credit, *amount};
}

// `1024.3301.0:1024.3201.0:40%`.
absl::StatusOr<ShareText> ParseShare(std::string_view text) {
  const auto sides = ParseSides(text, "DEBIT:CREDIT:RATE, such as 1024.3301.0:1024.3201.0:40%");
  if (!sides.ok()) return sides.status();
  const auto rate = ParseBasisPoints(sides->rest);
  if (!rate.ok()) return rate.status();
  return ShareText{sides->debit, sides->credit, *rate};
}

struct SubmitOptions {
  SendOptions send;
  std::vector<LegText> legs;
  std::vector<ShareText> shares;
  std::optional<v1::Kind> kind;
  v1::Step step = v1::STEP_POST;
  bool by_rule = false;
  std::optional<TransactionId> related;
  std::optional<Amount> amount;
  uint32_t hold_seconds = 0;
  FileSubmission file;
};

constexpr uint32_t kWhole = 10'000;  // basis points

// The amount split over the shares by largest remainder, so that the legs add up to it exactly.
absl::StatusOr<std::vector<LegText>> Divided(Amount whole, std::span<const ShareText> shares) {
  uint64_t together = 0;
  std::vector<Amount> weights;
  for (const ShareText& share : shares) {
    together += share.basis_points;
    weights.push_back(Amount{share.basis_points});
  }
  if (together != kWhole) {
    return absl::InvalidArgumentError(fmt::format(
        "--share: expected shares of 10000 basis points (100%) together, found {}", together));
  }
  std::vector<Amount> parts(shares.size());
  Split(whole, weights, parts);
  std::vector<LegText> legs;
  for (size_t i = 0; i < shares.size(); ++i) {
    if (parts[i].value() == 0) {
      return absl::InvalidArgumentError(
          fmt::format("--share: expected at least 1 sen for each, found none for the one to {}",
                      shares[i].credit.ToString()));
    }
    legs.push_back({shares[i].debit, shares[i].credit, parts[i]});
  }
  return legs;
}

// The legs as they are told, or as the amount is divided. `--amount` belongs to shares, a capture
// or a refund: beside legs it would mean nothing.
absl::StatusOr<std::vector<LegText>> LegsOf(const SubmitOptions& options) {
  if (!options.legs.empty() && options.amount) {
    return absl::InvalidArgumentError("--amount: expected none, since each --leg has its own");
  }
  if (options.shares.empty()) return options.legs;
  return Divided(*options.amount, options.shares);
}

v1::Transaction TransactionOf(const SubmitOptions& options, std::span<const LegText> legs) {
  v1::Transaction transaction;
  transaction.set_step(options.step);
  if (options.kind) transaction.set_kind(*options.kind);
  transaction.set_by_rule(options.by_rule);
  transaction.set_hold_seconds(options.hold_seconds);
  if (options.related) *transaction.mutable_related_id() = ToProto(*options.related);
  if (options.amount) transaction.set_amount(options.amount->value());
  bool first = true;
  for (const LegText& leg : legs) {
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
  const absl::StatusOr<std::vector<LegText>> legs = LegsOf(options);
  if (!legs.ok()) return session.FailUsage(legs.status());
  if (!legs->empty()) {
    const auto cooperative =
        OneCooperative({legs->front().debit.cooperative(), CooperativeOf(options.send.branch),
                        CooperativeOf(options.send.terminal)});
    if (!cooperative.ok()) return session.FailUsage(cooperative.status());
  }
  return Send(session, options.send, TransactionOf(options, *legs),
              &v1::PaymentService::Stub::Submit);
}

}  // namespace

void AddSubmitCommand(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "submit",
       .description = "A transaction in its general form, or many from a file of JSON lines",
       .example = "submit --kind general --leg 1024.1101.0:1024.3201.0:25.000\n"
                  "  lumbung submit --kind shu-declaration --amount 90.000.000 "
                  "--share 1024.3301.0:1024.3201.0:60% --share 1024.3301.0:1024.2160.0:40%\n"
                  "  lumbung submit --file upload.jsonl --batch 1000"},
      line.root(), &Submit);
  AddParsed(app, "--leg", options.legs, ParseLeg, "DEBIT:CREDIT:AMOUNT; repeat it for more")
      ->type_name("LEG");
  CLI::Option* const share =
      AddParsed(app, "--share", options.shares, ParseShare,
                "DEBIT:CREDIT:RATE of the --amount; repeat it, up to 100% together")
          ->type_name("SHARE")
          ->excludes("--leg");
  AddParsed(app, "--kind", options.kind, ParseKind, "general, payment, …: why money moves")
      ->type_name("KIND");
  AddParsed(app, "--step", options.step, ParseStep,
            "post (if not told), hold, capture, void, refund, reverse")
      ->type_name("STEP");
  app.add_flag("--by-rule", options.by_rule,
               "The leg names payer and payee: the kind's rule makes fees, tax, clearing");
  AddParsed(app, "--related", options.related, ParseId, "The id of the hold or the original")
      ->type_name("UUID");
  CLI::Option* const amount =
      AddParsed(app, "--amount", options.amount, ParsePayment,
                "Of a capture or refund, all if not told; or what the shares divide")
          ->type_name("RUPIAH");
  share->needs(amount);
  AddParsed(app, "--hold-for", options.hold_seconds, ParseHoldSeconds, "Until a hold expires: 15m")
      ->type_name("DURATION");
  AddSendOptions(app, options.send);
  const std::string group = "Many";
  CLI::Option* file = app.add_option("--file", options.file.path,
                                     "JSON lines, one transaction each; - is standard input")
                          ->type_name("FILE")
                          ->group(group);
  // The lines say all this themselves.
  for (CLI::Option* const option : app.get_options()) {
    if (option != file && option != app.get_help_ptr()) file->excludes(option);
  }
  AddParsed(app, "--batch", options.file.batch_size, ParseWhole<uint32_t, 1, kMaxBatch>,
            "So many at a time through SubmitBatch, instead of one by one through a stream")
      ->type_name("COUNT")
      ->needs(file)
      ->group(group);
}

}  // namespace lumbung::cli
