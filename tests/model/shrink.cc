#include "tests/model/shrink.h"

#include <algorithm>

namespace lumbung {

std::vector<size_t> Shrink(std::vector<size_t> steps,
                           const std::function<bool(const std::vector<size_t>&)>& fails,
                           int most_tries) {
  int tries = 0;
  for (size_t run = (steps.size() + 1) / 2; run > 0;) {
    const size_t before = steps.size();
    for (size_t end = steps.size(); end > 0 && tries < most_tries; ++tries) {
      const size_t begin = end - std::min(run, end);
      std::vector<size_t> fewer = steps;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(begin),
                  fewer.begin() + static_cast<std::ptrdiff_t>(end));
      if (fails(fewer)) steps = std::move(fewer);
      end = begin;
    }
    if (tries >= most_tries) break;
    // One by one until none can be left out: each that went may have been what another was for.
    if (run > 1 || steps.size() == before) run /= 2;
  }
  return steps;
}

}  // namespace lumbung
