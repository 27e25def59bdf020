#include "api/server/backup.h"

#include <spdlog/spdlog.h>
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/server/quoted.h"
#include "api/server/transparency.h"
#include "storage/folder.h"

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

// Why a folder that is there is not taken.
std::string WhatIsThere(const std::string& folder) {
  if (IsThere(folder + kLedger)) return "it has a ledger already";
  const bool begun = IsThere(folder + kEvidence) || IsThere(folder + kLedgerInTheMaking);
  // What a server leaves that ends in the middle of a backup.
  return begun
             ? "it has a part of a backup that did not come to its end; remove it, or name another"
             : "it exists";
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
    const std::string why = error ? error.message() : WhatIsThere(folder);
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

absl::StatusOr<v1::BackupReply> Copy(const ServerConfig& config, const LedgerStore& ledger,
                                     const std::string& folder) {
  absl::Status status = CopyEvidence(config, folder + kEvidence);
  if (!status.ok()) return status;
  const std::string copy = folder + kLedger;
  if (status = ledger.CopyTo(copy); !status.ok()) return status;
  const auto opened = LedgerStore::Open(copy, Access::kReadOnly);
  if (!opened.ok()) return opened.status();
  v1::BackupReply reply;
  reply.set_last_sequence((*opened)->last().value());
  reply.set_bytes((*opened)->disk_bytes());
  if (status = SyncNameOf(folder, {}); !status.ok()) return status;
  return reply;
}

// What others put there meanwhile stays, and the folder with it. The ledger loses its name first,
// so that what a kill leaves is no ledger without its evidence, nor one without some of its files.
void Remove(const std::string& folder) {
  std::error_code ignored;
  fs::rename(folder + kLedger, folder + kLedgerInTheMaking, ignored);
  for (const char* const made : {kLedgerInTheMaking, kEvidence}) {
    fs::remove_all(folder + made, ignored);
  }
  fs::remove(folder, ignored);
}

absl::StatusOr<v1::BackupReply> MakeBackup(const ServerConfig& config, const LedgerStore& ledger,
                                           const std::string& folder) {
  if (absl::Status made = MakeFolderOf(config, folder); !made.ok()) return made;
  absl::StatusOr<v1::BackupReply> copied = Copy(config, ledger, folder);
  // Also to the log: whoever asked may have gone away.
  if (copied.ok()) {
    spdlog::info("the backup into {} is made; it reaches entry {}", folder,
                 copied->last_sequence());
  } else {
    Remove(folder);
    spdlog::warn("the backup into {} failed: {}", folder, std::string(copied.status().message()));
  }
  return copied;
}

}  // namespace

void Backups::Begin(const std::string& folder, Answer answer) {
  absl::Status refused;
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_ && !under_way_) {
      under_way_ = folder;
      answer_ = std::move(answer);
      thread_.Run([this, folder] { Make(folder); }, Admission::kAlways);
      return;
    }
    refused = stopped_ ? absl::UnavailableError("the server stops")
                       : absl::ResourceExhaustedError(
                             absl::StrCat("a backup into ", Quoted(*under_way_),
                                          " is under way: ask again when it has ended"));
  }
  answer(refused);
}

void Backups::Make(const std::string& folder) {
  const absl::StatusOr<v1::BackupReply> made = MakeBackup(config_, ledger_, folder);
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    under_way_.reset();
    answer = std::exchange(answer_, nullptr);
  }
  if (answer) answer(made);
}

void Backups::Stop() {
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    answer = std::exchange(answer_, nullptr);
  }
  if (answer) {
    answer(absl::UnavailableError(
        "the server stops in the middle of the backup; a part of it may stay in the folder"));
  }
}

std::optional<std::string> Backups::under_way() const {
  const std::lock_guard lock(mutex_);
  return under_way_;
}

}  // namespace lumbung
