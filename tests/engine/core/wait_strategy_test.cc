#include "engine/wait_strategy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace lumbung {
namespace {

// Two threads hand a number back and forth, each parked while the other works: one lost wake-up and
// the test never ends (ctest's time limit says so).
TEST(Signal, NeverLosesAWakeUp) {
  for (const int spin : {0, 20}) {
    constexpr uint64_t kRounds = 20'000;
    Signal ping(spin);
    Signal pong(spin);
    std::atomic<uint64_t> asked{0};
    std::atomic<uint64_t> answered{0};
    std::thread other([&] {
      for (uint64_t n = 1; n <= kRounds; ++n) {
        ping.WaitUntil([&] { return asked.load(std::memory_order_acquire) >= n; });
        answered.store(n, std::memory_order_release);
        pong.Notify();
      }
    });
    for (uint64_t n = 1; n <= kRounds; ++n) {
      asked.store(n, std::memory_order_release);
      ping.Notify();
      pong.WaitUntil([&] { return answered.load(std::memory_order_acquire) >= n; });
    }
    other.join();
    EXPECT_EQ(answered.load(), kRounds);
  }
}

TEST(Signal, IsWokenByAnyOfSeveralNotifiers) {
  Signal signal(0);
  std::atomic<uint64_t> done{0};
  constexpr uint64_t kEach = 5'000;
  std::vector<std::thread> notifiers;
  for (int i = 0; i < 3; ++i) {
    notifiers.emplace_back([&] {
      for (uint64_t n = 0; n < kEach; ++n) {
        done.fetch_add(1, std::memory_order_release);
        signal.Notify();
      }
    });
  }
  for (uint64_t n = 1; n <= 3 * kEach; n += 100) {
    signal.WaitUntil([&] { return done.load(std::memory_order_acquire) >= n; });
  }
  for (std::thread& notifier : notifiers) notifier.join();
}

}  // namespace
}  // namespace lumbung
