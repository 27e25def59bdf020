// The runs that the load client offers. Each warms up before it measures.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/figures.h"
#include "bench/load/load_target.h"
#include "bench/load/loop.h"

namespace lumbung {

// `loop.server` and `loop.rows.first_account` are filled in. `then`, if given, looks at the server
// once all is answered and measured.
absl::StatusOr<Figures> RunLoad(const Places& places, LoopOptions loop,
                                const std::function<absl::Status(LoadTarget&)>& then = {});
absl::StatusOr<Figures> RunEcho(const Places& places, LoopOptions loop);
// Writes of `transactions` entries of 128 bytes each, for `seconds`.
absl::StatusOr<Figures> RunDisk(const Places& places, uint32_t transactions, double seconds);

// Batches of 8,190, unary calls at 64 in flight, the same without an engine, and the disk alone.
absl::StatusOr<std::vector<Figures>> RunFirstFigures(const Places& places);
// The ratios between these, as text.
std::string RatiosOf(const std::vector<Figures>& first_figures);

}  // namespace lumbung
