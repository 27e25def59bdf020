#include "storage/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>

#include "rocksdb/env.h"
#include "storage/status.h"

namespace lumbung {

absl::Status MakeFolder(const std::string& folder, const StoreSettings& settings) {
  rocksdb::Env* const env = settings.env != nullptr ? settings.env : rocksdb::Env::Default();
  if (env->FileExists(folder).ok()) return absl::OkStatus();
  const size_t slash = folder.find_last_not_of('/') == std::string::npos
                           ? std::string::npos
                           : folder.rfind('/', folder.find_last_not_of('/'));
  std::string above = slash == std::string::npos ? "." : folder.substr(0, slash);
  if (above.empty()) above = "/";
  if (absl::Status status = MakeFolder(above, settings); !status.ok()) return status;
  rocksdb::Status made = env->CreateDirIfMissing(folder);
  std::unique_ptr<rocksdb::Directory> directory;
  if (made.ok()) made = env->NewDirectory(above, &directory);
  if (made.ok()) made = directory->Fsync();
  return ToStatus(made, "making the folder " + folder);
}

bool TakesDirectWrites(const std::string& folder) {
  const std::string path = folder + "/direct-write-probe";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_DIRECT, 0600);
  unlink(path.c_str());
  if (file < 0) return false;
  close(file);
  return true;
}

}  // namespace lumbung
