#include "bench/load/child_process.h"

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

#include "bench/measure/spawn.h"

namespace lumbung {

absl::StatusOr<TemporaryFolder> TemporaryFolder::Make(const std::string& parent) {
  std::string path = parent + "/lumbung-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return absl::FailedPreconditionError("no folder can be made in " + parent);
  }
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

absl::Status ChildProcess::Run(const Command& command) {
  const pid_t pid = Spawn({command.arguments, command.log, {}});
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    return absl::UnavailableError("no process can be started");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::InternalError(command.arguments.front() + " failed:\n" + EndOfLog(command.log));
}

absl::StatusOr<ChildProcess> ChildProcess::Start(const Command& command) {
  const pid_t pid = Spawn({command.arguments, command.log, {}});
  if (pid < 0) return absl::UnavailableError("no process can be started");
  ChildProcess child(pid);
  constexpr int kAttempts = 12'000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    child.address_ = ReadyAddress(command.ready_file);
    if (!child.address_.empty()) return child;
    if (waitpid(pid, nullptr, WNOHANG) == pid) {
      child.pid_ = -1;
      return absl::UnavailableError(command.arguments.front() + " ended at once:\n" +
                                    EndOfLog(command.log));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return absl::UnavailableError(command.arguments.front() + " does not serve:\n" +
                                EndOfLog(command.log));
}

void ChildProcess::Kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), address_(std::move(other.address_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

}  // namespace lumbung
