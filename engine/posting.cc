#include "engine/posting.h"

#include "engine/canary.h"
#include "engine/chart.h"
#include "engine/check.h"
#include "engine/posting_rule.h"

namespace lumbung {

namespace {

bool Counts(Step step) { return step == Step::kPost || step == Step::kHold; }

// Whether the leg carries a part of the amount that was asked for.
bool IsRequested(const PlannedLeg& leg) { return (leg.flags & (kFlagClearing | kFlagFee)) == 0; }

bool MayDebit(const Transaction& transaction, AccountCode code) {
  const Step step = transaction.kind.step();
  const Purpose purpose = transaction.kind.purpose();
  switch (FindChartLine(code)->debit_rule) {
    case DebitRule::kFree:
      return true;
    case DebitRule::kOnlyOnExit:
      return step == Step::kReverse || purpose == Purpose::kMemberExit;
    case DebitRule::kOnlyByRefundOrClosing:
      return step == Step::kReverse || step == Step::kRefund || purpose == Purpose::kClosing;
  }
  return false;
}

// Balances as they stand, for sides that the entry does not change.
void ShowDebit(const PlannedLeg& leg, Entry& entry) {
  entry.debit_balance = leg.debit_account ? leg.debit_account->balance() : Amount{0};
  entry.debit_previous = kNoSequence;
}
void ShowCredit(const PlannedLeg& leg, Entry& entry) {
  entry.credit_balance = leg.credit_account ? leg.credit_account->balance() : Amount{0};
  entry.credit_previous = kNoSequence;
}

void Name(const PlannedLeg& leg, Entry& entry) {
  entry.debit_account = leg.debit;
  entry.credit_account = leg.credit;
  entry.amount = leg.amount;
  entry.flags |= leg.flags;
}

std::span<Entry> Append(const Transaction& transaction, size_t count, BlockWriter& out) {
  const std::span<Entry> entries = out.Append(count, transaction.attachment_bytes);
  if (transaction.attachment_bytes != 0) transaction.attachment->Encode(out.LastAttachment());
  return entries;
}

}  // namespace

Transaction TransactionOf(Step step, Purpose purpose, const Header& header) {
  Transaction transaction;
  transaction.kind = EntryKind::Of(step, purpose);
  transaction.id = header.id;
  transaction.reference = header.reference;
  transaction.evidence = header.evidence;
  return transaction;
}

void Attach(const Attachment& attachment, Transaction& transaction) {
  transaction.attachment = &attachment;
  transaction.attachment_bytes = attachment.EncodedSize();
}

void Describe(const Transaction& transaction, size_t index, size_t count, Timestamp now,
              Entry& entry) {
  entry.id = transaction.id;
  entry.timestamp = now;
  entry.related = transaction.related;
  entry.reference = transaction.reference;
  entry.device_time = transaction.evidence.device_time;
  entry.branch = transaction.evidence.branch;
  entry.terminal = transaction.evidence.terminal;
  entry.terminal_sequence = transaction.evidence.terminal_sequence;
  entry.operator_id = transaction.evidence.operator_id;
  entry.kind = transaction.kind;
  entry.outcome = Outcome::kAccepted;
  entry.flags = transaction.flags;
  entry.leg_index = static_cast<uint8_t>(index);
  entry.leg_count = static_cast<uint8_t>(count);
  entry.deadline = transaction.deadline;
  entry.attachment_length = static_cast<uint16_t>(index == 0 ? transaction.attachment_bytes : 0);
}

Outcome Posting::CheckEvidence(CooperativeId cooperative, const Evidence& evidence) const {
  if (evidence.branch.value() != 0 &&
      !data_.branches.Find(BranchKey(cooperative, evidence.branch))) {
    return Outcome::kBranchUnknown;
  }
  if (evidence.terminal.value() != 0) {
    const auto terminal = data_.terminals.Find(TerminalKey(cooperative, evidence.terminal));
    if (!terminal) return Outcome::kTerminalUnknown;
    if (evidence.branch.value() != 0 && terminal->branch != evidence.branch) {
      return Outcome::kTerminalUnknown;
    }
  }
  return Outcome::kAccepted;
}

// An open account proves that its cooperative is open, so that is asked only where one is missing.
Outcome Posting::FindAccounts(size_t& cause) {
  Outcome outcome = Outcome::kAccepted;
  for (size_t i = 0; i < count_; ++i) {
    PlannedLeg& leg = legs_[i];
    leg.debit_account = data_.accounts.Find(leg.debit.value());
    leg.credit_account = data_.accounts.Find(leg.credit.value());
    if (leg.debit_account && leg.credit_account) [[likely]]
      continue;
    if (outcome != Outcome::kAccepted) continue;
    if (!data_.cooperatives.Find(CooperativeKey(leg.debit.cooperative())) ||
        !data_.cooperatives.Find(CooperativeKey(leg.credit.cooperative()))) {
      outcome = Outcome::kCooperativeUnknown;
      cause = i;
    }
  }
  return outcome;
}

Outcome Posting::CheckLeg(const Transaction& transaction, const PlannedLeg& leg,
                          Timestamp now) const {
  if (!leg.debit_account) return Outcome::kDebitAccountUnknown;
  if (!leg.credit_account) return Outcome::kCreditAccountUnknown;
  const Account& debit = *leg.debit_account;
  const Account& credit = *leg.credit_account;
  if (debit.asset != credit.asset) return Outcome::kAssetMismatch;
  if (debit.status != AccountStatus::kOpen || credit.status != AccountStatus::kOpen) [[unlikely]] {
    if (debit.status == AccountStatus::kClosed) return Outcome::kDebitAccountClosed;
    if (credit.status == AccountStatus::kClosed) return Outcome::kCreditAccountClosed;
    if (debit.status == AccountStatus::kFrozen) return Outcome::kDebitAccountFrozen;
    return Outcome::kCreditAccountFrozen;
  }
  if (!MayDebit(transaction, leg.debit.code())) return Outcome::kDebitNotAllowed;
  Outcome outcome = CheckLimits(transaction, leg, now);
  if (outcome == Outcome::kAccepted) outcome = CheckSums(transaction, leg);
  if (outcome == Outcome::kAccepted) outcome = CheckBalances(transaction, leg);
  return outcome;
}

// What is the most of one transaction and of one day: for money that leaves an account in its
// normal direction. A hold counts when it is placed, its capture does not; what gives back never
// counts. A leg may take from both its accounts (a withdrawal: from the wallet and from the till);
// the transaction's limits of both come before the day's, as their outcomes do.
Outcome Posting::CheckLimits(const Transaction& transaction, const PlannedLeg& leg,
                             Timestamp now) const {
  const Step step = transaction.kind.step();
  if (Counts(step)) {
    const Amount largest = LargestAmount(transaction.kind.purpose());
    if (largest != kMaxAmount) [[unlikely]] {
      __int128 moved = 0;
      for (const PlannedLeg& other : legs()) {
        if (IsRequested(other) && other.debit.code() == leg.debit.code()) {
          moved += other.amount.value();
        }
      }
      if (moved > largest.value()) return Outcome::kTransactionLimit;
    }
  }
  const bool credit_counts = step == Step::kPost || step == Step::kCapture;
  const Account& debit = *leg.debit_account;
  const Account& credit = *leg.credit_account;
  const bool debit_takes = Counts(step) && debit.normal_side == Side::kCredit;
  const bool credit_takes = credit_counts && credit.normal_side == Side::kDebit;
  if (debit_takes && TakesTooMuchAtOnce(debit)) return Outcome::kTransactionLimit;
  if (credit_takes && TakesTooMuchAtOnce(credit)) return Outcome::kTransactionLimit;
  if (debit_takes && TakesTooMuchToday(debit, leg.amount, now)) return Outcome::kDailyLimit;
  if (credit_takes && TakesTooMuchToday(credit, leg.amount, now)) return Outcome::kDailyLimit;
  return Outcome::kAccepted;
}

bool Posting::TakesTooMuchAtOnce(const Account& account) const {
  if (account.per_transaction == kMaxAmount) return false;
  __int128 taken = 0;
  for (const PlannedLeg& leg : legs()) {
    const AccountId taken_from = account.normal_side == Side::kCredit ? leg.debit : leg.credit;
    if (taken_from == account.id) taken += leg.amount.value();
  }
  return taken > account.per_transaction.value();
}

bool Posting::TakesTooMuchToday(const Account& account, Amount amount, Timestamp now) const {
  if (account.per_day == kMaxAmount) return false;
  // The legs before this one are in the sum already.
  const Timestamp counted{now.value() - (Sings(Canary::kMidnightTooLate) ? 1 : 0)};
  const __int128 today = TakenOn(account, DateOf(counted, account.zone_minutes)).value();
  return today + amount.value() > account.per_day.value();
}

Outcome Posting::CheckSums(const Transaction& transaction, const PlannedLeg& leg) const {
  if (transaction.kind.step() == Step::kHold) {
    if (!CheckedAdd(leg.debit_account->held, leg.amount)) return Outcome::kOverflow;
  } else if (!CheckedAdd(leg.debit_account->debits_posted, leg.amount) ||
             !CheckedAdd(leg.credit_account->credits_posted, leg.amount)) {
    return Outcome::kOverflow;
  }
  if (count_ > 1 && IsRequested(leg)) {
    // The amount asked for as a whole must fit too, since refunds are counted against it.
    __int128 sum = 0;
    for (const PlannedLeg* other = legs_.data(); other <= &leg; ++other) {
      if (IsRequested(*other)) sum += other->amount.value();
    }
    if (sum > kMaxAmount.value()) return Outcome::kOverflow;
  }
  return Outcome::kAccepted;
}

Outcome Posting::CheckBalances(const Transaction& transaction, const PlannedLeg& leg) const {
  const Account& debit = *leg.debit_account;
  const Account& credit = *leg.credit_account;
  const __int128 amount = leg.amount.value();
  const int64_t released = leg.hold ? leg.hold->amount.value() : 0;
  const __int128 held = debit.held.value() - released;
  const __int128 debit_balance = debit.balance().value();
  const bool debit_takes = debit.normal_side == Side::kCredit;
  if (debit_takes && debit_balance - held - amount < debit.floor.value()) {
    return Outcome::kInsufficientFunds;
  }
  const bool posts = transaction.kind.step() != Step::kHold;
  const __int128 credit_balance = credit.balance().value();
  const bool credit_takes = credit.normal_side == Side::kDebit;
  if (posts && credit_takes && credit_balance - amount < credit.floor.value()) {
    return Outcome::kInsufficientFunds;
  }
  if (!debit_takes && debit_balance + held + amount > debit.ceiling.value()) {
    return Outcome::kBalanceCeiling;
  }
  if (posts && !credit_takes && credit_balance + amount > credit.ceiling.value()) {
    return Outcome::kBalanceCeiling;
  }
  return Outcome::kAccepted;
}

// The leg passed its checks: changes its accounts and completes its entry.
void Posting::Apply(const Transaction& transaction, PlannedLeg& leg, Moment moment, Entry& entry) {
  const Step step = transaction.kind.step();
  const Counting counting = step == Step::kPost ? Counting::kCounted : Counting::kExempt;
  Account& debit = *leg.debit_account;
  entry.debit_previous = debit.last_sequence;
  data_.Touch(leg.debit_account, moment);
  if (step == Step::kHold) {
    PlaceHeld(debit, leg.amount);
    entry.debit_balance = debit.balance();
    ShowCredit(leg, entry);
    return;
  }
  if (leg.hold) ReleaseHeld(debit, *leg.hold, leg.amount);
  PostDebit(debit, leg.amount, counting);
  entry.debit_balance = debit.balance();
  Account& credit = *leg.credit_account;
  entry.credit_previous = credit.last_sequence;
  data_.Touch(leg.credit_account, moment);
  if (Sings(Canary::kCreditNotInBalance)) entry.credit_balance = credit.balance();
  PostCredit(credit, leg.amount, step == Step::kCapture ? Counting::kCounted : counting);
  if (!Sings(Canary::kCreditNotInBalance)) entry.credit_balance = credit.balance();
}

Result Posting::Record(const Transaction& transaction, Timestamp now, BlockWriter& out) {
  size_t cause = 0;
  Outcome outcome = FindAccounts(cause);
  if (outcome == Outcome::kAccepted) {
    outcome = CheckEvidence(legs_[0].debit.cooperative(), transaction.evidence);
  }
  const Sequence first = out.next();
  const std::span<Entry> entries = Append(transaction, count_, out);
  Result result{.outcome = Outcome::kAccepted,
                .leg_count = static_cast<uint8_t>(count_),
                .sequence = first,
                .timestamp = now};
  for (size_t i = 0; i < count_; ++i) {
    Describe(transaction, i, count_, now, entries[i]);
    Name(legs_[i], entries[i]);
  }
  data_.last_sequence = Sequence{first.value() + count_ - 1};
  data_.last_timestamp = now;
  if (outcome != Outcome::kAccepted) return WriteDecline(entries, outcome, cause, result);
  const size_t daily_balances = data_.daily_balances.size();
  for (size_t i = 0; i < count_; ++i) {
    PlannedLeg& leg = legs_[i];
    outcome = CheckLeg(transaction, leg, now);
    if (outcome != Outcome::kAccepted) {
      Undo(i, daily_balances);
      return WriteDecline(entries, outcome, i, result);
    }
    if (count_ > 1) before_[i] = {.debit = *leg.debit_account, .credit = *leg.credit_account};
    Apply(transaction, leg, {.sequence = Sequence{first.value() + i}, .time = now}, entries[i]);
  }
  return result;
}

void Posting::Undo(size_t applied, size_t daily_balances) {
  for (size_t i = applied; i > 0; --i) {
    *legs_[i - 1].credit_account = before_[i - 1].credit;
    *legs_[i - 1].debit_account = before_[i - 1].debit;
  }
  data_.daily_balances.resize(daily_balances);
}

Result Posting::WriteDecline(std::span<Entry> entries, Outcome outcome, size_t cause,
                             Result result) {
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].outcome = outcome;
    ShowDebit(legs_[i], entries[i]);
    ShowCredit(legs_[i], entries[i]);
  }
  entries[cause].flags |= kFlagCause;
  result.outcome = outcome;
  return result;
}

Result Posting::Decline(const Transaction& transaction, Outcome outcome, Amount asked,
                        Timestamp now, BlockWriter& out) {
  const Sequence first = out.next();
  Entry& entry = Append(transaction, 1, out)[0];
  Describe(transaction, 0, 1, now, entry);
  entry.outcome = outcome;
  if (count_ > 0) {
    PlannedLeg& leg = legs_[0];
    leg.debit_account = data_.accounts.Find(leg.debit.value());
    leg.credit_account = data_.accounts.Find(leg.credit.value());
    Name(leg, entry);
    ShowDebit(leg, entry);
    ShowCredit(leg, entry);
  }
  entry.amount = asked;
  entry.flags |= kFlagCause;
  data_.last_sequence = first;
  data_.last_timestamp = now;
  return {.outcome = outcome, .leg_count = 1, .sequence = first, .timestamp = now};
}

Result Posting::Release(const Transaction& transaction, HoldState state, Timestamp now,
                        BlockWriter& out) {
  const Sequence first = out.next();
  const std::span<Entry> entries = Append(transaction, count_, out);
  for (size_t i = 0; i < count_; ++i) {
    PlannedLeg& leg = legs_[i];
    const Sequence sequence{first.value() + i};
    leg.debit_account = data_.accounts.Find(leg.debit.value());
    leg.credit_account = data_.accounts.Find(leg.credit.value());
    Describe(transaction, i, count_, now, entries[i]);
    Name(leg, entries[i]);
    ShowCredit(leg, entries[i]);
    entries[i].debit_previous = leg.debit_account->last_sequence;
    data_.Touch(leg.debit_account, {.sequence = sequence, .time = now});
    ReleaseHeld(*leg.debit_account, *leg.hold, Amount{0});
    data_.EndHold(leg.hold, state, sequence);
    entries[i].debit_balance = leg.debit_account->balance();
  }
  data_.last_sequence = Sequence{first.value() + count_ - 1};
  data_.last_timestamp = now;
  return {.outcome = Outcome::kAccepted,
          .leg_count = static_cast<uint8_t>(count_),
          .sequence = first,
          .timestamp = now};
}

}  // namespace lumbung
