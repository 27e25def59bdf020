// Stands in for engine/wait_strategy.h in the simulated build: the same interface, but who waits
// gives the turn back to the scheduler. A thread that waits on a Signal goes on only after a
// Notify, so a stage that forgets to notify stands still here as it would in the field.
#pragma once

#include <chrono>

#include "tests/simulation/scheduler.h"

namespace lumbung {

inline void Pause(std::chrono::nanoseconds) { Scheduler::Instance().Yield(); }

class Signal {
 public:
  explicit Signal(int) {}

  template <typename Condition>
  void WaitUntil(Condition condition) {
    while (!condition()) Scheduler::Instance().Park(this);
  }

  void Notify() { Scheduler::Instance().Notify(this); }
};

}  // namespace lumbung
