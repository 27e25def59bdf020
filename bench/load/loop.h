// Sends transactions and checks every reply, row by row.
//
// Closed: keeps a number of calls in flight; as one is answered, the next is sent.
// Open: sends at a steady rate, answered or not, as people do. A latency counts from the moment at
// which the call was to be sent, so that what had to wait behind a pause of the server shows in
// every call, not only in the few that were in flight (coordinated omission, as Tene named it).
//
// A call that is refused because the server has no room is sent again, as a backend would; its
// latency goes on counting.
//
// Messages live in arenas and are used again; there is no thread but gRPC's and the caller's.
// Threads: RunLoop from one thread; each slot is used by one callback at a time.
#pragma once

#include <atomic>
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
  double rate = 0;  // transactions a second; 0: a closed loop. `in_flight` has no meaning then
  RowPlan rows;
  uint64_t seed = 1;
  bool progress = false;  // a line on stderr each second
  // Set by another thread: no more calls are sent. A failed call ends the loop too, if it is given.
  std::atomic<bool>* stop = nullptr;
  // If given: counts what has been answered.
  std::atomic<uint64_t>* answered = nullptr;
};

struct LoopResult {
  uint64_t transactions = 0;  // sent
  uint64_t accepted = 0;
  // Calls that the server had no room for, each sent again 5 ms later, for a minute at the most.
  uint64_t refused = 0;
  uint64_t wrong = 0;  // rows and calls that were not answered as they should be
  std::string first_wrong;
  uint64_t failed = 0;         // of the wrong: rows of calls without a reply
  __int128 amount = 0;         // of the accepted, in sen
  __int128 failed_amount = 0;  // of the failed: the server may have posted them
  int64_t duration_ns = 0;
  LatencyHistogram latency;    // of calls
  int64_t longest_gap_ns = 0;  // between two looks at which something new had been answered
  double first_part_rate = 0;  // transactions a second over the first and the last part of the
  double last_part_rate = 0;   // run: 10 million transactions, but a tenth at the most
};

LoopResult RunLoop(const LoopOptions& options);

}  // namespace lumbung
