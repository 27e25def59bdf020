// The seed of a random test: LUMBUNG_SEED if it is set, otherwise a new one; printed either way, so
// that a failure can be repeated.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace lumbung {

inline uint64_t TestSeed() {
  const char* const text = std::getenv("LUMBUNG_SEED");
  const uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device{}();
  std::printf("LUMBUNG_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace lumbung
