// What a run measured, as a row of a table or as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/loop.h"
#include "bench/measure/latency_histogram.h"
#include "bench/measure/process_figures.h"

namespace lumbung {

struct Figures {
  std::string name;
  uint64_t transactions = 0;
  double transactions_per_second = 0;
  double latency_us_p50 = 0;  // of a call: a batch, or one transaction
  double latency_us_p99 = 0;
  double latency_us_p99_9 = 0;
  double latency_us_max = 0;
  uint64_t accepted = 0;
  uint64_t refused = 0;       // calls, sent again until they were answered
  double client_cpu_us = 0;   // a transaction
  double server_cpu_us = 0;   // a transaction; 0: not known
  double server_rss_mib = 0;  // at the end; 0: not known
  double bytes_written = 0;   // a transaction, by the server; 0: not known
  double longest_gap_ms = 0;  // in which nothing was answered
  // Transactions a second over the first and the last part: 10 million, or a tenth of the run.
  double first_part_rate = 0;
  double last_part_rate = 0;
  uint64_t wrong = 0;
  std::string first_wrong;
};

// What client and server have used so far, where it can be read.
struct Use {
  std::optional<ProcessFigures> client;
  std::optional<ProcessFigures> server;
};

// All of a loop's figures but what it used.
Figures FiguresOf(std::string name, const LoopResult& result);
// CPU of both and the server's memory. REQUIRES: figures.transactions is set.
void SetUse(const Use& before, const Use& after, Figures& figures);
void SetLatency(const LatencyHistogram& latency, Figures& figures);

// A table in Markdown. Columns that are not known are left empty.
std::string TableOf(const std::vector<Figures>& rows);
std::string JsonOf(const Figures& figures);

}  // namespace lumbung
