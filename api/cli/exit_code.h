// The exit codes of the command line: a promise to scripts. The numbers never change; README.md and
// `lumbung --help` print the same table. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "lumbung/v1/payment_service.pb.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung::cli {

enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kMalformed = 2,
  kDeclined = 3,
  kConflict = 4,
  kNotFound = 5,
  kOutcomeUnknown = 6,
  kNotTaken = 7,
  kNotPermitted = 8,
  kFork = 9,
  kUnsound = 10,
};

ExitCode ExitCodeOf(v1::Outcome outcome);
// The answer to "did it happen?": 0 yes, 3 no and it never will, 5 not yet, but it still could.
ExitCode ExitCodeOf(v1::Resolution resolution);

// Of two results of one command the one that a script must care about more.
ExitCode Graver(ExitCode a, ExitCode b);

// What a code means, in the words of the table.
std::string_view MeaningOf(ExitCode code);
// The whole table, one line a code.
std::string ExitCodeTable();

}  // namespace lumbung::cli
