// The port through which time enters the ledger: once, on the apply thread; the background thread
// asks it whether a hold is due. Two implementations: the system's clock in lumbungd, a simulated
// one in tests.
#pragma once

#include "engine/types.h"

namespace lumbung {

class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds UTC. Any thread. May jump in either direction; the apply stage makes it increase.
  virtual Timestamp Now() = 0;
};

}  // namespace lumbung
