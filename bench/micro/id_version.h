// Which ids a benchmark works with: an argument of it.
#pragma once

#include <cstdint>

namespace lumbung {

enum class IdVersion : int64_t { kTimeOrdered = 7, kRandom = 4 };

}  // namespace lumbung
