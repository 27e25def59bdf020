// The table of targets: each line measured, beside its baseline in the same run where it is a
// ratio.
//
// A line that was not run has no verdict. Replies, balances, proofs or books that are wrong end the
// run: there is no verdict on speed for a server that errs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/compare/compared_line.h"
#include "bench/load/load_target.h"

namespace lumbung {

// An entry in the log, in a blob file, as an id and in the tree, and some room.
inline constexpr double kDiskBytesAnEntry = 220;

struct CompareOptions {
  Places places;
  std::string lumbung;            // the command line client, for the audit
  std::vector<std::string> only;  // keys of lines; empty: all
  double scale = 1;               // of the numbers of transactions of all lines but the next two
  uint64_t long_entries = 200'000'000;
  uint64_t kill_entries = 50'000'000;
  std::string picture;  // an SVG file to write; empty: none
};

// Keys in the order of the table.
std::vector<std::string> CompareKeys();

// Appends to `lines` as they are done, and prints each on stderr. A line that can't be run for want
// of disk or of another program is told as such, and the others go on. INVALID_ARGUMENT for a key
// that there is not; any other error has ended the run in the line that it names.
absl::Status Compare(const CompareOptions& options, std::vector<ComparedLine>& lines);

}  // namespace lumbung
