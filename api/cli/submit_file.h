// Many transactions from a file: through SubmitStream, one result as soon as it is there, or
// through SubmitBatch, so many at a time. Prints a line a result, and at the end how many went
// which way.
#pragma once

#include <cstdint>
#include <string>

#include "api/cli/session.h"

namespace lumbung::cli {

struct FileSubmission {
  std::string path;         // `-` is standard input
  uint32_t batch_size = 0;  // 0: SubmitStream
};

// The exit code is that of the gravest result. A line that can't be read ends the submission: those
// before it are sent and answered, it and those behind it are not.
ExitCode SubmitFile(const FileSubmission& submission, Session& session);

}  // namespace lumbung::cli
