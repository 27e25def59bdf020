// The table of targets: each line measured, beside its baseline in the same run where it is a
// ratio.
//
// A line that was not run has no verdict. A line whose replies or balances were wrong is not met,
// whatever its speed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/load_target.h"

namespace lumbung {

struct CompareOptions {
  Places places;
  std::vector<std::string> only;  // keys of lines; empty: all
  double scale = 1;               // of the numbers of transactions of all lines but the next two
  uint64_t long_entries = 200'000'000;
  uint64_t kill_entries = 50'000'000;
  std::string picture;  // an SVG file to write; empty: none
};

struct ComparedLine {
  std::string key;
  std::string what;
  std::string target;
  std::string measured;
  std::string how;   // how it was measured, in a sentence
  double ratio = 0;  // of what was measured to the target; over 1: better than it. 0: no one ratio
  bool met = false;
};

// Keys in the order of the table.
std::vector<std::string> CompareKeys();

// Each line is printed on stderr as it is done. INVALID_ARGUMENT for a key that there is not;
// FAILED_PRECONDITION if the disk has not room enough for the long lines.
absl::StatusOr<std::vector<ComparedLine>> Compare(const CompareOptions& options);

// A table in Markdown.
std::string TableOf(const std::vector<ComparedLine>& lines);
std::string JsonOf(const std::vector<ComparedLine>& lines);

}  // namespace lumbung
