#include "engine/state_machine.h"

#include <variant>

#include "engine/attachment.h"
#include "engine/canary.h"
#include "engine/check.h"
#include "engine/fingerprint.h"
#include "engine/posting_rule.h"
#include "engine/scratch.h"

namespace lumbung {

namespace {

// A policy that charges nothing, for the decline of a payer whose cooperative is not open.
constexpr Policy kNoCharges{.mdr_basis_points = 0, .mdr_free_up_to = Amount{0}};

bool IsFence(const IdRecord& record) { return record.outcome == Outcome::kFenced; }

bool IsTooYoung(const TransactionId& id, Timestamp now) {
  const auto birth = id.BirthTime();
  return birth && birth->value() - kMaxClockSkewNs > now.value();
}

// The answer about an id that was spent before.
Result Known(const IdRecord& record) {
  return {.outcome = record.outcome, .duplicate = true, .sequence = record.sequence};
}

// The first leg of a command that brings legs, or an empty one: of a malformed command too.
Leg LegOf(const Command& command) {
  std::span<const Leg> legs;
  if (const Post* post = std::get_if<Post>(&command)) legs = post->legs;
  if (const Hold* hold = std::get_if<Hold>(&command)) legs = hold->legs;
  return legs.empty() ? Leg{} : legs[0];
}

}  // namespace

StateMachine::StateMachine(State& state, IdWindow& ids, OriginalSource& originals)
    : state_(state),
      ids_(ids),
      originals_(originals),
      scratch_(std::make_unique<Scratch>(state.data())) {}

StateMachine::~StateMachine() = default;

Result StateMachine::Apply(const Command& command, const Lookups& lookups, Timestamp now,
                           BlockWriter& out) {
  return std::visit(
      [&](const auto& operation) -> Result {
        using Operation = std::decay_t<decltype(operation)>;
        if constexpr (std::is_same_v<Operation, struct Hold>) {
          // The sequence is known only now; by the time the hold is placed, its slot has arrived.
          state_.data().holds.PrefetchSlot(out.next().value());
        }
        if constexpr (requires { operation.header; }) {
          const uint64_t fingerprint = Fingerprint(operation);
          Result result = RefuseKnown(operation.header.id, lookups, fingerprint, now);
          if (result.outcome != Outcome::kNone) return result;
          result = Execute(operation, lookups, now, out);
          if (IsRefused(result.outcome)) [[unlikely]]
            return result;  // nothing was written, and the id stays free
          ids_.Insert(
              operation.header.id,
              {.sequence = result.sequence, .outcome = result.outcome, .fingerprint = fingerprint},
              now);
          return result;
        } else if constexpr (std::is_same_v<Operation, struct Resolve>) {
          return Execute(operation, lookups, now, out);
        } else {
          return scratch_->facts.Execute(operation, now, out);
        }
      },
      command);
}

Result StateMachine::RefuseKnown(const TransactionId& id, const Lookups& lookups,
                                 uint64_t fingerprint, Timestamp now) const {
  if (const auto record = ids_.Find(id, lookups.id)) [[unlikely]] {
    if (IsFence(*record)) return {.outcome = Outcome::kFenced, .sequence = record->sequence};
    if (record->fingerprint != fingerprint && !Sings(Canary::kConflictForDuplicate)) {
      return {.outcome = Outcome::kIdConflict};
    }
    return Known(*record);
  }
  if (IsTooYoung(id, now)) return {.outcome = Outcome::kIdFromTheFuture};
  return {};
}

Result StateMachine::Execute(const Post& post, const Lookups&, Timestamp now, BlockWriter& out) {
  Posting& posting = scratch_->posting;
  posting.Clear();
  if (post.source == LegSource::kByRule) {
    const Leg& requested = post.legs[0];
    const Cooperative* cooperative = state_.FindCooperative(requested.debit.cooperative());
    const Expansion expansion =
        Expand(post.purpose, requested, cooperative == nullptr ? kNoCharges : cooperative->policy);
    for (size_t i = 0; i < expansion.count; ++i) {
      const ExpandedLeg& leg = expansion.legs[i];
      posting.Add(leg.leg.debit, leg.leg.credit, leg.leg.amount, leg.flags);
    }
  } else {
    for (const Leg& leg : post.legs) posting.Add(leg.debit, leg.credit, leg.amount, 0);
  }
  Transaction transaction = TransactionOf(Step::kPost, post.purpose, post.header);
  if (post.header.text.empty()) [[likely]]
    return posting.Record(transaction, now, out);
  Attachment attachment;
  attachment.text = post.header.text;
  Attach(attachment, transaction);
  return posting.Record(transaction, now, out);
}

Result StateMachine::Execute(const Hold& hold, const Lookups&, Timestamp now, BlockWriter& out) {
  Posting& posting = scratch_->posting;
  posting.Clear();
  for (const Leg& leg : hold.legs) posting.Add(leg.debit, leg.credit, leg.amount, 0);
  Attachment attachment;
  attachment.text = hold.header.text;
  Transaction transaction = TransactionOf(Step::kHold, hold.purpose, hold.header);
  Attach(attachment, transaction);
  transaction.deadline = SecondsRoundedUp(now) + hold.seconds;
  const Result result = posting.Record(transaction, now, out);
  if (result.outcome != Outcome::kAccepted) return result;
  for (size_t i = 0; i < posting.legs().size(); ++i) {
    const PlannedLeg& leg = posting.legs()[i];
    const Sequence sequence{result.sequence.value() + i};
    HoldRecord record;
    record.sequence = sequence;
    record.id = hold.header.id;
    record.debit = leg.debit;
    record.credit = leg.credit;
    record.amount = leg.amount;
    record.changed_sequence = sequence;
    record.deadline = transaction.deadline;
    record.purpose = hold.purpose;
    record.leg_index = static_cast<uint8_t>(i);
    record.leg_count = result.leg_count;
    record.date = leg.debit_account->last_date;
    state_.data().PlaceHold(record);
  }
  return result;
}

Result StateMachine::Execute(const Capture& capture, const Lookups& lookups, Timestamp now,
                             BlockWriter& out) {
  return scratch_->holds.Capture(capture, ids_.Find(capture.hold, lookups.related), now, out);
}

Result StateMachine::Execute(const Void& release, const Lookups& lookups, Timestamp now,
                             BlockWriter& out) {
  return scratch_->holds.Void(release, ids_.Find(release.hold, lookups.related), now, out);
}

Result StateMachine::Execute(const Refund& refund, const Lookups& lookups, Timestamp now,
                             BlockWriter& out) {
  return scratch_->reversals.Refund(refund, ids_.Find(refund.original, lookups.related), originals_,
                                    now, out);
}

Result StateMachine::Execute(const Reverse& reverse, const Lookups& lookups, Timestamp now,
                             BlockWriter& out) {
  return scratch_->reversals.Reverse(reverse, ids_.Find(reverse.original, lookups.related),
                                     originals_, now, out);
}

Result StateMachine::Execute(const Resolve& resolve, const Lookups& lookups, Timestamp now,
                             BlockWriter& out) {
  if (const auto record = ids_.Find(resolve.id, lookups.id)) return Known(*record);
  if (resolve.if_unknown == Resolve::IfUnknown::kReport) return {};
  if (IsTooYoung(resolve.id, now)) return {.outcome = Outcome::kIdFromTheFuture};
  const bool told = resolve.cooperative.value() != 0;
  if (told && state_.FindCooperative(resolve.cooperative) == nullptr) {
    // Not recorded: a recorded decline would spend the id, as the fence was to do.
    return {.outcome = Outcome::kCooperativeUnknown};
  }
  const Sequence sequence = out.next();
  Entry& entry = out.Append(1, 0)[0];
  Transaction fence;
  fence.kind = EntryKind::Of(Step::kFence, Purpose::kNone);
  fence.id = resolve.id;
  fence.evidence = resolve.evidence;
  Describe(fence, 0, 1, now, entry);
  entry.outcome = Outcome::kFenced;
  entry.debit_account =
      AccountId::From({.cooperative = resolve.cooperative, .code = {}, .holder = {}});
  state_.data().last_sequence = sequence;
  state_.data().last_timestamp = now;
  ids_.Insert(resolve.id, {.sequence = sequence, .outcome = Outcome::kFenced}, now);
  return {.outcome = Outcome::kFenced, .leg_count = 1, .sequence = sequence, .timestamp = now};
}

size_t StateMachine::ExpireHolds(Timestamp now, size_t limit, BlockWriter& out) {
  return scratch_->holds.Expire(now, limit, out);
}

std::optional<Timestamp> StateMachine::NextDeadline() const {
  return scratch_->holds.NextDeadline();
}

// A record's place is known only when its slot has arrived. So the slots are asked for at once, and
// the records those commands later for which Prefetch is called next.
void StateMachine::Prefetch(const Command& command) const {
  PrefetchQueue& queue = scratch_->prefetch;
  State::Data& data = state_.data();
  const Leg& earlier = queue.Exchange(LegOf(command));
  if (earlier.debit.value() != 0) {
    data.accounts.PrefetchRecord(earlier.debit.value());
    data.accounts.PrefetchRecord(earlier.credit.value());
  }
  const Leg leg = LegOf(command);
  if (leg.debit.value() != 0) {
    data.accounts.PrefetchSlot(leg.debit.value());
    data.accounts.PrefetchSlot(leg.credit.value());
  }
  std::visit(
      [this](const auto& operation) {
        if constexpr (requires { operation.header; }) ids_.Prefetch(operation.header.id);
      },
      command);
}

}  // namespace lumbung
