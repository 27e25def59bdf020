// The two clocks of the load client: one for durations, one for ids. Any thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/types.h"

namespace lumbung {

// Nanoseconds of a clock that only goes forward; its zero has no meaning.
inline int64_t SteadyNowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The time of day, UTC, as ids carry it.
inline Timestamp SystemNow() {
  return Timestamp{std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count()};
}

}  // namespace lumbung
