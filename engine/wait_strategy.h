// How a stage waits for another: spin briefly, then park in a futex through std::atomic::wait. One
// Signal belongs to one waiting thread; any thread may notify it.
//
// A wake-up is never lost. Both sides do a read-modify-write on `parked_`, which puts them in one
// order: if the notifier's comes first, the waiter's reads from it and so sees what was done before
// Notify, and its condition holds; if the waiter's comes first, the notifier reads that somebody is
// parked and wakes him. In between, the epoch that the waiter read before it looked makes the futex
// return at once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace lumbung {

// For a wait that nobody ends with a Notify: the caller looks again afterwards. Any thread.
inline void Pause(std::chrono::nanoseconds time) { std::this_thread::sleep_for(time); }

class Signal {
 public:
  explicit Signal(int spin_microseconds) : spin_(std::chrono::microseconds(spin_microseconds)) {}

  // Returns when `condition()` is true. It is called often and from this thread only; what makes it
  // true must be stored with release before Notify. Waiting thread only.
  template <typename Condition>
  void WaitUntil(Condition condition) {
    if (condition()) return;
    if (SpinUntil(condition)) return;
    for (;;) {
      const uint32_t epoch = epoch_.load(std::memory_order_acquire);
      parked_.exchange(1, std::memory_order_acq_rel);  // pairs with the RMW in Notify
      if (condition()) break;
      epoch_.wait(epoch, std::memory_order_acquire);
      if (condition()) break;
    }
    parked_.store(0, std::memory_order_relaxed);
  }

  // Any thread, after it stored what the condition reads.
  void Notify() {
    // Pairs with WaitUntil. Of several notifiers the first wakes; the waiter says again that it is
    // parked, and looks again, before it waits again.
    if (parked_.exchange(0, std::memory_order_acq_rel) == 0) return;
    epoch_.fetch_add(1, std::memory_order_release);
    epoch_.notify_one();
  }

 private:
  template <typename Condition>
  bool SpinUntil(Condition& condition) const {
    if (spin_.count() == 0) return false;
    const auto end = std::chrono::steady_clock::now() + spin_;
    do {
      for (int i = 0; i < 32; ++i) {
        if (condition()) return true;
        __builtin_ia32_pause();
      }
    } while (std::chrono::steady_clock::now() < end);
    return false;
  }

  const std::chrono::nanoseconds spin_;
  alignas(64) std::atomic<uint32_t> parked_{0};
  std::atomic<uint32_t> epoch_{0};
};

}  // namespace lumbung
