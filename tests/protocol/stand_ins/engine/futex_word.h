// Stands in for engine/futex_word.h: the explorer's atomic knows how to wait.
#pragma once

#include <atomic>
#include <cstdint>

namespace lumbung {

using FutexWord = std::atomic<uint32_t>;

}  // namespace lumbung
