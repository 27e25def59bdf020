// Stands in for engine/check.h in the simulated build: a failed check ends the simulated process
// and not the simulation.
#pragma once

namespace lumbung {

// Notes what failed, for the conductor to judge, and ends the calling thread (an exception on the
// conductor's own).
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace lumbung

#define LUMBUNG_CHECK(condition)                              \
  do {                                                        \
    if (!(condition)) [[unlikely]]                            \
      ::lumbung::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)
