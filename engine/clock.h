// The port through which time enters, once, on the apply thread. Two implementations: the system's
// clock in lumbungd, a simulated one in tests.
#pragma once

#include "engine/types.h"

namespace lumbung {

class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds UTC. May jump in either direction; the apply stage makes it increase.
  virtual Timestamp Now() = 0;
};

}  // namespace lumbung
