#include "engine/replay.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/attachment.h"
#include "engine/chart.h"
#include "engine/fingerprint.h"
#include "engine/reversals.h"
#include "engine/state_data.h"

namespace lumbung {

namespace {

absl::Status Broken(Sequence sequence, const std::string& what) {
  return absl::DataLossError("entry " + std::to_string(sequence.value()) + ": " + what);
}

std::string Numbers(const char* what, int64_t expected, int64_t found) {
  return std::string(what) + ": expected " + std::to_string(expected) + ", found " +
         std::to_string(found);
}

// How many entries ahead memory is asked for: first the place in a table, then what it leads to.
constexpr size_t kSlotsAhead = 24;
constexpr size_t kRecordsAhead = 12;

Sequence At(Sequence first, size_t index) { return Sequence{first.value() + index}; }

// The legs of one transaction (or one fact), and where they stand.
struct Legs {
  Sequence first;
  std::span<const Entry> entries;
  std::span<const std::byte> attachment;
  const Attachment& decoded;
};

// Applies one transaction to the state. An object whose own sequence is not older than the entry
// has its effect already: it came from a checkpoint's image that is newer than the watermark. An
// account that is older is exact, so what the entry says about it must be true.
class Applier {
 public:
  Applier(State::Data& data, const Legs& legs) : data_(data), legs_(legs) {}

  absl::Status Run() {
    const Entry& first = legs_.entries[0];
    if (first.outcome != Outcome::kAccepted) return CheckDecline();
    switch (first.kind.step()) {
      case Step::kPost:
        return Post(Counting::kCounted);
      case Step::kRefund:
        return Refund();
      case Step::kReverse:
        return Reverse();
      case Step::kHold:
        return Hold();
      case Step::kCapture:
        return Capture();
      case Step::kVoid:
        return Release(HoldState::kVoided);
      case Step::kExpire:
        return Release(HoldState::kExpired);
      case Step::kFact:
        return Fact();
      case Step::kNone:
      case Step::kFence:
        break;
    }
    return Broken(legs_.first, "an accepted entry of a step that can't be accepted");
  }

 private:
  bool IsOlder(AccountRef account, Sequence sequence) const {
    return account && account->last_sequence < sequence;
  }
  Moment MomentOf(size_t leg) const {
    return {.sequence = At(legs_.first, leg), .time = legs_.entries[leg].timestamp};
  }

  // --- one side of an entry ---
  static absl::Status Check(Sequence sequence, const char* what, Amount recorded, Amount exact) {
    if (recorded == exact) return absl::OkStatus();
    return Broken(sequence, Numbers(what, exact.value(), recorded.value()));
  }
  static absl::Status Check(Sequence sequence, const char* what, Sequence recorded,
                            Sequence exact) {
    if (recorded == exact) return absl::OkStatus();
    return Broken(sequence, Numbers(what, static_cast<int64_t>(exact.value()),
                                    static_cast<int64_t>(recorded.value())));
  }
  absl::Status FindBoth(size_t leg, AccountRef& debit, AccountRef& credit) {
    const Entry& entry = legs_.entries[leg];
    debit = data_.accounts.Find(entry.debit_account.value());
    credit = data_.accounts.Find(entry.credit_account.value());
    if (!debit || !credit) {
      return Broken(At(legs_.first, leg), "it moves money of an account that was never opened");
    }
    if (debit.number == credit.number) {
      return Broken(At(legs_.first, leg), "it moves money from an account to itself");
    }
    return absl::OkStatus();
  }
  // A side that the entry does not change.
  absl::Status CheckStanding(Sequence sequence, AccountId id, Amount recorded,
                             const char* what) const {
    const AccountRef account = data_.accounts.Find(id.value());
    if (!account) return Check(sequence, what, recorded, Amount{0});
    if (!IsOlder(account, sequence)) return absl::OkStatus();
    return Check(sequence, what, recorded, account->balance());
  }
  static bool Fits(Amount sum, const Entry& entry) {
    return entry.amount.value() > 0 && CheckedAdd(sum, entry.amount);
  }

  absl::Status Debit(size_t leg, AccountRef account, Counting counting, const HoldRecord* hold) {
    const Sequence sequence = At(legs_.first, leg);
    const Entry& entry = legs_.entries[leg];
    if (!IsOlder(account, sequence)) return absl::OkStatus();
    if (!Fits(account->debits_posted, entry))
      return Broken(sequence, "an amount that does not fit");
    absl::Status status = Check(sequence, "previous entry of the debit account",
                                entry.debit_previous, account->last_sequence);
    if (!status.ok()) return status;
    data_.Touch(account, MomentOf(leg));
    if (hold != nullptr) ReleaseHeld(*account, *hold, entry.amount);
    PostDebit(*account, entry.amount, counting);
    return Check(sequence, "balance of the debit account", entry.debit_balance, account->balance());
  }
  absl::Status Credit(size_t leg, AccountRef account, Counting counting) {
    const Sequence sequence = At(legs_.first, leg);
    const Entry& entry = legs_.entries[leg];
    if (!IsOlder(account, sequence)) return absl::OkStatus();
    if (!Fits(account->credits_posted, entry))
      return Broken(sequence, "an amount that does not fit");
    absl::Status status = Check(sequence, "previous entry of the credit account",
                                entry.credit_previous, account->last_sequence);
    if (!status.ok()) return status;
    data_.Touch(account, MomentOf(leg));
    PostCredit(*account, entry.amount, counting);
    return Check(sequence, "balance of the credit account", entry.credit_balance,
                 account->balance());
  }

  // --- one function a step ---
  absl::Status CheckDecline() {
    const Entry& first = legs_.entries[0];
    if (!IsDeclined(first.outcome) || Explain(first.outcome).empty()) {
      return Broken(legs_.first, Numbers("an outcome that is never recorded", 1,
                                         static_cast<int64_t>(first.outcome)));
    }
    for (size_t i = 0; i < legs_.entries.size(); ++i) {
      const Entry& entry = legs_.entries[i];
      const Sequence sequence = At(legs_.first, i);
      absl::Status status = CheckStanding(sequence, entry.debit_account, entry.debit_balance,
                                          "balance of the debit account");
      if (status.ok()) {
        status = CheckStanding(sequence, entry.credit_account, entry.credit_balance,
                               "balance of the credit account");
      }
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Post(Counting counting) {
    for (size_t i = 0; i < legs_.entries.size(); ++i) {
      AccountRef debit;
      AccountRef credit;
      absl::Status status = FindBoth(i, debit, credit);
      if (status.ok()) status = Debit(i, debit, counting, nullptr);
      if (status.ok()) status = Credit(i, credit, counting);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  bool IsFollowUpOlder(Sequence original) const {
    const FollowUpRef known = data_.follow_ups.Find(original.value());
    return !known || known->changed_sequence < legs_.first;
  }

  absl::Status Refund() {
    absl::Status status = Post(Counting::kExempt);
    if (!status.ok()) return status;
    return ChangeRefunded(legs_.entries[0].related, CheckedRequestedAmount(legs_.entries));
  }

  // Adds to what was refunded of an original; takes away from it if `amount` is negative.
  absl::Status ChangeRefunded(Sequence original, std::optional<Amount> amount) {
    if (!IsFollowUpOlder(original)) return absl::OkStatus();
    const FollowUpRef known = data_.follow_ups.Find(original.value());
    const std::optional<Amount> sum =
        amount ? CheckedAdd(known ? known->refunded : Amount{0}, *amount) : std::nullopt;
    if (!sum || sum->value() < 0) {
      return Broken(legs_.first, "refunds of entry " + std::to_string(original.value()) +
                                     " that add up to no amount");
    }
    data_.AddRefunded(original, *amount, legs_.first);
    return absl::OkStatus();
  }

  absl::Status Reverse() {
    absl::Status status = Post(Counting::kExempt);
    if (!status.ok()) return status;
    const Sequence original = legs_.entries[0].related;
    if (IsFollowUpOlder(original)) data_.SetReversed(original, legs_.first);
    if (!legs_.decoded.refund_of) return absl::OkStatus();
    const std::optional<Amount> refunded = CheckedRequestedAmount(legs_.entries);
    return ChangeRefunded(*legs_.decoded.refund_of,
                          refunded ? CheckedSubtract(Amount{0}, *refunded) : std::nullopt);
  }

  absl::Status Hold() {
    for (size_t i = 0; i < legs_.entries.size(); ++i) {
      AccountRef debit;
      AccountRef credit;
      absl::Status status = FindBoth(i, debit, credit);
      if (status.ok()) status = HoldLeg(i, debit);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status HoldLeg(size_t leg, AccountRef account) {
    const Sequence sequence = At(legs_.first, leg);
    const Entry& entry = legs_.entries[leg];
    if (!data_.holds.Find(sequence.value())) {
      HoldRecord hold;
      hold.sequence = sequence;
      hold.id = entry.id;
      hold.debit = entry.debit_account;
      hold.credit = entry.credit_account;
      hold.amount = entry.amount;
      hold.changed_sequence = sequence;
      hold.deadline = entry.deadline;
      hold.purpose = entry.kind.purpose();
      hold.leg_index = entry.leg_index;
      hold.leg_count = entry.leg_count;
      hold.date = DateOf(entry.timestamp, account->zone_minutes);
      data_.PlaceHold(hold);
    }
    if (IsOlder(account, sequence)) {
      if (!Fits(account->held, entry)) return Broken(sequence, "an amount that does not fit");
      absl::Status status = Check(sequence, "previous entry of the debit account",
                                  entry.debit_previous, account->last_sequence);
      if (!status.ok()) return status;
      data_.Touch(account, MomentOf(leg));
      PlaceHeld(*account, entry.amount);
      status =
          Check(sequence, "balance of the debit account", entry.debit_balance, account->balance());
      if (!status.ok()) return status;
    }
    return CheckStanding(sequence, entry.credit_account, entry.credit_balance,
                         "balance of the credit account");
  }

  absl::Status FindHold(size_t leg, HoldRef& hold) {
    hold = data_.holds.Find(legs_.entries[leg].related.value() + leg);
    const Sequence sequence = At(legs_.first, leg);
    if (!hold || hold->debit != legs_.entries[leg].debit_account) {
      return Broken(sequence, "it ends a hold that was never placed");
    }
    if (hold->state != HoldState::kOpen && hold->changed_sequence < sequence) {
      return Broken(sequence, "it ends a hold that was ended before");
    }
    return absl::OkStatus();
  }
  void EndHold(size_t leg, HoldRef hold, HoldState state) {
    const Sequence sequence = At(legs_.first, leg);
    if (hold->changed_sequence < sequence) data_.EndHold(hold, state, sequence);
  }

  absl::Status Capture() {
    for (size_t i = 0; i < legs_.entries.size(); ++i) {
      AccountRef debit;
      AccountRef credit;
      HoldRef hold;
      absl::Status status = FindBoth(i, debit, credit);
      if (status.ok()) status = FindHold(i, hold);
      if (status.ok() && legs_.entries[i].amount > hold->amount) {
        status = Broken(At(legs_.first, i), "it captures more than was held");
      }
      if (status.ok()) status = Debit(i, debit, Counting::kExempt, hold.record);
      if (status.ok()) status = Credit(i, credit, Counting::kCounted);
      if (!status.ok()) return status;
      EndHold(i, hold, HoldState::kCaptured);
    }
    return absl::OkStatus();
  }

  absl::Status Release(HoldState state) {
    for (size_t i = 0; i < legs_.entries.size(); ++i) {
      const Sequence sequence = At(legs_.first, i);
      const Entry& entry = legs_.entries[i];
      AccountRef debit;
      AccountRef credit;
      HoldRef hold;
      absl::Status status = FindBoth(i, debit, credit);
      if (status.ok()) status = FindHold(i, hold);
      if (status.ok() && IsOlder(debit, sequence)) {
        status = Check(sequence, "previous entry of the debit account", entry.debit_previous,
                       debit->last_sequence);
        data_.Touch(debit, MomentOf(i));
        ReleaseHeld(*debit, *hold, Amount{0});
        if (status.ok()) {
          status = Check(sequence, "balance of the debit account", entry.debit_balance,
                         debit->balance());
        }
      }
      if (status.ok()) {
        status = CheckStanding(sequence, entry.credit_account, entry.credit_balance,
                               "balance of the credit account");
      }
      if (!status.ok()) return status;
      EndHold(i, hold, state);
    }
    return absl::OkStatus();
  }

  // --- facts ---
  absl::Status Fact() {
    const Entry& entry = legs_.entries[0];
    switch (entry.kind.fact()) {
      case Fact::kCooperativeOpened:
        return CooperativeOpened(entry);
      case Fact::kBranchOpened:
        return BranchOpened(entry);
      case Fact::kTerminalOpened:
        return TerminalOpened(entry);
      case Fact::kAccountOpened:
        return AccountOpened(entry);
      case Fact::kAccountLimitsSet:
      case Fact::kAccountStatusSet:
        return AccountChanged(entry);
      case Fact::kPolicySet:
        return PolicySet(entry);
      case Fact::kNone:
        break;
    }
    return Broken(legs_.first, "a fact of no known kind");
  }
  absl::Status Incomplete() const {
    return Broken(legs_.first, "the attachment lacks a field that the fact needs");
  }

  absl::Status CooperativeOpened(const Entry& entry) {
    const Attachment& decoded = legs_.decoded;
    if (!decoded.zone_minutes || !decoded.policy) return Incomplete();
    const CooperativeId id = entry.debit_account.cooperative();
    if (data_.cooperatives.Find(CooperativeKey(id))) return absl::OkStatus();
    data_.OpenCooperative({.id = id,
                           .zone_minutes = *decoded.zone_minutes,
                           .policy = *decoded.policy,
                           .name = std::string(decoded.name),
                           .opened_sequence = legs_.first,
                           .changed_sequence = legs_.first,
                           .opened_at = entry.timestamp});
    return absl::OkStatus();
  }
  absl::Status BranchOpened(const Entry& entry) {
    const CooperativeId cooperative = entry.debit_account.cooperative();
    if (data_.branches.Find(BranchKey(cooperative, entry.branch))) return absl::OkStatus();
    data_.OpenBranch({.cooperative = cooperative,
                      .id = entry.branch,
                      .name = std::string(legs_.decoded.name),
                      .opened_sequence = legs_.first,
                      .opened_at = entry.timestamp});
    return absl::OkStatus();
  }
  absl::Status TerminalOpened(const Entry& entry) {
    const CooperativeId cooperative = entry.debit_account.cooperative();
    if (data_.terminals.Find(TerminalKey(cooperative, entry.terminal))) return absl::OkStatus();
    data_.OpenTerminal({.cooperative = cooperative,
                        .branch = entry.branch,
                        .id = entry.terminal,
                        .name = std::string(legs_.decoded.name),
                        .opened_sequence = legs_.first,
                        .opened_at = entry.timestamp});
    return absl::OkStatus();
  }
  absl::Status AccountOpened(const Entry& entry) {
    const Attachment& decoded = legs_.decoded;
    if (!decoded.limits || !decoded.asset) return Incomplete();
    const AccountId id = entry.debit_account;
    if (const AccountRef known = data_.accounts.Find(id.value())) {
      if (!IsOlder(known, legs_.first)) return absl::OkStatus();
      return Broken(legs_.first, "it opens " + id.ToString() + ", which is open");
    }
    if (FindChartLine(id.code()) == nullptr ||
        !data_.cooperatives.Find(CooperativeKey(id.cooperative()))) {
      return Broken(legs_.first, "it opens " + id.ToString() +
                                     ", of no known cooperative or of no code of the chart");
    }
    data_.OpenAccount(id, *decoded.asset, *decoded.limits, MomentOf(0));
    return absl::OkStatus();
  }
  absl::Status AccountChanged(const Entry& entry) {
    const AccountRef account = data_.accounts.Find(entry.debit_account.value());
    if (!account) return Broken(legs_.first, "it changes an account that was never opened");
    if (!IsOlder(account, legs_.first)) return absl::OkStatus();
    absl::Status status = Check(legs_.first, "previous entry of the account", entry.debit_previous,
                                account->last_sequence);
    if (status.ok()) {
      status =
          Check(legs_.first, "balance of the account", entry.debit_balance, account->balance());
    }
    if (!status.ok()) return status;
    if (entry.kind.fact() == Fact::kAccountLimitsSet) {
      if (!legs_.decoded.limits) return Incomplete();
      data_.SetAccountLimits(account, *legs_.decoded.limits, MomentOf(0));
    } else {
      if (!legs_.decoded.status) return Incomplete();
      data_.SetAccountStatus(account, *legs_.decoded.status, MomentOf(0));
    }
    return absl::OkStatus();
  }
  absl::Status PolicySet(const Entry& entry) {
    if (!legs_.decoded.policy) return Incomplete();
    const CooperativeId id = entry.debit_account.cooperative();
    const auto cooperative = data_.cooperatives.Find(CooperativeKey(id));
    if (!cooperative) return Broken(legs_.first, "a policy of no known cooperative");
    if (cooperative->changed_sequence < legs_.first) {
      data_.SetPolicy(id, *legs_.decoded.policy, legs_.first);
    }
    return absl::OkStatus();
  }

  State::Data& data_;
  const Legs& legs_;
};

bool IsRecorded(Step step) {
  return (step >= Step::kPost && step <= Step::kFence) || step == Step::kFact;
}

// Expiries share the time of the tick that found them, and facts that of their command.
bool MayShareTime(const Entry& entry) {
  return entry.kind.step() == Step::kExpire || entry.kind.step() == Step::kFact;
}

// What must hold within a transaction, whatever the state.
absl::Status CheckShape(Sequence first, std::span<const Entry> entries, Timestamp last_timestamp) {
  const Entry& leg0 = entries[0];
  if (!IsRecorded(leg0.kind.step())) return Broken(first, "a step that is never recorded");
  const bool ordered =
      MayShareTime(leg0) ? leg0.timestamp >= last_timestamp : leg0.timestamp > last_timestamp;
  if (!ordered) return Broken(first, "a time that is not after that of the entry before");
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry& leg = entries[i];
    const bool fits = leg.leg_index == i && leg.leg_count == entries.size() && leg.id == leg0.id &&
                      leg.timestamp == leg0.timestamp && leg.kind == leg0.kind &&
                      leg.outcome == leg0.outcome && leg.related == leg0.related &&
                      (i == 0 || leg.attachment_length == 0);
    if (!fits) return Broken(At(first, i), "the legs of a transaction don't fit together");
  }
  return absl::OkStatus();
}

}  // namespace

Replay::Replay(State& state, IdWindow& ids, Sequence state_watermark, Sequence ids_watermark)
    : state_(state), ids_(ids), state_watermark_(state_watermark), ids_watermark_(ids_watermark) {}

absl::Status Replay::Apply(Sequence first, std::span<const Entry> entries,
                           std::span<const std::byte> attachments) {
  const Sequence run_first = first;
  const std::span<const Entry> run = entries;
  LookedAhead ahead;
  while (!entries.empty()) {
    LookAhead(run_first, run, run.size() - entries.size(), ahead);
    const size_t count = entries[0].leg_count;
    const size_t attachment_bytes = entries[0].attachment_length;
    if (count == 0 || count > entries.size()) {
      return Broken(first, Numbers("legs", static_cast<int64_t>(entries.size()),
                                   static_cast<int64_t>(count)));
    }
    if (attachment_bytes > attachments.size()) {
      return Broken(first, "an attachment beyond the end of the block");
    }
    absl::Status status =
        ApplyOne(first, entries.first(count), attachments.first(attachment_bytes));
    if (!status.ok()) return status;
    first = At(first, count);
    entries = entries.subspan(count);
    attachments = attachments.subspan(attachment_bytes);
  }
  if (!attachments.empty()) return Broken(first, "attachments that belong to no entry");
  return absl::OkStatus();
}

void Replay::LookAhead(Sequence first, std::span<const Entry> entries, size_t at,
                       LookedAhead& done) const {
  const State::Data& data = state_.data();
  for (; done.slots < std::min(entries.size(), at + kSlotsAhead); ++done.slots) {
    const Entry& entry = entries[done.slots];
    ids_.Prefetch(entry.id);
    if (At(first, done.slots) <= state_watermark_) continue;
    data.accounts.PrefetchSlot(entry.debit_account.value());
    data.accounts.PrefetchSlot(entry.credit_account.value());
  }
  for (; done.records < std::min(entries.size(), at + kRecordsAhead); ++done.records) {
    if (At(first, done.records) <= state_watermark_) continue;
    data.accounts.PrefetchRecord(entries[done.records].debit_account.value());
    data.accounts.PrefetchRecord(entries[done.records].credit_account.value());
  }
}

absl::Status Replay::ApplyOne(Sequence first, std::span<const Entry> entries,
                              std::span<const std::byte> attachment) {
  absl::Status status = CheckShape(first, entries, last_timestamp_);
  if (!status.ok()) return status;
  // Most have none, and an Attachment is large.
  static const Attachment kNone;
  std::optional<Attachment> parsed;
  if (!attachment.empty()) {
    parsed = Attachment::Decode(attachment);
    if (!parsed) return Broken(first, "an attachment that does not follow the grammar");
  }
  const Attachment& decoded = parsed ? *parsed : kNone;
  last_timestamp_ = entries[0].timestamp;
  const Sequence last = At(first, entries.size() - 1);
  State::Data& data = state_.data();
  if (first > state_watermark_) {
    if (first.value() != data.last_sequence.value() + 1) {
      return Broken(first, Numbers("sequence", static_cast<int64_t>(data.last_sequence.value() + 1),
                                   static_cast<int64_t>(first.value())));
    }
    const Legs legs{
        .first = first, .entries = entries, .attachment = attachment, .decoded = decoded};
    status = Applier(data, legs).Run();
    if (!status.ok()) return status;
    data.last_sequence = last;
    data.last_timestamp = entries[0].timestamp;
  }
  return first > ids_watermark_ ? RememberId(first, entries, decoded) : absl::OkStatus();
}

absl::Status Replay::RememberId(Sequence first, std::span<const Entry> entries,
                                const Attachment& attachment) {
  const Entry& entry = entries[0];
  const Step step = entry.kind.step();
  if (step == Step::kFact || step == Step::kExpire) {
    if (entry.id.IsZero()) return absl::OkStatus();
    return Broken(first, "an id where none is spent");
  }
  if (entry.id.IsZero()) return Broken(first, "a transaction without an id");
  if (const auto spent = ids_.FindInMemory(entry.id)) {
    return Broken(first, "an id that entry " + std::to_string(spent->sequence.value()) + " spent");
  }
  ids_.Insert(entry.id,
              {.sequence = first,
               .outcome = entry.outcome,
               .fingerprint = FingerprintDecoded(entries, attachment)},
              entry.timestamp);
  return absl::OkStatus();
}

}  // namespace lumbung
