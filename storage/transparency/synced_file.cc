#include "storage/transparency/synced_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "storage/transparency/aside_file.h"

namespace lumbung {

namespace {

absl::Status WriteAll(int file, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t wrote = write(file, content.data(), content.size());
    if (wrote <= 0 && errno != EINTR) return FileError("writing", path);
    if (wrote > 0) content.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

absl::Status WriteFile(const std::string& path, AsideFile::Naming naming,
                       std::string_view content) {
  const auto file = AsideFile::Make(path, naming, 0600);
  if (!file.ok()) return file.status();
  if (absl::Status status = (*file)->Write(content); !status.ok()) return status;
  return (*file)->Finish();
}

}  // namespace

absl::Status FileError(std::string_view doing, const std::string& path) {
  return absl::UnavailableError(std::string(doing) + " " + path + ": " + std::strerror(errno));
}

absl::Status SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return FileError("opening", folder);
  const absl::Status status = fsync(file) == 0 ? absl::OkStatus() : FileError("syncing", folder);
  close(file);
  return status;
}

absl::Status CreateSynced(const std::string& path, std::string_view content) {
  absl::Status status = WriteFile(path, AsideFile::Naming::kNew, content);
  if (absl::IsFailedPrecondition(status)) status = absl::UnavailableError(status.message());
  return status;
}

absl::Status ReplaceSynced(const std::string& path, std::string_view content) {
  const auto target = WhereItLeads(path);
  if (!target.ok()) return target.status();
  return WriteFile(*target, AsideFile::Naming::kInPlaceOfAnother, content);
}

absl::StatusOr<std::string> WhereItLeads(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error)) return path;
  const std::string target = std::filesystem::canonical(path, error).string();
  if (!error) return target;
  return absl::UnavailableError("following the link " + path + ": " + error.message());
}

absl::Status CopySynced(const std::string& from, const std::string& to) {
  std::error_code error;
  if (!std::filesystem::exists(from, error)) return absl::OkStatus();
  const auto size = std::filesystem::file_size(from, error);
  std::ifstream source(from, std::ios::binary);
  if (error || !source) return FileError("opening", from);
  const int file = open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return FileError("making", to);
  std::string part(size_t{1} << 20, '\0');
  absl::Status status;
  for (uint64_t left = size; status.ok() && left > 0;) {
    const uint64_t wanted = std::min<uint64_t>(left, part.size());
    source.read(part.data(), static_cast<std::streamsize>(wanted));
    if (static_cast<uint64_t>(source.gcount()) != wanted) {
      status = FileError("reading", from);
    } else {
      status = WriteAll(file, to, std::string_view(part).substr(0, wanted));
    }
    left -= wanted;
  }
  if (status.ok() && fsync(file) != 0) status = FileError("syncing", to);
  close(file);
  return status.ok() ? SyncFolderOf(to) : status;
}

absl::Status LookFor(const std::string& path) {
  struct stat found = {};  // of access, the real user would count
  if (stat(path.c_str(), &found) == 0) return absl::OkStatus();
  if (errno == ENOENT || errno == ENOTDIR) return absl::NotFoundError("there is no " + path);
  return FileError("looking for", path);
}

absl::StatusOr<std::string> ReadWhole(const std::string& path, size_t most) {
  if (absl::Status there = LookFor(path); !there.ok()) return there;
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError("opening", path);
  std::string content(most + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return FileError("reading", path);
  content.resize(static_cast<size_t>(file.gcount()));
  if (content.size() > most) {
    return absl::DataLossError(path + " has more than " + std::to_string(most) + " bytes");
  }
  return content;
}

}  // namespace lumbung
