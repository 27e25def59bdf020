// Copies of the ledger and of what was signed about it, made while payments go on.
//
// A copy onto another disk runs at that disk's speed: for minutes, or, if the disk does not answer,
// without an end. So it has a thread that nobody else waits for. RocksDB's copying can't be broken
// off; a server that stops leaves it by ending the process (serve.cc), as a kill would.
//
//   the server stops                    what stays in the folder, of which the caller is told
//   while it is copied                  a part: no `ledger`, a name that it gets last
//   when the ledger has its name        the whole copy
//   while what failed is removed        a part, as above
//
// A part is told by the next backup into the folder, and no server begins a ledger beside it
// (CheckLedgerIsInPlace).
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/server/config.h"
#include "api/server/readers.h"
#include "lumbung/v1/admin_service.pb.h"
#include "storage/ledger_store.h"

namespace lumbung {

// Any thread.
class Backups {
 public:
  using Answer = std::function<void(const absl::StatusOr<v1::BackupReply>& made)>;

  // Both must outlive it.
  Backups(const ServerConfig& config, const LedgerStore& ledger)
      : config_(config), ledger_(ledger) {}
  // Waits until one that is under way has ended.
  ~Backups() = default;
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  // Begins one: makes the folder, copies into it, and opens the copy before it is called good; then
  // it is on the disk, its names too. `answer` is called once, before this returns or by another
  // thread. RESOURCE_EXHAUSTED while another is under way, so that no two ever work in one folder;
  // UNAVAILABLE after Stop, or if that comes before the end. INVALID_ARGUMENT if the folder is no
  // absolute path, is among the server's own files, is there already (and whether with a ledger, or
  // with what is left of a backup that was cut off), or can't be made; otherwise what could not be
  // copied or opened, and then nothing is left of the folder.
  void Begin(const std::string& folder, Answer answer);

  // Answers for the one under way, which goes on, and begins no more.
  void Stop();

  // The folder of the one under way.
  std::optional<std::string> under_way() const;

 private:
  void Make(const std::string& folder);

  const ServerConfig& config_;
  const LedgerStore& ledger_;
  mutable std::mutex mutex_;
  std::optional<std::string> under_way_;        // guarded by mutex_
  Answer answer_;                               // empty when it was called; guarded by mutex_
  bool stopped_ = false;                        // guarded by mutex_
  Readers thread_{{.threads = 1, .queue = 1}};  // the last: it ends before the rest
};

}  // namespace lumbung
