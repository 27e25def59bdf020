// A server that the load client starts for itself on a folder of its own, and that ends with it.
// Not thread-safe.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

// A new folder that is removed, with all in it, at the end, also at one by a signal
// (belongings.h).
class TemporaryFolder {
 public:
  // In `parent`, which must exist.
  static absl::StatusOr<TemporaryFolder> Make(const std::string& parent);
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

class ChildProcess {
 public:
  struct Command {
    std::vector<std::string> arguments;  // the program first
    std::string log;                     // file for what it prints
    std::string ready_file;              // a server writes its address there once it serves
    std::chrono::seconds patience{60};   // until it serves
    int end_signal = SIGKILL;            // for belongings.h
  };
  // Starts it and waits until it serves. UNAVAILABLE, with the end of its log, if it does not.
  static absl::StatusOr<ChildProcess> Start(const Command& command);
  // Starts it and waits for its end. INTERNAL, with the end of its log, unless it exits with 0.
  static absl::Status Run(const Command& command);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  // Ends it with SIGTERM and waits. How it ended is told to nobody: for what has failed already,
  // or has nothing to say at its end.
  ~ChildProcess();

  // Ends it with SIGTERM and waits. INTERNAL, with the end of its log, unless it exits with 0.
  // REQUIRES of this and the next: neither was called before.
  absl::Status Stop();
  // Ends it with SIGKILL, as a power cut would, and waits. INTERNAL, with the end of its log, if it
  // had ended by itself.
  absl::Status Kill();

  pid_t pid() const { return pid_; }
  const std::string& address() const { return address_; }

 private:
  ChildProcess(pid_t pid, const Command& command)
      : pid_(pid), program_(command.arguments.front()), log_(command.log) {}
  // Its wait status.
  int EndBy(int signal);
  // REQUIRES: its end has been waited for.
  void Forget();

  pid_t pid_ = -1;
  std::string program_;
  std::string log_;
  std::string address_;
};

}  // namespace lumbung
