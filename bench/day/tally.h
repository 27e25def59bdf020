// What happened in a day, counted. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/measure/latency_histogram.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

struct Tally {
  uint64_t accepted = 0;                     // transactions, each once
  std::map<v1::Outcome, uint64_t> declined;  // by reason, each once
  uint64_t duplicates = 0;                   // answers to copies and retries
  uint64_t conflicts = 0;                    // altered copies that were refused
  uint64_t reads = 0;
  uint64_t reads_lost = 0;  // not answered, since the server was away
  uint64_t batches = 0;
  uint64_t uploads = 0;
  uint64_t sent_again = 0;  // calls whose answer got lost with the server
  uint64_t full = 0;        // calls that found the server's ring full
  uint64_t times_away = 0;  // how often the server went away
  LatencyHistogram unary;
  LatencyHistogram batch;
  LatencyHistogram read;
  // What must not happen, each with the transaction's id; only the first kMaxProblems are kept.
  static constexpr size_t kMaxProblems = 20;
  std::vector<std::string> problems;
  uint64_t problem_count = 0;

  uint64_t declined_in_all() const {
    uint64_t sum = 0;
    for (const auto& [outcome, count] : declined) sum += count;
    return sum;
  }
  void AddProblem(std::string problem) {
    ++problem_count;
    if (problems.size() < kMaxProblems) problems.push_back(std::move(problem));
  }
};

}  // namespace lumbung
