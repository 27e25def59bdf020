#include "storage/statement_pages.h"

#include <algorithm>
#include <utility>

#include "engine/business_date.h"
#include "storage/entry_cursor.h"

namespace lumbung {

// One page in the making.
class StatementPages::Walk {
 public:
  Walk(const StatementPages& pages, const Account& account, const Range& range, size_t limit)
      : pages_(pages), account_(account), range_(range), limit_(limit), entries_(pages.ledger_) {}

  absl::StatusOr<StatementPage> Run() {
    absl::Status status = FindStart();
    while (status.ok() && !done_) status = TakeDay();
    if (!status.ok()) return status;
    page_.blocks_read = entries_.blocks_read();
    return std::move(page_);
  }

 private:
  // Sets cursor_, or ends the page if nothing is in the range.
  absl::Status FindStart() {
    if (range_.from >= range_.to || range_.from > account_.last_timestamp) return End();
    if (range_.oldest != kNoSequence) {
      cursor_ = range_.oldest;
      return absl::OkStatus();
    }
    const auto first = entries_.FirstFrom(range_.from, account_.last_sequence);
    if (!first.ok()) return first.status();
    cursor_ = *first;
    return absl::OkStatus();
  }

  absl::Status End() {
    done_ = true;
    page_.next = kNoSequence;
    return absl::OkStatus();
  }
  absl::Status EndWithNext(Sequence next) {
    done_ = true;
    page_.next = next;
    return absl::OkStatus();
  }

  // All that the account has up to the close of its next active day from cursor_ on.
  absl::Status TakeDay() {
    const auto at_cursor = entries_.At(cursor_);
    if (!at_cursor.ok()) return at_cursor.status();
    if ((*at_cursor)->timestamp >= range_.to) return End();
    BusinessDate date = DateOf((*at_cursor)->timestamp, account_.zone_minutes);
    Sequence close;
    while (close < cursor_) {
      const auto daily = pages_.derived_.FirstDailyBalanceFrom(account_.id, date);
      if (!daily.ok()) return daily.status();
      // A closing that was stored since may be of an entry that this account does not know yet.
      close =
          *daily ? std::min((*daily)->sequence, account_.last_sequence) : account_.last_sequence;
      if (*daily) date = BusinessDate{(*daily)->date.value() + 1};
      if (!*daily && close < cursor_) return End();
    }
    std::vector<Sequence> newest_first;
    const auto complete = CollectBack(close, newest_first);
    if (!complete.ok()) return complete.status();
    if (!*complete) return ReadForward();
    for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
      absl::Status status = Add(*it);
      if (!status.ok() || done_) return status;
    }
    if (close >= account_.last_sequence) return End();
    cursor_ = Sequence{close.value() + 1};
    if (entries_.blocks_read() >= pages_.blocks_per_page_) return EndWithNext(cursor_);
    return absl::OkStatus();
  }

  // Walks the chain back from `newest` to cursor_. False if half of the blocks were not enough.
  absl::StatusOr<bool> CollectBack(Sequence newest, std::vector<Sequence>& newest_first) {
    const size_t allowed = entries_.blocks_read() + pages_.blocks_per_page_ / 2;
    for (Sequence sequence = newest; sequence >= cursor_ && sequence != kNoSequence;) {
      if (entries_.blocks_read() >= allowed) return false;
      const auto entry = entries_.At(sequence);
      if (!entry.ok()) return entry.status();
      const auto link = LinkOf(account_.id, sequence, **entry);
      if (!link.ok()) return link.status();
      newest_first.push_back(sequence);
      sequence = link->previous;
    }
    return true;
  }

  // Reads block after block, as many as are left.
  absl::Status ReadForward() {
    const size_t allowed = std::max(entries_.blocks_read() + 1, pages_.blocks_per_page_);
    for (; cursor_ <= account_.last_sequence; cursor_ = Sequence{cursor_.value() + 1}) {
      const auto entry = entries_.At(cursor_);
      if (!entry.ok()) return entry.status();
      if (entries_.blocks_read() > allowed) return EndWithNext(cursor_);
      if (!IsLink(account_.id, **entry)) continue;
      absl::Status status = Add(cursor_);
      if (!status.ok() || done_) return status;
    }
    return End();
  }

  // One more line, or the end of the page.
  absl::Status Add(Sequence sequence) {
    const auto entry = entries_.At(sequence);
    if (!entry.ok()) return entry.status();
    if ((*entry)->timestamp >= range_.to) return End();
    if ((*entry)->timestamp < range_.from) return absl::OkStatus();
    if (page_.lines.size() == limit_) return EndWithNext(sequence);
    auto stored = pages_.ledger_.ReadEntry(sequence);
    if (!stored.ok()) return stored.status();
    const auto link = LinkOf(account_.id, sequence, stored->entry);
    if (!link.ok()) return link.status();
    page_.lines.push_back({sequence, stored->entry, std::move(stored->attachment), link->balance});
    return absl::OkStatus();
  }

  // Set at construction.
  const StatementPages& pages_;
  const Account& account_;
  const Range range_;
  const size_t limit_;

  EntryCursor entries_;
  Sequence cursor_;  // nothing before it is wanted any more
  bool done_ = false;
  StatementPage page_;
};

absl::StatusOr<StatementPage> StatementPages::OldestFirst(const Account& account,
                                                          const Range& range, size_t limit) const {
  if (range.oldest > account.last_sequence) {
    return absl::InvalidArgumentError(
        "oldest_sequence: expected next_sequence of the page before, found " +
        std::to_string(range.oldest.value()) + ", which is beyond the last entry of account " +
        account.id.ToString());
  }
  return Walk(*this, account, range, limit).Run();
}

}  // namespace lumbung
