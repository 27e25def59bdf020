#include "engine/outcome.h"

#include <array>

namespace lumbung {

namespace {

struct Line {
  Outcome outcome;
  std::string_view name;
  std::string_view sentence;
};

// In the order of the numbers.
constexpr Line kLines[] = {
    {Outcome::kAccepted, "ACCEPTED", "It is recorded in the ledger."},

    {Outcome::kIdMissing, "ID_MISSING", "The transaction has no id."},
    {Outcome::kIdMalformed, "ID_MALFORMED", "The id is not a UUID of RFC 9562."},
    {Outcome::kIdFromTheFuture, "ID_FROM_THE_FUTURE",
     "The id is a UUIDv7 made more than 5 minutes ahead of the server's clock."},
    {Outcome::kKindUnknown, "KIND_UNKNOWN", "There is no such business kind."},
    {Outcome::kTextTooLong, "TEXT_TOO_LONG", "A text has more than 64 bytes."},
    {Outcome::kLegsMissing, "LEGS_MISSING", "The transaction moves nothing: it has no leg."},
    {Outcome::kTooManyLegs, "TOO_MANY_LEGS", "The transaction has more legs than it may."},
    {Outcome::kAccountMalformed, "ACCOUNT_MALFORMED",
     "A part of an account's number is out of range, or its code is not in the chart of accounts."},
    {Outcome::kSameAccount, "SAME_ACCOUNT", "A leg's debit account is also its credit account."},
    {Outcome::kAmountNotPositive, "AMOUNT_NOT_POSITIVE", "An amount is zero or negative."},
    {Outcome::kCooperativesMixed, "COOPERATIVES_MIXED",
     "A leg joins two cooperatives, which only a transfer by rule may do."},
    {Outcome::kLegNotOfKind, "LEG_NOT_OF_KIND", "The business kind has no such leg."},
    {Outcome::kHoldSecondsInvalid, "HOLD_SECONDS_INVALID",
     "A hold lasts at least one second and at most 30 days."},
    {Outcome::kRelatedMissing, "RELATED_MISSING", "The id of the hold or original is missing."},
    {Outcome::kRelatedIsItself, "RELATED_IS_ITSELF",
     "The transaction names itself as its hold or original."},
    {Outcome::kNotPermitted, "NOT_PERMITTED", "The caller may not do this."},
    {Outcome::kSettingInvalid, "SETTING_INVALID", "A setting is out of its range."},
    {Outcome::kFieldNotOfStep, "FIELD_NOT_OF_STEP",
     "A field is set that means nothing in this step."},
    {Outcome::kIdConflict, "ID_CONFLICT", "It was used before with other content."},
    {Outcome::kOriginalUnreadable, "ORIGINAL_UNREADABLE",
     "The server can't read the original's entries in its ledger."},

    {Outcome::kFenced, "FENCED", "The id was fenced and can't be used any more."},
    {Outcome::kCooperativeUnknown, "COOPERATIVE_UNKNOWN", "The cooperative is not open."},
    {Outcome::kBranchUnknown, "BRANCH_UNKNOWN", "The cooperative has no such branch."},
    {Outcome::kTerminalUnknown, "TERMINAL_UNKNOWN",
     "The cooperative has no such terminal, or it stands at another branch."},
    {Outcome::kRelatedUnknown, "RELATED_UNKNOWN", "No transaction has the id of the original."},
    {Outcome::kRelatedNotHold, "RELATED_NOT_HOLD", "What the id names is not an accepted hold."},
    {Outcome::kRelatedNotPosted, "RELATED_NOT_POSTED",
     "What the id names posted nothing that could be given back."},
    {Outcome::kHoldCaptured, "HOLD_CAPTURED", "The hold was captured before."},
    {Outcome::kHoldVoided, "HOLD_VOIDED", "The hold was voided before."},
    {Outcome::kHoldExpired, "HOLD_EXPIRED", "The hold's deadline has passed."},
    {Outcome::kCaptureExceedsHold, "CAPTURE_EXCEEDS_HOLD", "It would take more than was held."},
    {Outcome::kCaptureNotWhole, "CAPTURE_NOT_WHOLE",
     "A hold of several legs can only be captured as a whole."},
    {Outcome::kOriginalReversed, "ORIGINAL_REVERSED", "The original was reversed before."},
    {Outcome::kOriginalRefunded, "ORIGINAL_REFUNDED",
     "The original has refunds, so it can't be reversed as a whole."},
    {Outcome::kRefundExceedsOriginal, "REFUND_EXCEEDS_ORIGINAL",
     "All refunds together would exceed the original."},
    {Outcome::kDebitAccountUnknown, "DEBIT_ACCOUNT_UNKNOWN", "The debit account is not open."},
    {Outcome::kCreditAccountUnknown, "CREDIT_ACCOUNT_UNKNOWN", "The credit account is not open."},
    {Outcome::kAssetMismatch, "ASSET_MISMATCH", "The accounts of a leg are of different assets."},
    {Outcome::kDebitAccountClosed, "DEBIT_ACCOUNT_CLOSED", "The debit account is closed."},
    {Outcome::kCreditAccountClosed, "CREDIT_ACCOUNT_CLOSED", "The credit account is closed."},
    {Outcome::kDebitAccountFrozen, "DEBIT_ACCOUNT_FROZEN", "The debit account is frozen."},
    {Outcome::kCreditAccountFrozen, "CREDIT_ACCOUNT_FROZEN", "The credit account is frozen."},
    {Outcome::kDebitNotAllowed, "DEBIT_NOT_ALLOWED",
     "Share capital leaves only with its member, and income only by refund, reversal or closing."},
    {Outcome::kTransactionLimit, "TRANSACTION_LIMIT",
     "The amount is over the limit of one transaction."},
    {Outcome::kDailyLimit, "DAILY_LIMIT",
     "The amount is over what may still be taken out on this business day."},
    {Outcome::kOverflow, "OVERFLOW", "A sum would not fit into 64 bits."},
    {Outcome::kInsufficientFunds, "INSUFFICIENT_FUNDS", "There is not enough money available."},
    {Outcome::kBalanceCeiling, "BALANCE_CEILING",
     "The balance would rise above what the account may hold."},
    {Outcome::kAccountNotEmpty, "ACCOUNT_NOT_EMPTY",
     "Only an account without balance and holds can be closed."},
};

constexpr auto kOutcomes = [] {
  std::array<Outcome, std::size(kLines)> outcomes{};
  for (size_t i = 0; i < outcomes.size(); ++i) outcomes[i] = kLines[i].outcome;
  return outcomes;
}();

const Line* Find(Outcome outcome) {
  for (const Line& line : kLines) {
    if (line.outcome == outcome) return &line;
  }
  return nullptr;
}

}  // namespace

std::span<const Outcome> AllOutcomes() { return kOutcomes; }

std::string_view Name(Outcome outcome) {
  if (outcome == Outcome::kNone) return "UNSPECIFIED";
  const Line* line = Find(outcome);
  return line == nullptr ? "?" : line->name;
}

std::string_view Explain(Outcome outcome) {
  const Line* line = Find(outcome);
  return line == nullptr ? "" : line->sentence;
}

}  // namespace lumbung
