#include "bench/measure/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace lumbung {

// Row 0 has the values below 64, one a bucket; row r the values of 64 << (r - 1) to twice that, in
// 64 buckets of 1 << (r - 1).
size_t LatencyHistogram::BucketOf(uint64_t value) {
  const int width = std::bit_width(value);
  if (width <= kSubBits) return value;
  const int row = width - kSubBits;
  const uint64_t in_row = (value >> (row - 1)) - (uint64_t{1} << kSubBits);
  return (static_cast<size_t>(row) << kSubBits) + in_row;
}

int64_t LatencyHistogram::EndOf(size_t bucket) {
  const size_t row = bucket >> kSubBits;
  const uint64_t in_row = bucket & ((size_t{1} << kSubBits) - 1);
  if (row == 0) return static_cast<int64_t>(in_row);
  const uint64_t start = (uint64_t{1} << kSubBits) + in_row;
  return static_cast<int64_t>(((start + 1) << (row - 1)) - 1);
}

void LatencyHistogram::Add(int64_t nanoseconds) {
  const int64_t value = std::max<int64_t>(0, nanoseconds);
  ++counts_[BucketOf(static_cast<uint64_t>(value))];
  ++count_;
  max_ = std::max(max_, value);
}

void LatencyHistogram::Add(const LatencyHistogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

int64_t LatencyHistogram::PercentileNs(double fraction) const {
  if (count_ == 0) return 0;
  const auto wanted =
      static_cast<uint64_t>(std::max(1.0, std::ceil(fraction * static_cast<double>(count_))));
  uint64_t passed = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    passed += counts_[bucket];
    if (passed >= wanted) return std::min(EndOf(bucket), max_);
  }
  return max_;
}

}  // namespace lumbung
