// lumbungd as a function: everything from the data folder to the last reply.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "api/server/config.h"
#include "api/server/stop_signal.h"

namespace lumbung {

// How lumbungd ends; the process's exit code.
enum class ExitCode : int {
  kStopped = 0,  // in order, or did what was asked
  kFailed = 1,   // a failure that is none of these
  kBadSetting = 2,
  kInUse = 3,    // another server has the data folder
  kDamaged = 4,  // the ledger does not fit together; nothing was changed
  kCantListen = 5,
  kStorageFailed = 6,  // the disk failed while serving
};

// Serves until `stop`. Calls `on_ready` with the address once calls are taken. Logs through
// spdlog's default logger. Blocks; several may run in one process, each on its own data folder.
// If a backup is under way at the end, it ends the process with its code instead of returning it.
ExitCode Serve(const ServerConfig& config, StopSignal& stop,
               const std::function<void(const std::string& address)>& on_ready);

// Deletes what a server that is down can rebuild from its ledger: the derived database, the tree.
ExitCode DropDerived(const ServerConfig& config);

}  // namespace lumbung
