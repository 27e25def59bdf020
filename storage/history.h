// Answers about the past, from the ledger and the daily balances: statements by walking an
// account's chain of entries, balances at a moment from the nearest daily snapshot on. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/account.h"
#include "engine/types.h"
#include "storage/derived_store.h"
#include "storage/ledger_store.h"
#include "storage/statement_pages.h"

namespace lumbung {

class History {
 public:
  // Blocks that one way of finding a moment reads before the other gets its turn (LastEntryUpTo).
  static constexpr size_t kBlocksATurn = 64;

  // REQUIRES: blocks_a_turn > 0.
  History(const LedgerStore& ledger, const DerivedStore& derived,
          size_t blocks_a_turn = kBlocksATurn);

  // The account's balance in its normal direction after the last entry at or before `time`.
  // `account` is its present state (a query's answer), whose last entry must be durable.
  absl::StatusOr<Amount> BalanceAt(const Account& account, Timestamp time) const;

  // Up to `limit` lines, newest first, of entries with sequence <= `newest` (0: the account's last)
  // and timestamp in [from, to); none if that is empty. INVALID_ARGUMENT if `newest` is no entry of
  // the account's chain: a decline, the credit side of a hold, another account's, or one that is
  // not there.
  absl::StatusOr<std::vector<StatementLine>> Statement(const Account& account, Sequence newest,
                                                       Timestamp from, Timestamp to,
                                                       size_t limit) const;

  // The account's last entry at or before `time`; 0 if there is none. Found by its chain, from the
  // next daily closing back, or by reading the ledger backwards from the moment, which is quicker
  // for a busy account: the two take turns, so this reads at most about twice the blocks of the
  // quicker one.
  absl::StatusOr<Sequence> LastEntryUpTo(const Account& account, Timestamp time) const;

  // Statements from the oldest entry on.
  const StatementPages& pages() const { return pages_; }

 private:
  const LedgerStore& ledger_;
  const DerivedStore& derived_;
  const size_t blocks_a_turn_;
  StatementPages pages_;
};

}  // namespace lumbung
