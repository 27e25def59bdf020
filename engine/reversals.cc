// How a refund is split over the legs of its original. Let the requested legs (without fees and
// clearing halves) be w1 … wn and W their sum. Share(R) gives each leg its part of R: the first
// gets R * w1 / W, rounded to the nearest; of what remains, the second gets its part in proportion
// to w2 … wn; and so on. A refund of A after R gives each leg Share(R + A) - Share(R).
//
// Share is monotone in each leg, since of two parts exactly one grows when R grows by one; and
// Share(W) is w1 … wn. So no part is negative, and several refunds that amount to W together give
// each leg back exactly, whatever their sizes, unless one of them was reversed. (Largest remainder
// over all legs at once would not do: by the Alabama paradox a leg's part can shrink when R grows.)
// Only the sum is remembered: each reversal of a refund can leave a leg's part one unit off, and
// these units add up, while the sum stays exact.
#include "engine/reversals.h"

#include <array>

#include "engine/attachment.h"
#include "engine/check.h"
#include "engine/posting_rule.h"

namespace lumbung {

namespace {

constexpr uint16_t kRuleFlags = kFlagByRule | kFlagPart | kFlagClearing | kFlagFee;

bool IsRequested(const Entry& leg) { return (leg.flags & (kFlagClearing | kFlagFee)) == 0; }

// The parts of `refunded` by leg, 0 for those that were not requested.
void Share(std::span<const Entry> legs, Amount refunded, std::span<Amount> parts) {
  Amount weight_left = RequestedAmount(legs);
  Amount left = refunded;
  for (size_t i = 0; i < legs.size(); ++i) {
    parts[i] = Amount{0};
    if (!IsRequested(legs[i])) continue;
    const std::array<Amount, 2> weights = {legs[i].amount,
                                           Amount{weight_left.value() - legs[i].amount.value()}};
    std::array<Amount, 2> split;
    Split(left, weights, split);
    parts[i] = split[0];
    left = split[1];
    weight_left = weights[1];
  }
}

bool CanBeRefunded(Step step) { return step == Step::kPost || step == Step::kCapture; }
bool CanBeReversed(Step step) { return CanBeRefunded(step) || step == Step::kRefund; }

}  // namespace

std::optional<Amount> CheckedRequestedAmount(std::span<const Entry> legs) {
  std::optional<Amount> sum{Amount{0}};
  for (const Entry& leg : legs) {
    if (sum && IsRequested(leg)) sum = CheckedAdd(*sum, leg.amount);
  }
  return sum;
}

Amount RequestedAmount(std::span<const Entry> legs) {
  const std::optional<Amount> sum = CheckedRequestedAmount(legs);
  LUMBUNG_CHECK(sum.has_value());  // it was checked when the original was posted
  return *sum;
}

Outcome Reversals::Read(const Header& header, const std::optional<IdRecord>& original,
                        OriginalSource& source, Transaction& transaction) {
  posting_.Clear();
  if (!original) return Outcome::kRelatedUnknown;
  transaction.related = original->sequence;
  if (original->outcome != Outcome::kAccepted) return Outcome::kRelatedNotPosted;
  if (!source.ReadTransaction(original->sequence, original_)) return Outcome::kOriginalUnreadable;
  LUMBUNG_CHECK(!original_.empty() && original_.size() == original_[0].leg_count);
  const Entry& first = original_[0];
  transaction.kind = EntryKind::Of(transaction.kind.step(), first.kind.purpose());
  const bool refunds = transaction.kind.step() == Step::kRefund;
  if (refunds) {
    posting_.Add(first.credit_account, first.debit_account, Amount{0}, 0);
  } else {
    PlanReversal();
  }
  const Outcome evidence =
      posting_.CheckEvidence(posting_.legs()[0].debit.cooperative(), header.evidence);
  if (evidence != Outcome::kAccepted) return evidence;
  const bool fits = refunds ? CanBeRefunded(first.kind.step()) : CanBeReversed(first.kind.step());
  if (!fits) return Outcome::kRelatedNotPosted;
  const FollowUpRef follow_up = data_.follow_ups.Find(original->sequence.value());
  if (follow_up && follow_up->reversed != 0) return Outcome::kOriginalReversed;
  return Outcome::kAccepted;
}

void Reversals::PlanRefund(Amount refunded, Amount amount) {
  std::array<Amount, kMaxLegs> before;
  std::array<Amount, kMaxLegs> after;
  const size_t count = original_.size();
  Share(original_, refunded, std::span(before).first(count));
  Share(original_, Amount{refunded.value() + amount.value()}, std::span(after).first(count));
  posting_.Clear();
  Amount part;
  for (size_t i = 0; i < count; ++i) {
    const Entry& leg = original_[i];
    if ((leg.flags & kFlagFee) != 0) continue;
    // A clearing half has the amount of the leg before it.
    if ((leg.flags & kFlagClearing) == 0) {
      part = Amount{after[i].value() - before[i].value()};
    }
    if (part.value() == 0) continue;
    posting_.Add(leg.credit_account, leg.debit_account, part,
                 static_cast<uint16_t>(leg.flags & kRuleFlags));
  }
}

Result Reversals::Refund(const struct Refund& refund, std::optional<IdRecord> original,
                         OriginalSource& source, Timestamp now, BlockWriter& out) {
  const Attachment attachment{.text = refund.header.text, .related = refund.original};
  Transaction transaction = TransactionOf(Step::kRefund, Purpose::kNone, refund.header);
  Attach(attachment, transaction);
  if (!refund.amount) transaction.flags |= kFlagWhole;
  Outcome outcome = Read(refund.header, original, source, transaction);
  Amount amount = refund.amount.value_or(Amount{0});
  Amount refunded;
  if (outcome == Outcome::kAccepted) {
    const FollowUpRef follow_up = data_.follow_ups.Find(original->sequence.value());
    if (follow_up) refunded = follow_up->refunded;
    const Amount left{RequestedAmount(original_).value() - refunded.value()};
    if (!refund.amount) amount = left;
    if (amount > left || amount.value() == 0) outcome = Outcome::kRefundExceedsOriginal;
  }
  if (IsRefused(outcome)) return {.outcome = outcome};
  if (outcome != Outcome::kAccepted) {
    return posting_.Decline(transaction, outcome, refund.amount.value_or(Amount{0}), now, out);
  }
  PlanRefund(refunded, amount);
  const Result result = posting_.Record(transaction, now, out);
  if (result.outcome == Outcome::kAccepted) {
    data_.AddRefunded(original->sequence, amount, result.sequence);
  }
  return result;
}

// From the last leg to the first, so that money flows back the way it came; but a clearing half
// stays behind its leg.
void Reversals::PlanReversal() {
  posting_.Clear();
  const auto mirror = [this](const Entry& leg) {
    posting_.Add(leg.credit_account, leg.debit_account, leg.amount,
                 static_cast<uint16_t>(leg.flags & kRuleFlags));
  };
  for (size_t i = original_.size(); i > 0; --i) {
    if ((original_[i - 1].flags & kFlagClearing) != 0) continue;
    mirror(original_[i - 1]);
    if (i < original_.size() && (original_[i].flags & kFlagClearing) != 0) mirror(original_[i]);
  }
}

Result Reversals::Reverse(const struct Reverse& reverse, std::optional<IdRecord> original,
                          OriginalSource& source, Timestamp now, BlockWriter& out) {
  Attachment attachment{.text = reverse.header.text, .related = reverse.original};
  Transaction transaction = TransactionOf(Step::kReverse, Purpose::kNone, reverse.header);
  Outcome outcome = Read(reverse.header, original, source, transaction);
  if (outcome == Outcome::kAccepted) {
    const FollowUpRef follow_up = data_.follow_ups.Find(original->sequence.value());
    if (follow_up && follow_up->refunded.value() > 0) outcome = Outcome::kOriginalRefunded;
  }
  if (IsRefused(outcome)) return {.outcome = outcome};
  if (outcome != Outcome::kAccepted) {
    Attach(attachment, transaction);
    return posting_.Decline(transaction, outcome, Amount{0}, now, out);
  }
  const bool of_refund = original_[0].kind.step() == Step::kRefund;
  if (of_refund) attachment.refund_of = original_[0].related;
  Attach(attachment, transaction);
  const Result result = posting_.Record(transaction, now, out);
  if (result.outcome != Outcome::kAccepted) return result;
  data_.SetReversed(original->sequence, result.sequence);
  if (of_refund) {
    const Amount refunded = RequestedAmount(original_);
    data_.AddRefunded(original_[0].related, Amount{-refunded.value()}, result.sequence);
  }
  return result;
}

}  // namespace lumbung
