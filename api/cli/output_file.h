// Files that commands write. An export goes into a new file, which gets its name only when all of
// it is on the disk, or to standard output. One thread.
#pragma once

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

// Writes what fits in memory, over what was there. False if that failed.
bool WriteFile(const std::string& path, std::string_view content);

}  // namespace lumbung::cli
