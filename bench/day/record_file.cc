#include "bench/day/record_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace lumbung {

namespace {

absl::Status Failed(std::string_view what, const std::string& path) {
  return absl::InternalError("the record " + path + " can't be " + std::string(what) + ": " +
                             std::strerror(errno));
}

}  // namespace

absl::StatusOr<RecordFile> RecordFile::Open(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) return Failed("opened", path);
  RecordFile file(path, descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError("another client is writing the record " + path);
  }
  absl::Status status = file.CutTornLine();
  if (!status.ok()) return status;
  if (lseek(descriptor, 0, SEEK_END) == 0) {
    file.Add(std::string(kRecordHeading) + "\n");
    status = file.Flush();
    if (!status.ok()) return status;
  }
  return file;
}

RecordFile::RecordFile(RecordFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      unwritten_(std::move(other.unwritten_)) {}

RecordFile::~RecordFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status RecordFile::Flush() {
  std::string_view left = unwritten_;
  while (!left.empty()) {
    const ssize_t written = write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("written", path_);
    left.remove_prefix(static_cast<size_t>(written));
  }
  unwritten_.clear();
  return absl::OkStatus();
}

absl::Status RecordFile::CutTornLine() {
  off_t end = lseek(descriptor_, 0, SEEK_END);
  std::array<char, 4096> bytes;
  while (end > 0) {
    const off_t start = std::max<off_t>(0, end - static_cast<off_t>(bytes.size()));
    const size_t wanted = static_cast<size_t>(end - start);
    if (pread(descriptor_, bytes.data(), wanted, start) != static_cast<ssize_t>(wanted)) {
      return Failed("read", path_);
    }
    const std::string_view text(bytes.data(), wanted);
    const size_t line_break = text.rfind('\n');
    if (line_break != std::string_view::npos) {
      end = start + static_cast<off_t>(line_break) + 1;
      break;
    }
    end = start;
  }
  if (ftruncate(descriptor_, end) != 0) return Failed("cut", path_);
  return absl::OkStatus();
}

}  // namespace lumbung
