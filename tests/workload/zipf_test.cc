#include "bench/workload/zipf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/workload/seed.h"

namespace lumbung {
namespace {

TEST(Zipf, DrawsEachRankByItsWeight) {
  Random random(TestSeed());
  const Zipf zipf(6, 0.9);
  std::vector<int> drawn(6);
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) ++drawn[zipf.Draw(random)];
  double sum = 0;
  for (int rank = 0; rank < 6; ++rank) sum += std::pow(rank + 1, -0.9);
  for (int rank = 0; rank < 6; ++rank) {
    EXPECT_NEAR(static_cast<double>(drawn[static_cast<size_t>(rank)]) / kDraws,
                std::pow(rank + 1, -0.9) / sum, 0.01)
        << "rank " << rank;
  }
}

TEST(Zipf, WithOneRankAlwaysDrawsIt) {
  Random random(TestSeed());
  const Zipf zipf(1, 0.9);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(zipf.Draw(random), 0u);
}

}  // namespace
}  // namespace lumbung
