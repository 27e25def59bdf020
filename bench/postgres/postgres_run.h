// Runs of the same work on PostgreSQL 15: the checks, the idempotency and the double entry of a
// payment, durable before the answer. Each run has a server of its own on a temporary folder, warms
// up with a tenth, and at the end compares all balances with the payments recorded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/figures.h"

namespace lumbung {

struct PostgresOptions {
  std::string folder;          // temporary folders are made in it: decides the disk
  uint32_t clients = 16;       // sessions, with one call in flight on each
  uint32_t batch = 1;          // payments in a call; 1: the function for one payment
  uint64_t transactions = 0;   // to measure; rounded up to whole calls
  uint32_t accounts = 10'000;  // at least 2
  uint32_t hot_percent = 0;    // of the payments credit one and the same account
  uint64_t seed = 1;
  bool progress = false;  // a line on stderr each second
};

// A wrong answer or a wrong balance is counted in `wrong`; a statement that fails is an error.
// `bytes_written` is what went to PostgreSQL's log; the tables' pages come on top of it.
absl::StatusOr<Figures> RunPostgres(const PostgresOptions& options);

// Uniform and all to one account with 16 clients, one client one at a time, batches of 8,190.
// Only `folder`, `accounts`, `seed` and `progress` of the options count.
absl::StatusOr<std::vector<Figures>> RunAllOfPostgres(const PostgresOptions& options);

}  // namespace lumbung
