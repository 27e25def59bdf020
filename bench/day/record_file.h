// The client's record as a file that only grows. What was added before Flush survives the death of
// the client, because it is with the operating system. One client a file at a time. Not
// thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

// The first line of a record.
inline constexpr std::string_view kRecordHeading = "lumbung day record, version 1";

class RecordFile {
 public:
  // Opens or creates it, and cuts off a torn last line. FAILED_PRECONDITION if another client has
  // it.
  static absl::StatusOr<RecordFile> Open(const std::string& path);
  RecordFile(RecordFile&& other) noexcept;
  RecordFile& operator=(RecordFile&&) = delete;
  ~RecordFile();

  // Adds lines, each with its line break; they are written by Flush.
  void Add(std::string_view lines) { unwritten_ += lines; }
  absl::Status Flush();

 private:
  RecordFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  absl::Status CutTornLine();

  std::string path_;
  int descriptor_ = -1;
  std::string unwritten_;
};

}  // namespace lumbung
