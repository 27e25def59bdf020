#include "api/cli/standard_output.h"

#include <cerrno>
#include <csignal>
#include <cstdio>

namespace lumbung::cli {
namespace {

bool outlives_readers = false;

}  // namespace

void OutliveReaders() { outlives_readers = std::signal(SIGPIPE, SIG_IGN) != SIG_IGN; }

int WriteOutput(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return errno;
  return std::fflush(stdout) == 0 ? 0 : errno;
}

void EndIfReaderLeft(int error) {
  if (error != EPIPE || !outlives_readers) return;
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
}

ExitCode OutputLost(int error) {
  EndIfReaderLeft(error);
  std::fputs(
      "lumbung: the output can't be written to the end\n"
      "         Make room where it goes, and run the command again.\n",
      stderr);
  return ExitCode::kFailed;
}

}  // namespace lumbung::cli
