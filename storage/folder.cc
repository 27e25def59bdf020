#include "storage/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "rocksdb/env.h"
#include "storage/status.h"

namespace lumbung {

namespace {

std::string FolderAbove(const std::string& folder) {
  const size_t slash = folder.find_last_not_of('/') == std::string::npos
                           ? std::string::npos
                           : folder.rfind('/', folder.find_last_not_of('/'));
  const std::string above = slash == std::string::npos ? "." : folder.substr(0, slash);
  return above.empty() ? "/" : above;
}

}  // namespace

absl::Status MakeFolder(const std::string& folder, const StoreSettings& settings) {
  rocksdb::Env* const env = settings.env != nullptr ? settings.env : rocksdb::Env::Default();
  if (env->FileExists(folder).ok()) return absl::OkStatus();
  const std::string above = FolderAbove(folder);
  if (absl::Status status = MakeFolder(above, settings); !status.ok()) return status;
  const absl::Status made =
      ToStatus(env->CreateDirIfMissing(folder), "making the folder " + folder);
  return made.ok() ? SyncNameOf(folder, settings) : made;
}

absl::Status SyncNameOf(const std::string& folder, const StoreSettings& settings) {
  rocksdb::Env* const env = settings.env != nullptr ? settings.env : rocksdb::Env::Default();
  const std::string above = FolderAbove(folder);
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status synced = env->NewDirectory(above, &directory);
  if (synced.ok()) synced = directory->Fsync();
  return ToStatus(synced, "syncing the folder " + above);
}

absl::Status CheckLedgerIsInPlace(const std::string& data_folder) {
  namespace fs = std::filesystem;
  std::error_code error;  // what can't be seen is met by whoever opens it
  for (fs::directory_iterator it(data_folder + "/ledger", error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().filename() != "LOCK") return absl::OkStatus();
  }
  std::string made;
  for (const char* const name : {"/derived/CURRENT", "/ledger.tmp", "/transparency/checkpoints",
                                 "/transparency/cosignatures", "/transparency/public-key"}) {
    if (fs::exists(data_folder + name, error)) made = name + 1;
  }
  // Somebody else may have put a key there, but not an empty folder.
  if (fs::is_empty(data_folder + "/transparency", error) && !error) made = "transparency";
  if (made.empty()) return absl::OkStatus();
  return absl::DataLossError(data_folder + " has " + made +
                             ", which is made only beside a ledger, but no ledger: is its disk "
                             "mounted, is this the right folder, and was its backup completed? "
                             "Nothing was changed");
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
