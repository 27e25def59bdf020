// All checkpoints that were ever signed, in a file that only grows: each is synced before anybody
// gets it. A record is a line `checkpoint <bytes>`, then the note of so many bytes; a cosignature
// that comes later is kept by writing the whole note again, and the last of a size counts.
//
// A record torn at the very end was handed to nobody and is cut off. Only the file's last MiB is
// read when it is opened: the newest checkpoints. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/transparency/checkpoint.h"

namespace lumbung {

class CheckpointFile {
 public:
  explicit CheckpointFile(std::string path) : path_(std::move(path)) {}
  ~CheckpointFile();
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;

  // Opens or makes the file and reads the newest. DATA_LOSS if what is read is damaged or not
  // signed by `log`.
  absl::Status Open(const VerifierKey& log);
  // Returns when it is on the disk.
  absl::Status Append(uint64_t size, const std::string& note);

  // Newest notes by tree size.
  const std::map<uint64_t, std::string>& newest() const { return newest_; }

 private:
  absl::Status Read(std::string_view tail, uint64_t offset, const VerifierKey& log);

  const std::string path_;
  int file_ = -1;
  std::map<uint64_t, std::string> newest_;
};

// The last whole note of the file, as it stands: read only, also while a server writes, and its
// signature not checked. NOT_FOUND if there is no file or no whole note in its last MiB.
absl::StatusOr<std::string> NewestCheckpoint(const std::string& path);

}  // namespace lumbung
