// The seed of a random test: taken from LUMBUNG_SEED, else a fixed one; printed either way.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace lumbung {

inline uint64_t TestSeed() {
  const char* given = std::getenv("LUMBUNG_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20'261'124;
  std::printf("LUMBUNG_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace lumbung
