// What the transparency log costs. As load_lines.h.
#pragma once

#include "absl/status/status.h"
#include "bench/compare/compared_line.h"
#include "bench/compare/comparison.h"

namespace lumbung {

// Without the log and with it in turn, the first and the last time without it: the machine's speed
// drifts.
absl::Status CompareLog(const Comparison& comparison, ComparedLine& line);

}  // namespace lumbung
