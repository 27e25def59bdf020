// The runs that the load client offers. Each warms up before it measures.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/closed_loop.h"
#include "bench/load/figures.h"

namespace lumbung {

// Where things are.
struct Places {
  std::string program;  // this one
  std::string lumbungd;
  std::string folder;    // temporary folders are made in it: decides the disk
  std::string server;    // HOST:PORT of a server that runs already; empty: start one
  pid_t server_pid = 0;  // of `server`, if known
};

// `loop.server` and `loop.rows.first_account` are filled in.
absl::StatusOr<Figures> RunLoad(const Places& places, LoopOptions loop);
absl::StatusOr<Figures> RunEcho(const Places& places, LoopOptions loop);
// Writes of `transactions` entries of 128 bytes each, for `seconds`.
absl::StatusOr<Figures> RunDisk(const Places& places, uint32_t transactions, double seconds);

// Batches of 8,190, unary calls at 64 in flight, the same without an engine, and the disk alone.
absl::StatusOr<std::vector<Figures>> RunFirstFigures(const Places& places);
// The ratios between these, as text.
std::string RatiosOf(const std::vector<Figures>& first_figures);

}  // namespace lumbung
