#include "api/server/backup.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "api/server/quoted.h"
#include "api/server/transparency.h"
#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

namespace fs = std::filesystem;

// In the order in which they are made. RocksDB gives the ledger its name when all of it is there.
constexpr char kEvidence[] = "/transparency";
constexpr char kLedger[] = "/ledger";
constexpr char kLedgerInTheMaking[] = "/ledger.tmp";

bool IsThere(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// What a server leaves that ends in the middle of a backup.
bool LooksCutOff(const std::string& folder) {
  return !IsThere(folder + kLedger) &&
         (IsThere(folder + kEvidence) || IsThere(folder + kLedgerInTheMaking));
}

// Whether it would lie in one of the server's own folders, among files that RocksDB takes for its
// own, or where it goes with what is derived.
bool IsAmongOwnFiles(const ServerConfig& config, const fs::path& folder) {
  std::error_code error;
  const fs::path wanted = fs::weakly_canonical(folder, error);
  for (const char* const name : {"ledger", "derived", "transparency"}) {
    const fs::path own = fs::weakly_canonical(fs::path(config.data) / name, error);
    const auto where = std::mismatch(own.begin(), own.end(), wanted.begin(), wanted.end());
    if (!error && where.first == own.end()) return true;
  }
  return false;
}

absl::Status MakeFolderOf(const ServerConfig& config, const std::string& folder) {
  if (!fs::path(folder).is_absolute() || folder.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("folder: expected an absolute path, found ", Quoted(folder)));
  }
  if (IsAmongOwnFiles(config, folder)) {
    return absl::InvalidArgumentError(
        absl::StrCat("folder: expected a path outside of the server's ledger, derived and "
                     "transparency folders, found ",
                     Quoted(folder)));
  }
  std::error_code error;
  if (!fs::create_directory(folder, error)) {
    const std::string why = error                 ? error.message()
                            : LooksCutOff(folder) ? "it has a part of a backup that did not come "
                                                    "to its end; remove it, or name another"
                                                  : "it exists";
    return absl::InvalidArgumentError(
        absl::StrCat("folder: expected a path that does not exist yet, in a folder that does; ",
                     Quoted(folder), " can't be made: ", why));
  }
  fs::permissions(folder, fs::perms::owner_all, error);
  if (!error) return absl::OkStatus();
  std::error_code ignored;
  fs::remove(folder, ignored);
  return absl::UnavailableError(absl::StrCat(
      "the permissions of ", folder, " can't be set; nothing was copied: ", error.message()));
}

absl::Status Copy(const EngineParts& engine, const std::string& folder, v1::BackupReply& reply) {
  absl::Status status = CopyEvidence(engine.config, folder + kEvidence);
  if (!status.ok()) return status;
  const std::string copy = folder + kLedger;
  if (status = engine.ledger.CopyTo(copy); !status.ok()) return status;
  const auto opened = LedgerStore::Open(copy, Access::kReadOnly);
  if (!opened.ok()) return opened.status();
  reply.set_last_sequence((*opened)->last().value());
  reply.set_bytes((*opened)->disk_bytes());
  return absl::OkStatus();
}

// What others put there meanwhile stays, and the folder with it.
void Remove(const std::string& folder) {
  std::error_code ignored;
  for (const char* const made : {kEvidence, kLedger, kLedgerInTheMaking}) {
    fs::remove_all(folder + made, ignored);
  }
  fs::remove(folder, ignored);
}

}  // namespace

absl::Status MakeBackup(const EngineParts& engine, const std::string& folder,
                        v1::BackupReply& reply) {
  if (absl::Status made = MakeFolderOf(engine.config, folder); !made.ok()) return made;
  absl::Status status = Copy(engine, folder, reply);
  if (status.ok()) status = SyncFolderOf(folder);
  if (!status.ok()) Remove(folder);
  return status;
}

}  // namespace lumbung
