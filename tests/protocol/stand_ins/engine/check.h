// Stands in for engine/check.h under the explorer: a failed check is a violation, not an abort.
#pragma once

#include "tests/protocol/explorer.h"

#define LUMBUNG_CHECK(condition)                                                        \
  do {                                                                                  \
    if (!(condition)) [[unlikely]]                                                      \
      ::lumbung::Explorer::Current().Fail("a failed check in the engine: " #condition); \
  } while (false)
