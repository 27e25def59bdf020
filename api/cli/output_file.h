// Files that commands write. Each gets its name only when all of it is on the disk. An export goes
// into a new file, or to standard output. One thread.
#pragma once

#include <sys/types.h>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung::cli {

class OutputFile {
 public:
  // Empty path: standard output. FAILED_PRECONDITION if there is such a file already.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path);
  // In place of the file of this path, if there is one. `mode` are its permissions.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Replace(const std::string& path, mode_t mode);
  // Removes what was not finished.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  absl::Status Write(std::string_view text);
  absl::Status Finish();

 private:
  OutputFile(std::FILE* file, std::string path, std::string aside)
      : file_(file), path_(std::move(path)), aside_(std::move(aside)) {}
  bool to_stdout() const { return path_.empty(); }

  std::FILE* file_;
  const std::string path_;
  std::string aside_;  // what there is to be removed or renamed
};

// Writes what fits in memory, in place of what was there, or into what is no file: a terminal, a
// pipe. UNAVAILABLE says what could not be done.
absl::Status WriteFile(const std::string& path, std::string_view content);

}  // namespace lumbung::cli
