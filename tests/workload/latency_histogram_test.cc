#include "bench/measure/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "bench/workload/random.h"
#include "tests/workload/seed.h"

namespace lumbung {
namespace {

TEST(LatencyHistogram, PercentilesAreWithinABucketOfTheTruth) {
  Random random(TestSeed());
  LatencyHistogram histogram;
  std::vector<int64_t> values;
  for (int i = 0; i < 50'000; ++i) {
    const auto value = static_cast<int64_t>(random.Next() >> (random.Below(40) + 20));
    values.push_back(value);
    histogram.Add(value);
  }
  std::sort(values.begin(), values.end());
  for (const double fraction : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const int64_t truth = values[static_cast<size_t>(fraction * 50'000) - 1];
    EXPECT_GE(histogram.PercentileNs(fraction), truth);
    EXPECT_LE(static_cast<double>(histogram.PercentileNs(fraction)),
              1.02 * static_cast<double>(truth) + 1);
  }
  EXPECT_EQ(histogram.PercentileNs(1.0), values.back());
  EXPECT_EQ(histogram.max_ns(), values.back());
}

TEST(LatencyHistogram, TakesTheSmallestAndTheLargestValue) {
  LatencyHistogram histogram;
  histogram.Add(-5);
  histogram.Add(INT64_MAX);
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.PercentileNs(0.5), 0);
  EXPECT_EQ(histogram.PercentileNs(1.0), INT64_MAX);
}

TEST(LatencyHistogram, AddsUpWithAnother) {
  LatencyHistogram one;
  LatencyHistogram other;
  one.Add(10);
  other.Add(20);
  one.Add(other);
  EXPECT_EQ(one.count(), 2u);
  EXPECT_EQ(one.max_ns(), 20);
}

TEST(LatencyHistogram, IsZeroWhenEmpty) { EXPECT_EQ(LatencyHistogram().PercentileNs(0.99), 0); }

}  // namespace
}  // namespace lumbung
