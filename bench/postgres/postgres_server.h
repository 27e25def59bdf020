// A PostgreSQL of one's own on a temporary folder: durable (fsync, full_page_writes and
// synchronous_commit on, which is checked), reached by a Unix socket in that folder and nothing
// else, ended and removed with this object. Not thread-safe.
//
// PostgreSQL refuses to run as root. If root starts it, it runs as the user `postgres`, which its
// package makes; so that user must be able to enter the folder's parents.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "bench/load/child_process.h"
#include "bench/measure/process_figures.h"

namespace lumbung {

class PostgresServer {
 public:
  // Whether Debian's PostgreSQL 15 is installed.
  static bool Installed();
  // Starts it on a new folder in `parent` and waits until it takes connections. A MissingError if
  // it is not installed, or its user can't enter the folder.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Start(const std::string& parent,
                                                               uint32_t sessions);
  // REQUIRES: no session is open that is still to be used.
  ~PostgresServer();

  const std::string& socket_folder() const { return folder_.path(); }
  // What its processes have used: of those that have ended, nothing. Memory that they share is
  // counted once. `written_bytes` stays 0: the kernel counts a whole large page (256 KiB) of the
  // page cache each time that a piece of the log is written into it.
  std::optional<ProcessFigures> Used() const;

 private:
  PostgresServer(TemporaryFolder folder, ChildProcess child)
      : folder_(std::move(folder)), child_(std::move(child)) {}
  absl::Status WaitAndCheck() const;

  TemporaryFolder folder_;  // removed after the child has ended
  ChildProcess child_;
};

}  // namespace lumbung
