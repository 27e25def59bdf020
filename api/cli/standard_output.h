// Standard output, and readers that leave it: `lumbung entries | head`. One thread.
#pragma once

#include <string_view>

#include "api/cli/exit_code.h"

namespace lumbung::cli {

// First in main. From then on a pipe that nobody reads any more is an error of a write, and not the
// end of the process: a payment goes on, and its exit code says what became of it.
void OutliveReaders();

// Writes and flushes. 0, or the number of the error.
[[nodiscard]] int WriteOutput(std::string_view text);

// Of a command that only reads, when its output could not be written: if its reader left, ends the
// process by SIGPIPE, as programs do whose output is of no use to anybody any more. Returns if the
// error is another one, or if whoever started the process ignores that signal.
void EndIfReaderLeft(int error);
// The same, and else tells that the output is not whole: kFailed.
ExitCode OutputLost(int error);

}  // namespace lumbung::cli
