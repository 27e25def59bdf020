// Lines whose figure is a rate of a load. Each says first what it measures and against which
// target, and judges itself; an error leaves it without a verdict. One thread.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "bench/compare/compared_line.h"
#include "bench/compare/comparison.h"

namespace lumbung {

struct BatchTarget {
  uint32_t batch;
  double rate;  // transactions a second
  uint64_t transactions;
};
absl::Status CompareBatch(const Comparison& comparison, const BatchTarget& target,
                          ComparedLine& line);
absl::Status CompareUnaryWithEcho(const Comparison& comparison, ComparedLine& line);
// `change` makes the subject out of the base.
struct BaseTarget {
  LoopOptions base;
  double share;  // of the base's rate
  const char* what;
  std::function<void(LoopOptions&)> change;
};
absl::Status CompareWithBase(const Comparison& comparison, const BaseTarget& target,
                             ComparedLine& line);
absl::Status CompareManyAccounts(const Comparison& comparison, ComparedLine& line);
absl::Status CompareLong(const Comparison& comparison, ComparedLine& line);

}  // namespace lumbung
