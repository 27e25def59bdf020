#include "engine/holds.h"

#include "engine/attachment.h"
#include "engine/canary.h"
#include "engine/check.h"

namespace lumbung {

namespace {

Outcome OutcomeOf(HoldState state) {
  switch (state) {
    case HoldState::kOpen:
      return Outcome::kAccepted;
    case HoldState::kCaptured:
      return Outcome::kHoldCaptured;
    case HoldState::kVoided:
      return Outcome::kHoldVoided;
    case HoldState::kExpired:
      return Outcome::kHoldExpired;
  }
  return Outcome::kNone;
}

}  // namespace

uint32_t SecondsOf(Timestamp time) {
  const int64_t seconds = time.value() / kNsPerSecond;
  LUMBUNG_CHECK(time.value() >= 0 && seconds <= int64_t{UINT32_MAX} - kMaxHoldSeconds);
  return static_cast<uint32_t>(seconds);
}

uint32_t SecondsRoundedUp(Timestamp time) {
  return SecondsOf(Timestamp{time.value() + kNsPerSecond - 1});
}

void Holds::Plan(HoldRef first) {
  posting_.Clear();
  for (uint64_t i = 0; i < first->leg_count; ++i) {
    const HoldRef leg = i == 0 ? first : data_.holds.Find(first->sequence.value() + i);
    LUMBUNG_CHECK(leg);
    posting_.Add(leg->debit, leg->credit, leg->amount, 0).hold = leg;
  }
}

Outcome Holds::Check(const Header& header, const std::optional<IdRecord>& hold, Timestamp now,
                     Transaction& transaction) {
  posting_.Clear();
  if (!hold) return Outcome::kRelatedUnknown;
  transaction.related = hold->sequence;
  const HoldRef first = data_.holds.Find(hold->sequence.value());
  if (!first) return Outcome::kRelatedNotHold;
  transaction.kind = EntryKind::Of(transaction.kind.step(), first->purpose);
  Plan(first);
  const Outcome evidence = posting_.CheckEvidence(first->debit.cooperative(), header.evidence);
  if (evidence != Outcome::kAccepted) return evidence;
  const Outcome outcome = OutcomeOf(first->state);
  if (outcome != Outcome::kAccepted) return outcome;
  return first->deadline <= SecondsOf(now) ? Outcome::kHoldExpired : Outcome::kAccepted;
}

Outcome Holds::PlanAmount(std::optional<Amount> amount) {
  if (!amount) return Outcome::kAccepted;
  int64_t total = 0;  // fits: it was checked when the hold was placed
  for (const PlannedLeg& leg : posting_.legs()) total += leg.amount.value();
  if (amount->value() > total) return Outcome::kCaptureExceedsHold;
  if (posting_.legs().size() == 1) {
    posting_.SetFirstAmount(*amount);
  } else if (amount->value() < total) {
    return Outcome::kCaptureNotWhole;
  }
  return Outcome::kAccepted;
}

Result Holds::Capture(const struct Capture& capture, std::optional<IdRecord> hold, Timestamp now,
                      BlockWriter& out) {
  const Attachment attachment{.text = capture.header.text, .related = capture.hold};
  Transaction transaction = TransactionOf(Step::kCapture, Purpose::kNone, capture.header);
  Attach(attachment, transaction);
  if (!capture.amount) transaction.flags |= kFlagWhole;
  Outcome outcome = Check(capture.header, hold, now, transaction);
  if (outcome == Outcome::kAccepted) outcome = PlanAmount(capture.amount);
  if (outcome != Outcome::kAccepted) {
    return posting_.Decline(transaction, outcome, capture.amount.value_or(Amount{0}), now, out);
  }
  const Result result = posting_.Record(transaction, now, out);
  if (result.outcome != Outcome::kAccepted) return result;
  for (size_t i = 0; i < posting_.legs().size(); ++i) {
    data_.EndHold(posting_.legs()[i].hold, HoldState::kCaptured,
                  Sequence{result.sequence.value() + i});
  }
  return result;
}

Result Holds::Void(const struct Void& release, std::optional<IdRecord> hold, Timestamp now,
                   BlockWriter& out) {
  const Attachment attachment{.text = release.header.text, .related = release.hold};
  Transaction transaction = TransactionOf(Step::kVoid, Purpose::kNone, release.header);
  Attach(attachment, transaction);
  const Outcome outcome = Check(release.header, hold, now, transaction);
  if (outcome == Outcome::kAccepted) {
    return posting_.Release(transaction, HoldState::kVoided, now, out);
  }
  return posting_.Decline(transaction, outcome, Amount{0}, now, out);
}

HoldRef Holds::Earliest() {
  while (const auto top = data_.deadlines.Top()) {
    const HoldRef hold = data_.holds.RefOf(top->number);
    if (hold->state == HoldState::kOpen) return hold;
    if (Sings(Canary::kExpiredTwice) && hold->state == HoldState::kVoided) return hold;
    data_.deadlines.Pop();
  }
  return {};
}

std::optional<Timestamp> Holds::NextDeadline() {
  const HoldRef hold = Earliest();
  if (!hold) return std::nullopt;
  return Timestamp{hold->deadline * kNsPerSecond};
}

// An expiry has no id of its own, since nobody asked for it; it names the hold.
size_t Holds::Expire(Timestamp now, size_t limit, BlockWriter& out) {
  size_t expired = 0;
  for (; expired < limit; ++expired) {
    const HoldRef hold = Earliest();
    if (!hold || hold->deadline > SecondsOf(now)) break;
    Plan(hold);
    Attachment attachment;
    attachment.related = hold->id;
    Transaction transaction;
    transaction.kind = EntryKind::Of(Step::kExpire, hold->purpose);
    transaction.related = hold->sequence;
    Attach(attachment, transaction);
    posting_.Release(transaction, HoldState::kExpired, now, out);
  }
  return expired;
}

}  // namespace lumbung
