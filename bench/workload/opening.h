// The transactions with which a cooperative's books are opened: its bank loan, cash and stock, the
// floats of its tills, its members' savings and loans. Always the same, under the same ids, so that
// to send them again changes nothing.
#pragma once

#include <vector>

#include "bench/workload/region.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

// In the order in which they must be applied.
std::vector<v1::Transaction> OpeningTransactions(const CooperativePlan& plan);

}  // namespace lumbung
