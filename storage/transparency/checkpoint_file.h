// All checkpoints that were ever signed, in a file that only grows (record_file.h): each is synced
// before anybody gets it. A record is a line `checkpoint <bytes>`, then the note of so many bytes.
// Cosignatures, which come later, have a file of their own (cosignatures.h).
//
// A record torn at the very end was handed to nobody and is cut off. Only the file's last MiB is
// read when it is opened: the newest checkpoints. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/record_file.h"

namespace lumbung {

class CheckpointFile {
 public:
  explicit CheckpointFile(std::string path);

  // Opens or makes the file and reads the newest. DATA_LOSS if what is read is damaged, not signed
  // by `log`, or not of more and more entries.
  absl::Status Open(const VerifierKey& log);
  // Returns when it is on the disk.
  absl::Status Append(uint64_t size, const std::string& note);

  // Newest notes by tree size.
  const std::map<uint64_t, std::string>& newest() const { return newest_; }

 private:
  RecordFile file_;
  std::map<uint64_t, std::string> newest_;
};

// The last whole note of the file, as it stands: read only, also while a server writes, and its
// signature not checked. NOT_FOUND if there is no file or no whole note in its last MiB.
absl::StatusOr<std::string> NewestCheckpoint(const std::string& path);

}  // namespace lumbung
