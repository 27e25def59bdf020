// A file that gets its name only when all of it is on the disk: whoever looks for the name finds
// nothing, what was there before, or the whole file. The one place where this is done. UNAVAILABLE
// says what could not be done to which file. One thread.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

class AsideFile {
 public:
  enum class Naming : uint8_t {
    kInPlaceOfAnother,  // of the same name, if there is one
    kNew,               // where the file system can promise it, never over another file
  };

  // `mode` are its permissions. FAILED_PRECONDITION if it is to be new and the name is taken.
  static absl::StatusOr<std::unique_ptr<AsideFile>> Make(const std::string& path, Naming naming,
                                                         mode_t mode);
  // Removes what has not got its name.
  ~AsideFile();
  AsideFile(const AsideFile&) = delete;
  AsideFile& operator=(const AsideFile&) = delete;

  absl::Status Write(std::string_view bytes);
  // Syncs what was written, gives it its name, and syncs that. FAILED_PRECONDITION as Make.
  absl::Status Finish();

 private:
  AsideFile(int file, std::string path, Naming naming, std::string aside)
      : file_(file), path_(std::move(path)), naming_(naming), aside_(std::move(aside)) {}
  absl::Status GiveName() const;

  int file_;
  const std::string path_;
  const Naming naming_;
  std::string aside_;  // empty once it has its name
};

}  // namespace lumbung
