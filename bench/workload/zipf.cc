#include "bench/workload/zipf.h"

#include <algorithm>
#include <cmath>

#include "engine/check.h"

namespace lumbung {

Zipf::Zipf(size_t n, double exponent) {
  LUMBUNG_CHECK(n > 0 && exponent >= 0);
  cumulative_.reserve(n);
  double sum = 0;
  for (size_t rank = 0; rank < n; ++rank) {
    sum += std::pow(static_cast<double>(rank + 1), -exponent);
    cumulative_.push_back(sum);
  }
}

size_t Zipf::Draw(Random& random) const {
  const double point = random.Unit() * cumulative_.back();
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), point);
  return std::min(static_cast<size_t>(found - cumulative_.begin()), cumulative_.size() - 1);
}

}  // namespace lumbung
