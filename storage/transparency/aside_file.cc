#include "storage/transparency/aside_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

absl::Status IsTaken(const std::string& path) {
  return absl::FailedPreconditionError(path + " is there already: expected the name of a new file");
}

}  // namespace

absl::StatusOr<std::unique_ptr<AsideFile>> AsideFile::Make(const std::string& path, Naming naming,
                                                           mode_t mode) {
  struct stat found {};
  if (naming == Naming::kNew && lstat(path.c_str(), &found) == 0) return IsTaken(path);
  const std::string aside = path + ".new-" + std::to_string(getpid());
  const int file = open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) return FileError("making", aside);
  return std::unique_ptr<AsideFile>(new AsideFile(file, path, naming, aside));
}

AsideFile::~AsideFile() {
  if (file_ >= 0) close(file_);
  if (!aside_.empty()) unlink(aside_.c_str());
}

absl::Status AsideFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(file_, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return FileError("writing", aside_);
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

absl::Status AsideFile::Finish() {
  if (fsync(file_) != 0) return FileError("writing", aside_);
  const int closed = close(std::exchange(file_, -1));
  if (closed != 0) return FileError("writing", aside_);
  if (absl::Status named = GiveName(); !named.ok()) return named;
  aside_.clear();
  return SyncFolderOf(path_);
}

// Where the file system can't rename to a free name alone, a link does it; where it has no links
// either, the name was looked for at the beginning.
absl::Status AsideFile::GiveName() const {
  const char* const from = aside_.c_str();
  const char* const to = path_.c_str();
  if (naming_ == Naming::kNew) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return absl::OkStatus();
    if (errno == EEXIST) return IsTaken(path_);
    if (errno != EINVAL && errno != ENOSYS) return FileError("making", path_);
    if (link(from, to) == 0) {
      unlink(from);
      return absl::OkStatus();
    }
    if (errno == EEXIST) return IsTaken(path_);
  }
  return rename(from, to) == 0 ? absl::OkStatus() : FileError("making", path_);
}

}  // namespace lumbung
