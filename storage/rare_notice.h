// A line on standard error about something that many calls may meet, and each again and again.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>

namespace lumbung {

// Any thread.
class RareNotice {
 public:
  // Writes the line the first time, the second, the fourth and so on, with the number of times, so
  // that no client can fill the log, nor hold up who writes it.
  void Tell(const std::string& line) {
    const uint64_t times = times_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (!std::has_single_bit(times)) return;
    std::fprintf(stderr, "%s (met %llu times)\n", line.c_str(),
                 static_cast<unsigned long long>(times));
  }

 private:
  std::atomic<uint64_t> times_{0};
};

}  // namespace lumbung
