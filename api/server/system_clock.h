// The system's clock, for lumbungd. Any thread.
#pragma once

#include <chrono>

#include "engine/clock.h"

namespace lumbung {

class SystemClock final : public Clock {
 public:
  Timestamp Now() override {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp{std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count()};
  }
};

}  // namespace lumbung
