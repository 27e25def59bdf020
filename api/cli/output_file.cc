#include "api/cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "storage/transparency/synced_file.h"

namespace lumbung::cli {

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  if (path.empty()) return std::unique_ptr<OutputFile>(new OutputFile(stdout, "", ""));
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0) {
    return absl::FailedPreconditionError(path +
                                         " is there already: expected the name of a new file");
  }
  return Replace(path, 0600);
}

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Replace(const std::string& path,
                                                                mode_t mode) {
  const std::string aside = path + ".being-written-" + std::to_string(getpid());
  const int descriptor = open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (descriptor < 0) return FileError("making", aside);
  std::FILE* const file = fdopen(descriptor, "wb");
  if (file == nullptr) {
    absl::Status status = FileError("making", aside);
    close(descriptor);
    unlink(aside.c_str());
    return status;
  }
  return std::unique_ptr<OutputFile>(new OutputFile(file, path, aside));
}

OutputFile::~OutputFile() {
  if (to_stdout()) return;
  if (file_ != nullptr) std::fclose(file_);
  if (!aside_.empty()) unlink(aside_.c_str());
}

absl::Status OutputFile::Write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) == text.size()) return absl::OkStatus();
  return FileError("writing", to_stdout() ? "standard output" : aside_);
}

absl::Status OutputFile::Finish() {
  if (std::fflush(file_) != 0)
    return FileError("writing", to_stdout() ? "standard output" : aside_);
  if (to_stdout()) return absl::OkStatus();
  if (fsync(fileno(file_)) != 0) return FileError("writing", aside_);
  const int closed = std::fclose(file_);
  file_ = nullptr;
  if (closed != 0) return FileError("writing", aside_);
  if (rename(aside_.c_str(), path_.c_str()) != 0) return FileError("making", path_);
  aside_.clear();
  return SyncFolderOf(path_);
}

namespace {

absl::Status WriteThrough(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  return file.fail() ? absl::UnavailableError(path + " can't be written") : absl::OkStatus();
}

}  // namespace

absl::Status WriteFile(const std::string& path, std::string_view content) {
  struct stat found {};
  const bool there = stat(path.c_str(), &found) == 0;
  if (there && !S_ISREG(found.st_mode)) return WriteThrough(path, content);
  // Of a link, what it leads to is replaced.
  std::error_code error;
  const std::string target = there ? std::filesystem::canonical(path, error).string() : path;
  if (error) return absl::UnavailableError(path + ": " + error.message());
  auto file = OutputFile::Replace(target, there ? found.st_mode & 0777 : 0666);
  if (!file.ok()) return file.status();
  const absl::Status written = (*file)->Write(content);
  return written.ok() ? (*file)->Finish() : written;
}

}  // namespace lumbung::cli
