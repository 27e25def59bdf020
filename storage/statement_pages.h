// Statements from the oldest entry on, though an account's chain of entries leads backwards. Any
// thread.
//
// A page is found in one of two ways, and what it may cost is bounded in blocks read:
//
//  - From the close of the account's next active day (daily balances; the account's last entry for
//    the days since) the chain is walked back to where the page begins. A member's day is some
//    entries long, so this takes as many reads as the page and the rest of its last day have
//    entries.
//  - If that is too long (the sales account of a busy branch), the ledger is read forward from
//    where the page begins: a busy account has an entry in every few.
//
// When the bound is reached the page ends early and says where the next begins: a short page is
// not the last one.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/account.h"
#include "engine/types.h"
#include "storage/account_chain.h"
#include "storage/derived_store.h"
#include "storage/ledger_store.h"

namespace lumbung {

struct StatementPage {
  std::vector<StatementLine> lines;  // oldest first
  Sequence next;                     // where the next page begins; 0: this was the last
  size_t blocks_read = 0;
};

class StatementPages {
 public:
  // The most blocks that one page may read: at about 0.1 ms each, checked by their hash, a tenth of
  // a second.
  static constexpr size_t kBlocksPerPage = 1'024;

  StatementPages(const LedgerStore& ledger, const DerivedStore& derived,
                 size_t blocks_per_page = kBlocksPerPage)
      : ledger_(ledger), derived_(derived), blocks_per_page_(blocks_per_page) {}

  struct Range {
    Sequence oldest;  // of the page: `next` of the page before; 0: the first at or after `from`
    Timestamp from;
    Timestamp to;  // exclusive
  };
  // Up to `limit` lines of entries in the range, oldest first. `account` is its present state (a
  // query's answer), whose last entry must be durable. INVALID_ARGUMENT if `oldest` is beyond the
  // account's last entry.
  // REQUIRES: limit > 0.
  absl::StatusOr<StatementPage> OldestFirst(const Account& account, const Range& range,
                                            size_t limit) const;

 private:
  class Walk;

  const LedgerStore& ledger_;
  const DerivedStore& derived_;
  const size_t blocks_per_page_;
};

}  // namespace lumbung
