// How a stage waits for another: spin briefly, then park in a futex (futex_word.h). One Signal
// belongs to one waiting thread; any thread may notify it.
//
// Memory ordering: a wake-up is never lost. Every change of `parked_` is a read-modify-write, which
// puts them in one order, and each of them reads from the one before it. If the notifier's comes
// before the waiter's "I am parked", the waiter sees what was done before Notify, and its condition
// holds: a release that is followed by nothing but read-modify-writes reaches whoever acquires the
// last of them. So the waiter must not say that it is awake by a plain store: one that came after a
// notifier's exchange would hide it. If the waiter's comes first, the notifier (or another one in
// between) reads that somebody is parked and wakes him; the waiter read the epoch before it said
// so, and the futex returns at once if the epoch has moved since. No fences are needed, because
// both sides meet in one variable. tests/protocol tries every order that the memory model permits.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "engine/canary.h"
#include "engine/futex_word.h"

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
      const uint32_t epoch = epoch_.load(std::memory_order_acquire);  // before the exchange
      parked_.exchange(1, std::memory_order_acq_rel);                 // pairs with that in Notify
      if (!Sings(Canary::kLostWakeUp) && condition()) break;
      epoch_.wait(epoch, std::memory_order_acquire);
      if (condition()) break;
    }
    // Relaxed: it only has to be a read-modify-write. It costs nothing beside the parking.
    parked_.exchange(0, std::memory_order_relaxed);
  }

  // Any thread, after it stored what the condition reads.
  void Notify() {
    // Pairs with WaitUntil. Of several notifiers the first wakes; the waiter says again that it is
    // parked, and looks again, before it waits again.
    if (parked_.exchange(0, std::memory_order_acq_rel) == 0) return;
    epoch_.fetch_add(1, std::memory_order_release);  // pairs with the load and wait in WaitUntil
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
  FutexWord epoch_{0};
};

}  // namespace lumbung
