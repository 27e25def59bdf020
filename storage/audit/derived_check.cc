#include "storage/audit/derived_check.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "engine/business_date.h"
#include "engine/check.h"
#include "engine/id_window.h"
#include "engine/no_cold_index.h"
#include "engine/replay.h"
#include "engine/state_data.h"
#include "storage/block_chain.h"
#include "storage/read_ahead.h"

namespace lumbung::audit {

namespace {

template <typename Record>
bool SameBytes(const Record& a, const Record& b) {
  static_assert(std::has_unique_object_representations_v<Record>);
  return std::memcmp(&a, &b, sizeof(Record)) == 0;
}

// The first record of the exact table that the other has not, or has otherwise.
template <typename Record>
const Record* FirstDifferent(const RecordTable<Record>& exact, const RecordTable<Record>& other) {
  for (size_t i = 0; i < exact.size(); ++i) {
    const Record* const found = other.Find(KeyOf(exact.at(i)));
    if (found == nullptr || !SameBytes(exact.at(i), *found)) return &exact.at(i);
  }
  return nullptr;
}

// What of the two differs. REQUIRES: their hashes do.
Finding Describe(const State& exact, const State& stored) {
  const State::Data& a = exact.data();
  const State::Data& b = stored.data();
  if (const Account* const account = FirstDifferent(a.accounts, b.accounts)) {
    return {Check::kState, account->last_sequence, account->last_sequence,
            "the stored image of account " + account->id.ToString() +
                " is not what its entries come to"};
  }
  if (const HoldRecord* const hold = FirstDifferent(a.holds, b.holds)) {
    return {Check::kState, hold->sequence, hold->sequence,
            "the stored image of the hold is not what its entries come to"};
  }
  if (const FollowUp* const follow_up = FirstDifferent(a.follow_ups, b.follow_ups)) {
    return {Check::kState, follow_up->original, follow_up->original,
            "what is stored of its refunds and reversal is not what the entries come to"};
  }
  return {Check::kState, Sequence{1}, exact.last_sequence(),
          "the stored images have an organisation, accounts or holds that do not come from the "
          "ledger"};
}

absl::Status CarryOn(const LedgerSource& ledger, State& state) {
  const Sequence watermark = state.last_sequence();
  const NoColdIndex no_ids;  // the replay is told that all are known, so the window stays empty
  IdWindow ids({.slots_per_generation = 16}, no_ids);
  Replay replay(state, ids, watermark, Sequence{kMaxSequence});
  ReadAhead blocks(ledger, Sequence{watermark.value() + 1});
  while (const auto block = blocks.Next()) {
    absl::Status status = replay.Apply(block->first, block->entries, block->attachments);
    if (!status.ok()) return status;
    state.TakeDailyBalances();
  }
  return blocks.status();
}

// Whether the entry at the balance's sequence says the same.
bool IsRight(const DailyBalance& daily, const Entry& entry, const State& exact) {
  const Account* const account = exact.FindAccount(daily.account);
  if (account == nullptr || entry.timestamp != daily.timestamp) return false;
  if (DateOf(entry.timestamp, account->zone_minutes) != daily.date) return false;
  const int64_t net = daily.debits_posted.value() - daily.credits_posted.value();
  const Amount balance{account->normal_side == Side::kDebit ? net : -net};
  if (entry.debit_account == daily.account) return entry.debit_balance == balance;
  return entry.credit_account == daily.account && entry.credit_balance == balance;
}

// The entry that made it: the next one of the account. REQUIRES: it is in the block.
Sequence MakerOf(const DailyBalance& daily, const StoredBlock& block) {
  const auto made = std::ranges::find_if(block.entries, [&](const Entry& entry) {
    return (entry.debit_account == daily.account && entry.debit_previous == daily.sequence) ||
           (entry.credit_account == daily.account && entry.credit_previous == daily.sequence);
  });
  LUMBUNG_CHECK(made != block.entries.end());
  return Sequence{block.first.value() + static_cast<uint64_t>(made - block.entries.begin())};
}

}  // namespace

void DerivedCheck::Take(const StoredBlock& block, std::span<const DailyBalance> balances) {
  const Sequence watermark = images_.watermark();
  if (LastOf(block) <= watermark) return sums_.Expect(balances);
  if (block.first > watermark) return sums_.Allow(balances);
  for (const DailyBalance& daily : balances) {
    const std::span<const DailyBalance> one(&daily, 1);
    if (MakerOf(daily, block) <= watermark) {
      sums_.Expect(one);
    } else {
      sums_.Allow(one);
    }
  }
}

absl::Status DerivedCheck::CheckState(const LedgerSource& ledger, const State& exact,
                                      Report& report) const {
  CheckResult& result = report.of(Check::kState);
  const Sequence watermark = images_.watermark();
  State stored;
  absl::Status status = images_.LoadState(stored);
  if (status.ok()) status = CarryOn(ledger, stored);
  if (absl::IsDataLoss(status)) {
    Add(report, {Check::kState, Sequence{1}, watermark,
                 "the stored images, carried on to the end of the ledger: " +
                     std::string(status.message())});
    return absl::OkStatus();
  }
  if (!status.ok()) return status;
  if (stored.Hash() != exact.Hash()) {
    Add(report, Describe(exact, stored));
    return absl::OkStatus();
  }
  result.note = std::to_string(stored.account_count()) + " accounts, checkpoint of entry " +
                std::to_string(watermark.value());
  return absl::OkStatus();
}

absl::Status DerivedCheck::CheckDailyBalances(const LedgerSource& ledger, Report& report,
                                              const State& exact) {
  const absl::Status status =
      images_.ForEachDailyBalance([this](const DailyBalance& daily) { sums_.Take(daily); });
  const Sequence end = images_.watermark();
  if (absl::IsDataLoss(status)) {
    Add(report, {Check::kDailyBalances, Sequence{1}, end, std::string(status.message())});
    return absl::OkStatus();
  }
  if (!status.ok()) return status;
  std::vector<AccountId> different = sums_.Different();
  if (different.size() > kMostFindings) different.resize(kMostFindings);
  const absl::flat_hash_set<AccountId> asked(different.begin(), different.end());
  absl::flat_hash_map<AccountId, DailyBalance> wrong;  // the first of each account
  absl::Status reading;
  const absl::Status again = images_.ForEachDailyBalance([&](const DailyBalance& daily) {
    if (!reading.ok() || !asked.contains(daily.account) || wrong.contains(daily.account)) return;
    if (daily.sequence == kNoSequence || daily.sequence > exact.last_sequence()) {
      wrong[daily.account] = daily;
      return;
    }
    const auto block = ledger.ReadBlock(daily.sequence);
    reading = block.status();
    if (!block.ok()) return;
    const Entry& entry = (*block)->entries[daily.sequence.value() - (*block)->first.value()];
    if (!IsRight(daily, entry, exact)) wrong[daily.account] = daily;
  });
  const absl::Status read = again.ok() ? reading : again;
  for (const AccountId account : different) {
    const auto found = wrong.find(account);
    if (found == wrong.end()) {
      Add(report,
          {Check::kDailyBalances, Sequence{1}, end,
           "of account " + account.ToString() +
               (read.ok() ? " a daily balance is missing, or there is one that no entry made"
                          : " the daily balances are not those that its entries made; "
                            "which of them can't be told")});
      continue;
    }
    const Sequence at = found->second.sequence;
    Add(report, {Check::kDailyBalances, at, at,
                 "the daily balance of account " + account.ToString() + " on " +
                     ToString(found->second.date) + " is not what the entry says"});
  }
  if (!read.ok()) return read;
  if (different.empty()) {
    report.of(Check::kDailyBalances).note = std::to_string(sums_.expected()) + " compared";
  }
  return absl::OkStatus();
}

}  // namespace lumbung::audit
