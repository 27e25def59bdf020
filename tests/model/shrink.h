// The fewest of a failing test's steps that still fail: delta debugging without its search for
// single subsets (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
// Transactions on Software Engineering 28(2), 2002).
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace lumbung {

// Leaves out runs of steps, at first half of all, at last one by one, from the last to the first
// since a step is of no use without those before it; keeps what still fails. Without `most_tries`
// no single one of the steps that stay could be left out as well.
// REQUIRES: fails(steps).
std::vector<size_t> Shrink(std::vector<size_t> steps,
                           const std::function<bool(const std::vector<size_t>&)>& fails,
                           int most_tries);

}  // namespace lumbung
