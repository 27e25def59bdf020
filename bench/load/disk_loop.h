// The disk alone: writes of one size at the end of a file, each followed by fdatasync, one after
// the other, as a ledger without anything else would do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bench/measure/latency_histogram.h"

namespace lumbung {

struct DiskOptions {
  std::string folder;  // a file is made there, and removed
  size_t write_bytes = 0;
  double seconds = 3;
};

struct DiskResult {
  uint64_t writes = 0;
  int64_t duration_ns = 0;
  LatencyHistogram latency;  // of a write and its sync
};

absl::StatusOr<DiskResult> RunDiskLoop(const DiskOptions& options);

}  // namespace lumbung
