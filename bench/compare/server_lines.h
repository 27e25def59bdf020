// Lines about a payment's latency, and about a server that does nothing. As load_lines.h.
#pragma once

#include "absl/status/status.h"
#include "bench/compare/compared_line.h"
#include "bench/compare/comparison.h"

namespace lumbung {

absl::Status CompareLone(const Comparison& comparison, ComparedLine& line);
absl::Status CompareOpen(const Comparison& comparison, ComparedLine& line);
absl::Status CompareIdle(const Comparison& comparison, ComparedLine& line);

}  // namespace lumbung
