// What is printed when the day is over. Main thread.
#pragma once

#include <chrono>
#include <vector>

#include "absl/status/status.h"
#include "bench/day/audit.h"
#include "bench/day/tally.h"
#include "bench/day/transport.h"
#include "bench/workload/region.h"

namespace lumbung {

void PrintTally(const Tally& tally, int64_t duration_ns);
void PrintAudit(const AuditResult& result);
// The trial balance of the first cooperative, line by line, and the totals of all. DATA_LOSS if the
// debits of one are not its credits.
absl::Status PrintTrialBalances(Transport& transport, const std::vector<CooperativePlan>& region,
                                std::chrono::seconds reconnect);
// Where the ledger ends, and the hash of the state there.
absl::Status PrintStateHash(Transport& transport, std::chrono::seconds reconnect);

}  // namespace lumbung
