#include "api/cli/output_file.h"

#include <sys/stat.h>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "api/cli/standard_output.h"
#include "storage/transparency/synced_file.h"

namespace lumbung::cli {

namespace {

constexpr size_t kBufferBytes = size_t{64} << 10;

}  // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  if (path.empty()) return std::unique_ptr<OutputFile>(new OutputFile(nullptr));
  auto file = AsideFile::Make(path, AsideFile::Naming::kNew, 0600);
  if (!file.ok()) return file.status();
  return std::unique_ptr<OutputFile>(new OutputFile(*std::move(file)));
}

absl::Status OutputFile::Write(std::string_view text) {
  buffer_ += text;
  return buffer_.size() >= kBufferBytes ? Flush() : absl::OkStatus();
}

absl::Status OutputFile::Flush() {
  const std::string bytes = std::exchange(buffer_, {});
  if (file_ != nullptr) return file_->Write(bytes);
  const int error = WriteOutput(bytes);
  if (error == 0) return absl::OkStatus();
  EndIfReaderLeft(error);
  errno = error;
  return FileError("writing", "standard output");
}

absl::Status OutputFile::Finish() {
  absl::Status status = Flush();
  return status.ok() && file_ != nullptr ? file_->Finish() : status;
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
  const auto file = AsideFile::Make(target, AsideFile::Naming::kInPlaceOfAnother,
                                    there ? found.st_mode & 0777 : 0666);
  if (!file.ok()) return file.status();
  const absl::Status written = (*file)->Write(content);
  return written.ok() ? (*file)->Finish() : written;
}

}  // namespace lumbung::cli
