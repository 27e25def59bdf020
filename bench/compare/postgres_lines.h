// Lumbung beside PostgreSQL 15 with the same work. As load_lines.h; a MissingError if PostgreSQL is
// not installed, or its user can't enter the folder.
#pragma once

#include "absl/status/status.h"
#include "bench/compare/compared_line.h"
#include "bench/compare/comparison.h"

namespace lumbung {

absl::Status ComparePostgresBatch(const Comparison& comparison, ComparedLine& line);
absl::Status ComparePostgresUnary(const Comparison& comparison, ComparedLine& line);

}  // namespace lumbung
