// What the lines of the table have in one: the sizes of their runs, and how a run is set between
// two of its baseline. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/compare/compare.h"
#include "bench/load/figures.h"
#include "bench/load/loop.h"

namespace lumbung {

inline constexpr double kMillion = 1e6;
inline constexpr uint32_t kFewAccounts = 10'000;

// A rate as people read it.
std::string Rate(double rate);

class Comparison {
 public:
  // The options must outlive it.
  explicit Comparison(const CompareOptions& options) : options_(options) {}

  const CompareOptions& options() const { return options_; }
  const Places& places() const { return options_.places; }
  uint64_t Scaled(uint64_t transactions) const;
  // Uniform transfers between a few accounts, in a closed loop.
  LoopOptions Batches(uint32_t batch, uint64_t transactions) const;
  // 64 in flight.
  LoopOptions Unary(uint64_t transactions) const;
  // A MissingError if the disk has not room enough.
  absl::Status HasRoomFor(double bytes) const;

 private:
  const CompareOptions& options_;
};

// Wrong replies are an error, not a slow result.
absl::StatusOr<Figures> Right(absl::StatusOr<Figures> figures);

// A run between two runs of its base: the machine's speed drifts.
struct Interleaved {
  Figures before;
  Figures subject;
  Figures after;

  // Of the rates: the subject's, and the mean of the base's.
  double ratio() const {
    return 2 * subject.transactions_per_second /
           (before.transactions_per_second + after.transactions_per_second);
  }
  // "1.20 M/s: 80 % of 1.50 M/s and 1.50 M/s".
  std::string ToText() const;
};
absl::StatusOr<Interleaved> Interleave(const std::function<absl::StatusOr<Figures>()>& base,
                                       const std::function<absl::StatusOr<Figures>()>& subject);

}  // namespace lumbung
