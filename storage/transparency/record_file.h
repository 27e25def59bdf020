// A file of texts that only grows, each on the disk before anybody hears of it. A record is a line
// `<word> <bytes>`, then so many bytes.
//
// WHAT A CRASH LEAVES BEHIND. A record torn at the very end was acknowledged to nobody and is cut
// off when the file is opened. Anything else that is no record is damage, and refused. After a
// failed write or sync nobody knows what the disk has: no record is appended any more until the
// file is opened anew. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

class RecordFile {
 public:
  struct Options {
    std::string path;
    std::string word;         // without space
    uint64_t tail_bytes = 0;  // of the file that are read when it is opened
  };

  explicit RecordFile(Options options) : options_(std::move(options)) {}
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  // Calls for each record, oldest first. What it says is wrong becomes DATA_LOSS. It is asked about
  // the file's torn end too, and says OK of no text that is only the beginning of a record.
  using Visit = std::function<absl::Status(std::string_view record)>;
  // Opens or makes the file and reads the records of its tail. DATA_LOSS names the byte,
  // UNAVAILABLE says what could not be done.
  absl::Status Open(const Visit& visit);
  // Returns when it is on the disk. REQUIRES: Open was OK.
  absl::Status Append(std::string_view record);

 private:
  absl::Status Read(std::string_view tail, uint64_t offset, const Visit& visit);
  absl::Status CutAt(uint64_t offset) const;

  const Options options_;
  int file_ = -1;
  absl::Status failed_;  // of the append that failed
};

// The record at the front of `text`, with the length of all of it; nothing if it is not whole. No
// text ends with a zero byte.
struct Record {
  std::string_view content;
  size_t bytes;
};
std::optional<Record> TakeRecord(std::string_view text, std::string_view word);
// Whether `text`, from where no whole record begins up to the file's end, is what a crash leaves of
// an append: its beginning, and zeros behind that if the power went. Of a disk's sectors the later
// may be there and the earlier not: then zeros are in front. One whose length was altered ends like
// it, but has all of a record behind its line: `is_whole` says so of no mere beginning.
bool IsTornRecord(std::string_view text, std::string_view word,
                  const std::function<bool(std::string_view content)>& is_whole);

// The last whole record, read only, also while another appends. NOT_FOUND if there is no file or no
// whole record in its tail.
absl::StatusOr<std::string> NewestRecord(const RecordFile::Options& options);

}  // namespace lumbung
