// Files that commands write. Each gets its name only when all of it is on the disk. An export goes
// into a new file, or to standard output. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/transparency/aside_file.h"

namespace lumbung::cli {

class OutputFile {
 public:
  // Empty path: standard output. FAILED_PRECONDITION if there is such a file already.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path);
  // What was not finished is removed.
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  absl::Status Write(std::string_view text);
  absl::Status Finish();

 private:
  explicit OutputFile(std::unique_ptr<AsideFile> file) : file_(std::move(file)) {}
  absl::Status Flush();

  const std::unique_ptr<AsideFile> file_;  // null: standard output
  std::string buffer_;
};

// Writes what fits in memory, in place of what was there, or into what is no file: a terminal, a
// pipe. UNAVAILABLE says what could not be done.
absl::Status WriteFile(const std::string& path, std::string_view content);

}  // namespace lumbung::cli
