// In words, where a recorded transaction differs from what the rules make of it. Pure functions;
// any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/entry.h"

namespace lumbung::audit {

// A transaction's entries with its attachment.
struct Written {
  std::span<const Entry> entries;
  std::span<const std::byte> attachment;
};

struct Difference {
  size_t leg = 0;  // of the recorded transaction
  std::string reason;
};

// Whether the two are the same, byte for byte.
bool IsSame(const Written& recorded, const Written& expected);
// REQUIRES: !IsSame(recorded, expected).
Difference Describe(const Written& recorded, const Written& expected);

}  // namespace lumbung::audit
