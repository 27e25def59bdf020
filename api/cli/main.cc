// The `lumbung` command line.
#include <cstdio>
#include <exception>

#include "api/cli/command_line.h"
#include "api/cli/standard_output.h"
#include "api/standard_streams.h"

int main(int argc, char** argv) {
  lumbung::TakeStandardStreams();
  lumbung::cli::OutliveReaders();
  try {
    lumbung::cli::CommandLine line;
    return static_cast<int>(line.Run(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lumbung: %s\n", error.what());
    return static_cast<int>(lumbung::cli::ExitCode::kFailed);
  }
}
