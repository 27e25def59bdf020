// lumbungd as a process that may be killed at any moment. It listens on a port of the system's
// choice, which is another one after each start.
//
// Threads: address() from any; everything else from the one that made it, which must not end before
// the object does (the server is killed with it).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace lumbung {

class ServerProcess {
 public:
  // `folder` gets the ledger (data), the log and the file with the address.
  ServerProcess(std::string program, std::string folder);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  // Starts it and does not wait. REQUIRES: not running.
  void Start(const std::vector<std::string>& options);
  // Waits until it serves. UNAVAILABLE if it does not in time, INTERNAL, with the end of its log,
  // if it ended itself.
  absl::Status WaitUntilServing(std::chrono::milliseconds patience);
  // SIGKILL, and waits for its end; also while it is frozen.
  void Kill();
  // SIGSTOP and SIGCONT.
  void Freeze();
  void Thaw();
  // SIGTERM, and waits for its end. INTERNAL unless it exits with 0.
  absl::Status Stop();
  // INTERNAL, with the end of its log, if it ended itself.
  absl::Status CheckRunning();
  // Runs it to its end with other arguments than for serving. REQUIRES: not running.
  absl::Status RunOnce(const std::string& flag);

  // Where it serves; empty while it does not.
  std::string address() const;
  pid_t pid() const { return pid_; }
  const std::string& folder() const { return folder_; }
  std::string data() const { return folder_ + "/data"; }

 private:
  void Spawn(const std::vector<std::string>& arguments);
  void SetAddress(const std::string& address);
  absl::Status Ended(int status);

  const std::string program_;
  const std::string folder_;
  pid_t pid_ = -1;
  mutable std::mutex mutex_;
  std::string address_;  // under the mutex
};

}  // namespace lumbung
