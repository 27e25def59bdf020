#include "storage/history.h"

#include <limits>
#include <utility>

#include "engine/business_date.h"
#include "storage/account_chain.h"
#include "storage/entry_cursor.h"

namespace lumbung {

namespace {

// Where to start for what happened at or before `time`: the closing of the first active day from
// then on, or the account's last entry.
absl::StatusOr<Sequence> StartOfWalk(const DerivedStore& derived, const Account& account,
                                     Timestamp time) {
  if (time >= account.last_timestamp) return account.last_sequence;
  const BusinessDate date = DateOf(time, account.zone_minutes);
  const auto daily = derived.FirstDailyBalanceFrom(account.id, date);
  if (!daily.ok()) return daily.status();
  return *daily ? (*daily)->sequence : account.last_sequence;
}

}  // namespace

History::History(const LedgerStore& ledger, const DerivedStore& derived, size_t blocks_a_turn)
    : ledger_(ledger), derived_(derived), blocks_a_turn_(blocks_a_turn), pages_(ledger, derived) {}

absl::StatusOr<Sequence> History::LastEntryUpTo(const Account& account, Timestamp time) const {
  const auto start = StartOfWalk(derived_, account, time);
  if (!start.ok()) return start.status();
  EntryCursor chain(ledger_);
  Sequence link = *start;
  EntryCursor scan(ledger_);
  std::optional<Sequence> place;  // of the scan, once it began
  size_t scan_begins = 0;
  for (size_t allowed = blocks_a_turn_;; allowed += blocks_a_turn_) {
    while (chain.blocks_read() < allowed) {
      if (link == kNoSequence) return kNoSequence;
      const auto entry = chain.At(link);
      if (!entry.ok()) return entry.status();
      const auto found = LinkOf(account.id, link, **entry);
      if (!found.ok()) return found.status();
      if ((*entry)->timestamp <= time) return link;
      link = found->previous;
    }
    if (!place) {
      // The chain is still beyond `time`, which is therefore not the last of all moments.
      const auto beyond = scan.FirstFrom(Timestamp{time.value() + 1}, account.last_sequence);
      if (!beyond.ok()) return beyond.status();
      place = Sequence{beyond->value() - 1};
      scan_begins = scan.blocks_read();
    }
    while (scan.blocks_read() - scan_begins < allowed) {
      if (*place == kNoSequence) return kNoSequence;
      const auto entry = scan.At(*place);
      if (!entry.ok()) return entry.status();
      if (IsLink(account.id, **entry)) return *place;
      place = Sequence{place->value() - 1};
    }
  }
}

absl::StatusOr<Amount> History::BalanceAt(const Account& account, Timestamp time) const {
  const auto sequence = LastEntryUpTo(account, time);
  if (!sequence.ok()) return sequence.status();
  if (*sequence == kNoSequence) return Amount{0};
  const auto entry = ledger_.ReadEntry(*sequence);
  if (!entry.ok()) return entry.status();
  const auto link = LinkOf(account.id, *sequence, entry->entry);
  if (!link.ok()) return link.status();
  return link->balance;
}

absl::StatusOr<std::vector<StatementLine>> History::Statement(const Account& account,
                                                              Sequence newest, Timestamp from,
                                                              Timestamp to, size_t limit) const {
  std::vector<StatementLine> lines;
  if (from >= to) return lines;
  Sequence start = newest;
  if (newest == kNoSequence) {
    const auto found = LastEntryUpTo(account, Timestamp{to.value() - 1});
    if (!found.ok()) return found.status();
    start = *found;
  } else {
    // The caller's word: checked, so that a wrong one is not taken for damage.
    const auto entry = newest <= account.last_sequence
                           ? ledger_.ReadEntry(newest)
                           : absl::NotFoundError("newer than the account's last entry");
    if (!entry.ok() && !absl::IsNotFound(entry.status())) return entry.status();
    if (!entry.ok() || !IsLink(account.id, entry->entry)) {
      return absl::InvalidArgumentError(
          "newest_sequence: expected next_sequence of the page before, found " +
          std::to_string(newest.value()) + ", which is no entry of account " +
          account.id.ToString());
    }
    // A page that is said to begin after the range: not by walking there link by link.
    if (entry->entry.timestamp >= to) {
      const auto found = LastEntryUpTo(account, Timestamp{to.value() - 1});
      if (!found.ok()) return found.status();
      start = *found;
    }
  }
  for (Sequence sequence = start; sequence != kNoSequence && lines.size() < limit;) {
    auto entry = ledger_.ReadEntry(sequence);
    if (!entry.ok()) return entry.status();
    const auto place = LinkOf(account.id, sequence, entry->entry);
    if (!place.ok()) return place.status();
    if (entry->entry.timestamp < from) break;
    if (entry->entry.timestamp < to) {
      lines.push_back({sequence, entry->entry, std::move(entry->attachment), place->balance});
    }
    sequence = place->previous;
  }
  return lines;
}

}  // namespace lumbung
