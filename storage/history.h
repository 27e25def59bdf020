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
  History(const LedgerStore& ledger, const DerivedStore& derived);

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

  // Statements from the oldest entry on.
  const StatementPages& pages() const { return pages_; }

 private:
  const LedgerStore& ledger_;
  const DerivedStore& derived_;
  StatementPages pages_;
};

}  // namespace lumbung
