// lumbungd as a process that may be killed at any moment. It listens on a port of the system's
// choice, which is another one after each start.
//
// Threads: address() from any; everything else from the one that made it, which must not end before
// the object does (the server is killed with it).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

class ServerProcess {
 public:
  struct Places {
    std::string program;
    std::string folder;                    // gets the log and the file with the address
    std::string data;                      // the ledger's folder
    std::vector<std::string> environment;  // NAME=VALUE, beside that of this process
  };
  explicit ServerProcess(Places places);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  // Starts it and does not wait. REQUIRES: not running.
  void Start(const std::vector<std::string>& options);
  // Waits until it serves. UNAVAILABLE if it does not in time, INTERNAL, with the end of its log,
  // if it ended itself.
  absl::Status WaitUntilServing(std::chrono::milliseconds patience);
  // SIGKILL, and waits for its end; also while it is frozen. INTERNAL if it had ended itself.
  absl::Status Kill();
  // SIGSTOP and SIGCONT.
  void Freeze();
  void Thaw();
  // SIGTERM, and waits for its end. INTERNAL unless it exits with 0.
  absl::Status Stop();
  // INTERNAL, with the end of its log, if it ended itself.
  absl::Status CheckRunning();
  // Waits for it to end itself: its exit code, or nothing if it goes on. If it begins to serve
  // meanwhile, clients find it. INTERNAL if a signal ended it.
  absl::StatusOr<std::optional<int>> AwaitExit(std::chrono::milliseconds patience);
  // Runs it to its end with other arguments than for serving. REQUIRES: not running.
  absl::Status RunOnce(const std::string& flag);

  // Where it serves; empty while it does not.
  std::string address() const;
  pid_t pid() const { return pid_; }
  const std::string& data() const { return places_.data; }

 private:
  void RemoveSharedMemory() const;
  void Run(const std::vector<std::string>& arguments);
  std::string ReadAddress() const;
  void SetAddress(const std::string& address);
  absl::Status Ended(int status);

  const Places places_;
  pid_t pid_ = -1;
  mutable std::mutex mutex_;
  std::string address_;  // under the mutex
};

}  // namespace lumbung
