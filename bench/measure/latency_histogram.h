// Counts durations in buckets that are at most 1.6 % wide (log-linear, in the manner of
// HdrHistogram), so that a percentile needs no list of all values. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lumbung {

class LatencyHistogram {
 public:
  // Values below 0 count as 0.
  void Add(int64_t nanoseconds);
  void Add(const LatencyHistogram& other);

  uint64_t count() const { return count_; }
  int64_t max_ns() const { return max_; }
  // The value that `fraction` (0 … 1) of all values do not exceed, rounded up to its bucket's end;
  // 0 if there are none.
  int64_t PercentileNs(double fraction) const;

 private:
  static constexpr int kSubBits = 6;  // 64 buckets for each power of two
  static constexpr size_t kBuckets = size_t{64 - kSubBits + 1} << kSubBits;

  static size_t BucketOf(uint64_t value);
  static int64_t EndOf(size_t bucket);

  std::array<uint64_t, kBuckets> counts_{};
  uint64_t count_ = 0;
  int64_t max_ = 0;
};

}  // namespace lumbung
