// Throughput over the number of transactions in a call: lumbungd, bare gRPC and the bare disk.
#pragma once

#include "absl/status/status.h"
#include "bench/compare/comparison.h"

namespace lumbung {

// Measures the curves and writes them into the options' `picture`.
absl::Status DrawCurves(const Comparison& comparison);

}  // namespace lumbung
