// Draws ranks 0 … n - 1 with probability proportional to 1 / (rank + 1)^exponent: a few
// cooperatives and members make most of the traffic. Immutable after construction; any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/workload/random.h"

namespace lumbung {

class Zipf {
 public:
  // REQUIRES: n > 0, exponent >= 0.
  Zipf(size_t n, double exponent);

  size_t Draw(Random& random) const;
  size_t size() const { return cumulative_.size(); }

 private:
  std::vector<double> cumulative_;  // of the unnormalised weights
};

}  // namespace lumbung
