// What this program has made and must not leave behind: temporary folders, and processes. Who made
// one removes it. If a signal ends the program, a thread that waits for signals removes all of
// them; only SIGKILL leaves folders behind (its processes are killed by the kernel; spawn.h).
//
// Any thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "bench/measure/spawn.h"

namespace lumbung {

class Belongings {
 public:
  static Belongings& OfThisProgram();

  // From now on SIGINT, SIGTERM, SIGHUP and SIGPIPE end all processes, remove all folders, and then
  // end this program as they would have. One that is ignored stays ignored. Called once at most.
  // REQUIRES: this is the only thread so far, so that all others leave the signals to the one that
  // waits for them.
  void RemoveOnSignals();

  // A new folder in `parent`, which must exist: FAILED_PRECONDITION if none can be made in it.
  absl::StatusOr<std::string> MakeFolder(const std::string& parent);
  // Says on stderr if something of it is left.
  void RemoveFolder(const std::string& path);

  // As Spawn. `end_signal` ends the process at once, with all processes of its own, when what it
  // has written is not needed any more.
  pid_t Start(Program program, int end_signal);
  // Its end has been waited for.
  void HasEnded(pid_t pid);

 private:
  Belongings() = default;
  [[noreturn]] void RemoveAllAndEnd(int signal);

  std::mutex mutex_;               // held for ever once a signal has come: nothing is made any more
  std::set<std::string> folders_;  // guarded by mutex_
  std::map<pid_t, int> processes_;  // and their end signals; guarded by mutex_
};

}  // namespace lumbung
