// Ends a test that stands still: a lost wake-up must fail and say so, not hang. The process ends,
// since a thread that waits for ever can't be joined.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

namespace lumbung {

class Watchdog {
 public:
  // From now on something of `what` must go on within each `limit`, until this is destroyed.
  Watchdog(std::string what, std::chrono::seconds limit)
      : thread_([this, what = std::move(what), limit] { Watch(what, limit); }) {}

  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  // Something went on. Any thread.
  void Note() { steps_.fetch_add(1, std::memory_order_relaxed); }

 private:
  void Watch(const std::string& what, std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    for (;;) {
      const uint64_t before = steps_.load(std::memory_order_relaxed);
      if (changed_.wait_for(lock, limit, [this] { return ended_; })) return;
      if (steps_.load(std::memory_order_relaxed) != before) continue;
      std::printf("%s stands still: a wake-up was lost\n", what.c_str());
      std::fflush(stdout);
      std::_Exit(1);
    }
  }

  std::atomic<uint64_t> steps_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;  // last: it uses the others
};

}  // namespace lumbung
