#include "storage/transparency/checkpoint_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

constexpr std::string_view kHead = "checkpoint ";
constexpr uint64_t kTailBytes = uint64_t{1} << 20;
constexpr size_t kMostNewest = 4096;

// The note at the front of `text`, with the length of its record; nothing if it is not whole.
struct Record {
  std::string_view note;
  size_t bytes;
};
std::optional<Record> TakeRecord(std::string_view text) {
  if (!text.starts_with(kHead)) return std::nullopt;
  const size_t line = text.find('\n');
  if (line == std::string_view::npos) return std::nullopt;
  size_t length = 0;
  const auto [stop, error] =
      std::from_chars(text.data() + kHead.size(), text.data() + line, length);
  if (error != std::errc{} || stop != text.data() + line) return std::nullopt;
  if (length > text.size() - line - 1) return std::nullopt;
  return Record{text.substr(line + 1, length), line + 1 + length};
}

// The file's last bytes, from `offset` on.
struct Tail {
  std::string text;
  uint64_t offset = 0;
};
absl::StatusOr<Tail> ReadTail(int file, const std::string& path) {
  struct stat found {};
  if (fstat(file, &found) != 0) return FileError("reading", path);
  const auto size = static_cast<uint64_t>(found.st_size);
  Tail tail{.offset = size > kTailBytes ? size - kTailBytes : 0};
  tail.text.resize(size - tail.offset);
  for (size_t done = 0; done < tail.text.size();) {
    const ssize_t got = pread(file, tail.text.data() + done, tail.text.size() - done,
                              static_cast<off_t>(tail.offset + done));
    if (got <= 0) return FileError("reading", path);
    done += static_cast<size_t>(got);
  }
  return tail;
}

}  // namespace

absl::StatusOr<std::string> NewestCheckpoint(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return absl::NotFoundError("there is no " + path);
  if (file < 0) return FileError("opening", path);
  const absl::StatusOr<Tail> tail = ReadTail(file, path);
  close(file);
  if (!tail.ok()) return tail.status();
  const std::string_view text = tail->text;
  // From the end, since the very last may be torn.
  size_t at = text.rfind(kHead);
  while (at != std::string_view::npos) {
    const bool begins_line = at > 0 ? text[at - 1] == '\n' : tail->offset == 0;
    const auto record = begins_line ? TakeRecord(text.substr(at)) : std::nullopt;
    if (record) return std::string(record->note);
    if (at == 0) break;
    at = text.rfind(kHead, at - 1);
  }
  return absl::NotFoundError("there is no whole checkpoint in " + path);
}

CheckpointFile::~CheckpointFile() {
  if (file_ >= 0) close(file_);
}

absl::Status CheckpointFile::Open(const VerifierKey& log) {
  file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) return FileError("opening", path_);
  if (absl::Status status = SyncFolderOf(path_); !status.ok()) return status;
  const absl::StatusOr<Tail> tail = ReadTail(file_, path_);
  if (!tail.ok()) return tail.status();
  size_t begin = 0;
  if (tail->offset > 0) {
    const size_t found_at = tail->text.find("\n" + std::string(kHead));
    if (found_at == std::string::npos) return absl::DataLossError(path_ + " is damaged");
    begin = found_at + 1;
  }
  return Read(std::string_view(tail->text).substr(begin), tail->offset + begin, log);
}

absl::Status CheckpointFile::Read(std::string_view tail, uint64_t offset, const VerifierKey& log) {
  while (!tail.empty()) {
    const auto record = TakeRecord(tail);
    if (!record) {
      // Torn, if nothing whole comes after it.
      if (tail.find("\n" + std::string(kHead)) != std::string_view::npos) {
        return absl::DataLossError(path_ + " is damaged at byte " + std::to_string(offset));
      }
      if (ftruncate(file_, static_cast<off_t>(offset)) != 0 || fdatasync(file_) != 0) {
        return FileError("shortening", path_);
      }
      return absl::OkStatus();
    }
    const auto checkpoint = OpenCheckpoint(record->note, log);
    if (!checkpoint.ok()) {
      return absl::DataLossError(path_ + ": the record at byte " + std::to_string(offset) + ": " +
                                 std::string(checkpoint.status().message()));
    }
    newest_.insert_or_assign(checkpoint->size, std::string(record->note));
    offset += record->bytes;
    tail.remove_prefix(record->bytes);
  }
  return absl::OkStatus();
}

absl::Status CheckpointFile::Append(uint64_t size, const std::string& note) {
  const std::string record = std::string(kHead) + std::to_string(note.size()) + "\n" + note;
  const ssize_t wrote = write(file_, record.data(), record.size());
  if (wrote != static_cast<ssize_t>(record.size()) || fdatasync(file_) != 0) {
    return FileError("writing", path_);
  }
  newest_.insert_or_assign(size, note);
  if (newest_.size() > kMostNewest) newest_.erase(newest_.begin());
  return absl::OkStatus();
}

}  // namespace lumbung
