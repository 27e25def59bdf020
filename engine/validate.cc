#include "engine/validate.h"

#include <variant>

#include "engine/chart.h"
#include "engine/limits.h"
#include "engine/posting_rule.h"

namespace lumbung {

namespace {

Verdict WellFormed() { return {}; }

bool Failed(const Verdict& verdict) { return verdict.outcome != Outcome::kAccepted; }

Verdict Refuse(Outcome outcome, std::string field, std::string message) {
  return {.outcome = outcome, .field = std::move(field), .message = std::move(message)};
}

std::string Text(Amount amount) { return std::to_string(amount.value()); }
std::string Text(std::string_view text) { return std::string(text); }

// --- what every transaction has ---

Verdict CheckFormOfId(const TransactionId& id) {
  if (id.IsZero()) return Refuse(Outcome::kIdMissing, "id", "expected a UUID, found none");
  if (id.IsWellFormed()) return WellFormed();
  return Refuse(Outcome::kIdMalformed, "id",
                "expected a UUID of RFC 9562 (variant 10, version 1 to 8), found " + id.ToString());
}

Verdict CheckBirthOfId(const TransactionId& id, Timestamp now) {
  const auto birth = id.BirthTime();
  if (birth && birth->value() - kMaxClockSkewNs > now.value()) {
    return Refuse(Outcome::kIdFromTheFuture, "id",
                  "expected a UUIDv7 made at most 5 minutes ahead of the server's time, " +
                      std::to_string(now.value() / 1'000'000) + " ms; found one of " +
                      std::to_string(birth->value() / 1'000'000) + " ms");
  }
  return WellFormed();
}

Verdict CheckId(const TransactionId& id, Timestamp now) {
  Verdict verdict = CheckFormOfId(id);
  return Failed(verdict) ? verdict : CheckBirthOfId(id, now);
}

// What the other's id looks like; that it is there at all is a later check (CheckRelated).
Verdict CheckFormOfRelated(const TransactionId& related) {
  if (related.IsZero() || related.IsWellFormed()) return WellFormed();
  return Refuse(
      Outcome::kIdMalformed, "related_id",
      "expected a UUID of RFC 9562 (variant 10, version 1 to 8), found " + related.ToString());
}

Verdict CheckText(std::string_view text) {
  if (text.size() <= kMaxTextBytes) return WellFormed();
  return Refuse(Outcome::kTextTooLong, "text",
                "expected at most " + std::to_string(kMaxTextBytes) + " bytes, found " +
                    std::to_string(text.size()));
}

Verdict CheckRelated(const TransactionId& id, const TransactionId& related) {
  if (related.IsZero()) {
    return Refuse(Outcome::kRelatedMissing, "related_id",
                  "expected the id of the hold or original, found none");
  }
  if (related == id) {
    return Refuse(Outcome::kRelatedIsItself, "related_id",
                  "expected another transaction's id, found the transaction's own");
  }
  return WellFormed();
}

// --- legs ---

// The names of a leg's fields: the first leg stands in the transaction itself.
struct LegFields {
  std::string debit;
  std::string credit;
  std::string amount;
};

LegFields FieldsOf(size_t leg, LegSource source) {
  if (source == LegSource::kByRule) {
    return {.debit = "debit_account", .credit = "credit_account", .amount = "amount"};
  }
  const std::string prefix = leg == 0 ? "" : "further_legs[" + std::to_string(leg - 1) + "].";
  return {.debit = prefix + "debit_account",
          .credit = prefix + "credit_account",
          .amount = prefix + "amount"};
}

std::string_view HolderName(HolderKind kind) {
  switch (kind) {
    case HolderKind::kCooperative:
      return "0, the cooperative itself";
    case HolderKind::kBranch:
      return "a branch, 1 to 65535";
    case HolderKind::kTerminal:
      return "a terminal, 1 to 65535";
    case HolderKind::kMember:
      return "a member, 1 or more";
    case HolderKind::kLoan:
      return "a loan, 1 or more";
  }
  return "";
}

bool HolderFits(HolderKind kind, HolderNumber holder) {
  switch (kind) {
    case HolderKind::kCooperative:
      return holder.value() == 0;
    case HolderKind::kBranch:
    case HolderKind::kTerminal:
      return holder.value() >= 1 && holder.value() <= UINT16_MAX;
    case HolderKind::kMember:
    case HolderKind::kLoan:
      return holder.value() >= 1;
  }
  return false;
}

bool AccountFits(AccountId account) {
  const ChartLine* line = FindChartLine(account.code());
  return line != nullptr && account.cooperative().value() != 0 &&
         HolderFits(line->holder, account.holder());
}

Verdict CheckAccount(AccountId account, const std::string& field) {
  if (AccountFits(account)) return WellFormed();
  std::string message;
  const ChartLine* line = FindChartLine(account.code());
  if (account.value() == 0) {
    message = "expected an account, found none";
  } else if (account.cooperative().value() == 0) {
    message = "expected a cooperative of 1 or more, found " + account.ToString();
  } else if (line == nullptr) {
    message = "expected a code of the chart of accounts, found " + account.ToString();
  } else {
    message = "expected the holder to be " + Text(HolderName(line->holder)) + ", found " +
              account.ToString();
  }
  return Refuse(Outcome::kAccountMalformed, field, std::move(message));
}

Verdict CheckAmount(Amount amount, const std::string& field) {
  if (amount.value() > 0) return WellFormed();
  return Refuse(Outcome::kAmountNotPositive, field,
                "expected an amount above 0, found " + Text(amount));
}

bool LegFitsKind(Purpose purpose, LegSource source, const Leg& leg) {
  return source == LegSource::kByRule ? PartiesAllowed(purpose, leg.debit.code(), leg.credit.code())
                                      : LegAllowed(purpose, leg.debit.code(), leg.credit.code());
}

bool MayJoinCooperatives(Purpose purpose, LegSource source) {
  return source == LegSource::kByRule && purpose == Purpose::kTransfer;
}

// Whether all is well with the legs. The common case: decides without naming anything.
bool LegsFit(Purpose purpose, LegSource source, std::span<const Leg> legs) {
  for (const Leg& leg : legs) {
    const bool one_cooperative =
        leg.debit.cooperative() == leg.credit.cooperative() || MayJoinCooperatives(purpose, source);
    if (!AccountFits(leg.debit) || !AccountFits(leg.credit) || leg.debit == leg.credit ||
        leg.amount.value() <= 0 || !one_cooperative || !LegFitsKind(purpose, source, leg)) {
      return false;
    }
  }
  return true;
}

// A leg, and how its fault is to be named.
struct LegContext {
  Purpose purpose;
  LegSource source;
  const Leg& leg;
  LegFields fields;
};

Verdict CheckAccounts(const LegContext& context) {
  Verdict verdict = CheckAccount(context.leg.debit, context.fields.debit);
  return Failed(verdict) ? verdict : CheckAccount(context.leg.credit, context.fields.credit);
}

Verdict CheckSides(const LegContext& context) {
  if (context.leg.debit != context.leg.credit) return WellFormed();
  return Refuse(Outcome::kSameAccount, context.fields.credit,
                "expected another account than the debit account, found " +
                    context.leg.credit.ToString() + " on both sides");
}

Verdict CheckLegAmount(const LegContext& context) {
  return CheckAmount(context.leg.amount, context.fields.amount);
}

Verdict CheckCooperatives(const LegContext& context) {
  const CooperativeId cooperative = context.leg.debit.cooperative();
  if (cooperative == context.leg.credit.cooperative()) return WellFormed();
  if (MayJoinCooperatives(context.purpose, context.source)) return WellFormed();
  return Refuse(Outcome::kCooperativesMixed, context.fields.credit,
                "expected an account of cooperative " + std::to_string(cooperative.value()) +
                    ", found " + context.leg.credit.ToString());
}

Verdict CheckKindOfLeg(const LegContext& context) {
  if (LegFitsKind(context.purpose, context.source, context.leg)) return WellFormed();
  return Refuse(Outcome::kLegNotOfKind, context.fields.debit,
                "expected a leg of " + Text(Name(context.purpose)) +
                    (context.source == LegSource::kByRule ? " by rule" : "") + ", found " +
                    context.leg.debit.ToString() + " to " + context.leg.credit.ToString());
}

// In the order of their outcomes.
constexpr Verdict (*kLegChecks[])(const LegContext&) = {CheckAccounts, CheckSides, CheckLegAmount,
                                                        CheckCooperatives, CheckKindOfLeg};

Verdict CheckLegs(Purpose purpose, LegSource source, std::span<const Leg> legs) {
  if (!IsKnownPurpose(static_cast<uint32_t>(purpose))) {
    return Refuse(
        Outcome::kKindUnknown, "kind",
        "expected a business kind, found number " + std::to_string(static_cast<uint32_t>(purpose)));
  }
  if (legs.empty()) {
    return Refuse(Outcome::kLegsMissing, "debit_account", "expected at least one leg, found none");
  }
  const size_t most = source == LegSource::kByRule ? 1 : kMaxLegs;
  if (legs.size() > most) {
    return Refuse(Outcome::kTooManyLegs, "further_legs",
                  "expected at most " + std::to_string(most) +
                      (most == 1 ? " leg by rule, found " : " legs, found ") +
                      std::to_string(legs.size()));
  }
  if (LegsFit(purpose, source, legs)) return WellFormed();
  // Of several faults the one with the lower number is reported, of several legs the first.
  for (const auto check : kLegChecks) {
    for (size_t i = 0; i < legs.size(); ++i) {
      Verdict verdict = check(
          {.purpose = purpose, .source = source, .leg = legs[i], .fields = FieldsOf(i, source)});
      if (Failed(verdict)) return verdict;
    }
  }
  return WellFormed();
}

// --- settings ---

Verdict CheckCooperative(CooperativeId cooperative, const std::string& field) {
  constexpr uint32_t kMost = (uint32_t{1} << kCooperativeBits) - 1;
  if (cooperative.value() >= 1 && cooperative.value() <= kMost) return WellFormed();
  return Refuse(
      Outcome::kAccountMalformed, field,
      "expected 1 to " + std::to_string(kMost) + ", found " + std::to_string(cooperative.value()));
}

Verdict CheckName(std::string_view name) {
  if (name.size() > kMaxNameBytes) {
    return Refuse(Outcome::kTextTooLong, "name",
                  "expected at most " + std::to_string(kMaxNameBytes) + " bytes, found " +
                      std::to_string(name.size()));
  }
  return WellFormed();
}

Verdict CheckNamePresent(std::string_view name) {
  if (!name.empty()) return WellFormed();
  return Refuse(Outcome::kSettingInvalid, "name", "expected a name, found none");
}

Verdict CheckZone(int16_t minutes) {
  if (minutes >= -720 && minutes <= 840) return WellFormed();
  return Refuse(Outcome::kSettingInvalid, "zone_minutes",
                "expected -720 to 840 minutes east of UTC, found " + std::to_string(minutes));
}

Verdict CheckPolicy(const Policy& policy) {
  struct Rate {
    const char* field;
    uint16_t basis_points;
  };
  for (const Rate& rate :
       {Rate{"policy.vat_basis_points", policy.vat_basis_points},
        Rate{"policy.platform_fee_basis_points", policy.platform_fee_basis_points},
        Rate{"policy.mdr_basis_points", policy.mdr_basis_points}}) {
    if (rate.basis_points > 10'000) {
      return Refuse(Outcome::kSettingInvalid, rate.field,
                    "expected 0 to 10000 basis points, found " + std::to_string(rate.basis_points));
    }
  }
  if (policy.mdr_free_up_to.value() < 0) {
    return Refuse(Outcome::kSettingInvalid, "policy.mdr_free_up_to",
                  "expected 0 or more, found " + Text(policy.mdr_free_up_to));
  }
  if (policy.transfer_fee.value() < 0) {
    return Refuse(Outcome::kSettingInvalid, "policy.transfer_fee",
                  "expected 0 or more, found " + Text(policy.transfer_fee));
  }
  return WellFormed();
}

Verdict CheckLimits(const Limits& limits) {
  if (limits.floor > limits.ceiling) {
    return Refuse(
        Outcome::kSettingInvalid, "limits.floor",
        "expected at most the ceiling, " + Text(limits.ceiling) + ", found " + Text(limits.floor));
  }
  if (limits.per_transaction.value() < 0) {
    return Refuse(Outcome::kSettingInvalid, "limits.per_transaction",
                  "expected 0 or more, found " + Text(limits.per_transaction));
  }
  if (limits.per_day.value() < 0) {
    return Refuse(Outcome::kSettingInvalid, "limits.per_day",
                  "expected 0 or more, found " + Text(limits.per_day));
  }
  return WellFormed();
}

Verdict CheckNumber(uint16_t number, const std::string& field) {
  if (number >= 1) return WellFormed();
  return Refuse(Outcome::kAccountMalformed, field, "expected 1 to 65535, found 0");
}

// --- one function an operation ---

struct Validator {
  Timestamp now;

  Verdict operator()(const Post& post) const {
    Verdict verdict = CheckId(post.header.id, now);
    if (Failed(verdict)) return verdict;
    return CheckParts(post.purpose, post.source, post.header.text, post.legs);
  }
  Verdict operator()(const Hold& hold) const {
    Verdict verdict = CheckId(hold.header.id, now);
    if (Failed(verdict)) return verdict;
    verdict = CheckParts(hold.purpose, LegSource::kExplicit, hold.header.text, hold.legs);
    if (Failed(verdict)) return verdict;
    if (hold.seconds >= 1 && hold.seconds <= kMaxHoldSeconds) return WellFormed();
    return Refuse(Outcome::kHoldSecondsInvalid, "hold_seconds",
                  "expected 1 to " + std::to_string(kMaxHoldSeconds) + " seconds, found " +
                      std::to_string(hold.seconds));
  }
  Verdict operator()(const Capture& capture) const {
    return CheckFollowing(capture.header, capture.hold, capture.amount);
  }
  Verdict operator()(const Void& release) const {
    return CheckFollowing(release.header, release.hold, std::nullopt);
  }
  Verdict operator()(const Refund& refund) const {
    return CheckFollowing(refund.header, refund.original, refund.amount);
  }
  Verdict operator()(const Reverse& reverse) const {
    return CheckFollowing(reverse.header, reverse.original, std::nullopt);
  }
  Verdict operator()(const Resolve& resolve) const {
    Verdict verdict = CheckId(resolve.id, now);
    if (Failed(verdict) || resolve.cooperative.value() == 0) return verdict;
    return CheckCooperative(resolve.cooperative, "cooperative");
  }
  Verdict operator()(const OpenCooperative& open) const {
    Verdict verdict = CheckName(open.name);
    if (!Failed(verdict)) verdict = CheckCooperative(open.cooperative, "number");
    if (!Failed(verdict)) verdict = CheckNamePresent(open.name);
    if (!Failed(verdict)) verdict = CheckZone(open.zone_minutes);
    return Failed(verdict) || !open.policy ? verdict : CheckPolicy(*open.policy);
  }
  Verdict operator()(const OpenBranch& open) const {
    Verdict verdict = CheckName(open.name);
    if (!Failed(verdict)) verdict = CheckCooperative(open.cooperative, "cooperative");
    if (!Failed(verdict)) verdict = CheckNumber(open.branch.value(), "number");
    return Failed(verdict) ? verdict : CheckNamePresent(open.name);
  }
  Verdict operator()(const OpenTerminal& open) const {
    Verdict verdict = CheckName(open.name);
    if (!Failed(verdict)) verdict = CheckCooperative(open.cooperative, "cooperative");
    if (!Failed(verdict)) verdict = CheckNumber(open.branch.value(), "branch");
    return Failed(verdict) ? verdict : CheckNumber(open.terminal.value(), "number");
  }
  Verdict operator()(const OpenAccount& open) const {
    Verdict verdict = CheckAccount(open.account, "account");
    if (!Failed(verdict) && (open.asset.value() < 1 || open.asset.value() > 999)) {
      return Refuse(Outcome::kSettingInvalid, "asset",
                    "expected a numeric code of ISO 4217, 1 to 999, found " +
                        std::to_string(open.asset.value()));
    }
    if (Failed(verdict) || !open.limits) return verdict;
    return CheckLimits(*open.limits);
  }
  Verdict operator()(const SetLimits& set) const {
    Verdict verdict = CheckAccount(set.account, "account");
    return Failed(verdict) ? verdict : CheckLimits(set.limits);
  }
  Verdict operator()(const SetStatus& set) const { return CheckAccount(set.account, "account"); }
  Verdict operator()(const SetPolicy& set) const {
    Verdict verdict = CheckCooperative(set.cooperative, "cooperative");
    return Failed(verdict) ? verdict : CheckPolicy(set.policy);
  }

 private:
  // The kind comes before the text, the text before the legs, as their outcomes do.
  static Verdict CheckParts(Purpose purpose, LegSource source, std::string_view text,
                            std::span<const Leg> legs) {
    Verdict of_legs = CheckLegs(purpose, source, legs);
    if (of_legs.outcome == Outcome::kKindUnknown) return of_legs;
    Verdict of_text = CheckText(text);
    return Failed(of_text) ? of_text : of_legs;
  }
  Verdict CheckFollowing(const Header& header, const TransactionId& related,
                         std::optional<Amount> amount) const {
    Verdict verdict = CheckFormOfId(header.id);
    if (!Failed(verdict)) verdict = CheckFormOfRelated(related);
    if (!Failed(verdict)) verdict = CheckBirthOfId(header.id, now);
    if (!Failed(verdict)) verdict = CheckText(header.text);
    if (!Failed(verdict) && amount) verdict = CheckAmount(*amount, "amount");
    return Failed(verdict) ? verdict : CheckRelated(header.id, related);
  }
};

}  // namespace

Verdict Validate(const Command& command, Timestamp now) {
  return std::visit(Validator{.now = now}, command);
}

}  // namespace lumbung
