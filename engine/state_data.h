// The inside of the state: what the state machine and the replay change, and the only ways in which
// an entry changes it. Both go through the functions below, so that live and replayed state can't
// differ. Apply thread, or the thread that recovers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/account.h"
#include "engine/account_listing.h"
#include "engine/business_date.h"
#include "engine/deadline_queue.h"
#include "engine/hold_record.h"
#include "engine/organisation.h"
#include "engine/record_table.h"
#include "engine/state.h"
#include "engine/types.h"

namespace lumbung {

inline uint64_t KeyOf(const Account& account) { return account.id.value(); }
inline uint64_t KeyOf(const HoldRecord& hold) { return hold.sequence.value(); }
inline uint64_t KeyOf(const FollowUp& follow_up) { return follow_up.original.value(); }

inline uint64_t CooperativeKey(CooperativeId id) { return id.value(); }
inline uint64_t BranchKey(CooperativeId cooperative, BranchId id) {
  return uint64_t{cooperative.value()} << 16 | id.value();
}
inline uint64_t TerminalKey(CooperativeId cooperative, TerminalId id) {
  return uint64_t{cooperative.value()} << 16 | id.value();
}
inline uint64_t KeyOf(const Cooperative& cooperative) { return CooperativeKey(cooperative.id); }
inline uint64_t KeyOf(const Branch& branch) { return BranchKey(branch.cooperative, branch.id); }
inline uint64_t KeyOf(const Terminal& terminal) {
  return TerminalKey(terminal.cooperative, terminal.id);
}

using AccountRef = RecordTable<Account>::Ref;
using HoldRef = RecordTable<HoldRecord>::Ref;
using FollowUpRef = RecordTable<FollowUp>::Ref;

// Where and when an entry stands.
struct Moment {
  Sequence sequence;
  Timestamp time;
};

// Whether money that leaves an account counts towards its limits of a transaction and a day.
enum class Counting : uint8_t { kCounted, kExempt };

struct State::Data {
  RecordTable<Account> accounts;
  AccountListing listing;
  RecordTable<HoldRecord> holds;
  RecordTable<FollowUp> follow_ups;
  RecordTable<Cooperative> cooperatives;
  RecordTable<Branch> branches;
  RecordTable<Terminal> terminals;
  DeadlineQueue deadlines;
  size_t open_holds = 0;                     // transactions, not legs
  std::vector<DailyBalance> daily_balances;  // made, and not taken yet
  Sequence last_sequence;
  Timestamp last_timestamp;

  // --- accounts ---
  // Before an entry changes an account: keeps the closing state of its last business day if this is
  // a later one, and stamps the entry on it.
  void Touch(AccountRef account, Moment moment) {
    const BusinessDate today = DateOf(moment.time, account->zone_minutes);
    if (today > account->last_date) [[unlikely]] {
      KeepDailyBalance(*account);
      account->last_date = today;
    }
    account->last_sequence = moment.sequence;
    account->last_timestamp = moment.time;
    accounts.MarkDirty(account.number);
  }
  AccountRef InsertAccount(const Account& account);
  // A new account, as an opening entry makes it.
  void OpenAccount(AccountId id, AssetCode asset, const Limits& limits, Moment moment);
  void SetAccountLimits(AccountRef account, const Limits& limits, Moment moment);
  void SetAccountStatus(AccountRef account, AccountStatus status, Moment moment);

  // --- holds ---
  void PlaceHold(const HoldRecord& hold);
  // An open hold's first leg is in the table: it will expire if nothing ends it before.
  void AwaitDeadline(HoldRef first);
  // Ends a hold's leg. What it held is released from the account by ReleaseHeld.
  void EndHold(HoldRef hold, HoldState state, Sequence sequence);

  // --- what followed an original ---
  void AddRefunded(Sequence original, Amount amount, Sequence sequence);
  void SetReversed(Sequence original, Sequence sequence);

  // --- organisation ---
  void OpenCooperative(Cooperative cooperative);
  void SetPolicy(CooperativeId id, const Policy& policy, Sequence sequence);
  void OpenBranch(Branch branch);
  void OpenTerminal(Terminal terminal);

 private:
  void KeepDailyBalance(const Account& account);
  FollowUpRef FollowUpOf(Sequence original);
};

// --- changes of one account. REQUIRES: touched by the same entry before; sums that fit. ---

// What was taken out on the account's present day.
inline Amount TakenOn(const Account& account, BusinessDate date) {
  return account.taken_date == date ? account.taken_today : Amount{0};
}

inline void Take(Account& account, Amount amount) {
  // Saturated: a day on which 2^63 were taken out is over any limit that could be set.
  account.taken_today =
      CheckedAdd(TakenOn(account, account.last_date), amount).value_or(kMaxAmount);
  account.taken_date = account.last_date;
}

inline void PostDebit(Account& account, Amount amount, Counting counting) {
  account.debits_posted = Amount{account.debits_posted.value() + amount.value()};
  if (counting == Counting::kCounted && account.normal_side == Side::kCredit) Take(account, amount);
}

inline void PostCredit(Account& account, Amount amount, Counting counting) {
  account.credits_posted = Amount{account.credits_posted.value() + amount.value()};
  if (counting == Counting::kCounted && account.normal_side == Side::kDebit) Take(account, amount);
}

inline void PlaceHeld(Account& account, Amount amount) {
  account.held = Amount{account.held.value() + amount.value()};
  if (account.normal_side == Side::kCredit) Take(account, amount);
}

// Releases a hold's leg, of which `kept` is posted by the same entry: the rest no longer counts as
// taken out, if the hold was placed on the account's present day.
inline void ReleaseHeld(Account& account, const HoldRecord& hold, Amount kept) {
  account.held = Amount{account.held.value() - hold.amount.value()};
  if (account.normal_side == Side::kCredit && hold.date == account.last_date &&
      account.taken_date == account.last_date) {
    account.taken_today =
        Amount{account.taken_today.value() - (hold.amount.value() - kept.value())};
  }
}

}  // namespace lumbung
