#include "storage/transparency/checkpoint_file.h"

namespace lumbung {

namespace {

constexpr std::string_view kWord = "checkpoint";
constexpr uint64_t kCheckpointTailBytes = uint64_t{1} << 20;
constexpr size_t kMostNewest = 4096;

}  // namespace

CheckpointFile::CheckpointFile(std::string path)
    : file_({.path = std::move(path),
             .word = std::string(kWord),
             .tail_bytes = kCheckpointTailBytes}) {}

absl::Status CheckpointFile::Open(const VerifierKey& log) {
  return file_.Open([this, &log](std::string_view note) {
    const auto checkpoint = OpenCheckpoint(note, log);
    if (!checkpoint.ok()) return checkpoint.status();
    if (!newest_.empty() && checkpoint->size <= newest_.rbegin()->first) {
      return absl::DataLossError("it is of " + std::to_string(checkpoint->size) +
                                 " entries and stands behind one of " +
                                 std::to_string(newest_.rbegin()->first));
    }
    newest_.insert_or_assign(checkpoint->size, std::string(note));
    return absl::OkStatus();
  });
}

absl::Status CheckpointFile::Append(uint64_t size, const std::string& note) {
  if (absl::Status status = file_.Append(note); !status.ok()) return status;
  newest_.insert_or_assign(size, note);
  if (newest_.size() > kMostNewest) newest_.erase(newest_.begin());
  return absl::OkStatus();
}

absl::StatusOr<std::string> NewestCheckpoint(const std::string& path) {
  return NewestRecord(
      {.path = path, .word = std::string(kWord), .tail_bytes = kCheckpointTailBytes});
}

}  // namespace lumbung
