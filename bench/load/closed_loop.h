// Keeps a number of calls in flight: as one is answered, the next is sent. Every reply is checked
// row by row. Messages live in arenas and are used again; there is no thread but gRPC's.
//
// Threads: Run from one thread; each slot is used by one callback at a time.
#pragma once

#include <cstdint>
#include <string>

#include "bench/load/row_source.h"
#include "bench/measure/latency_histogram.h"

namespace lumbung {

struct LoopOptions {
  std::string server;
  uint32_t clients = 1;       // connections
  uint32_t in_flight = 1;     // calls in flight on each
  uint32_t batch = 1;         // transactions in a call; 1: unary Submit
  uint64_t transactions = 0;  // rounded up to whole calls
  RowPlan rows;
  uint64_t seed = 1;
};

struct LoopResult {
  uint64_t transactions = 0;  // sent
  uint64_t accepted = 0;
  uint64_t wrong = 0;  // rows and calls that were not answered as they should be
  std::string first_wrong;
  __int128 amount = 0;  // of the accepted, in sen
  int64_t duration_ns = 0;
  LatencyHistogram latency;  // of calls
};

LoopResult RunClosedLoop(const LoopOptions& options);

}  // namespace lumbung
