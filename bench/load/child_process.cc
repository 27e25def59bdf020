#include "bench/load/child_process.h"

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "bench/load/belongings.h"
#include "bench/measure/spawn.h"
#include "engine/check.h"

namespace lumbung {

namespace {

pid_t StartProgram(const ChildProcess::Command& command) {
  return Belongings::OfThisProgram().Start({.arguments = command.arguments, .log = command.log},
                                           command.end_signal);
}

bool IsExitWith0(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

absl::Status Ended(const std::string& program, int status, const std::string& log) {
  const std::string how = WIFEXITED(status) ? fmt::format("exit code {}", WEXITSTATUS(status))
                                            : fmt::format("signal {}", WTERMSIG(status));
  return absl::InternalError(fmt::format("{} ended with {}:\n{}", program, how, EndOfLog(log)));
}

}  // namespace

absl::StatusOr<TemporaryFolder> TemporaryFolder::Make(const std::string& parent) {
  absl::StatusOr<std::string> path = Belongings::OfThisProgram().MakeFolder(parent);
  if (!path.ok()) return path.status();
  return TemporaryFolder(*std::move(path));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

TemporaryFolder::~TemporaryFolder() {
  if (!path_.empty()) Belongings::OfThisProgram().RemoveFolder(path_);
}

absl::Status ChildProcess::Run(const Command& command) {
  const pid_t pid = StartProgram(command);
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    return absl::UnavailableError("no process can be started");
  }
  Belongings::OfThisProgram().HasEnded(pid);
  return IsExitWith0(status) ? absl::OkStatus()
                             : Ended(command.arguments.front(), status, command.log);
}

absl::StatusOr<ChildProcess> ChildProcess::Start(const Command& command) {
  const pid_t pid = StartProgram(command);
  if (pid < 0) return absl::UnavailableError("no process can be started");
  ChildProcess child(pid, command);
  const auto end = std::chrono::steady_clock::now() + command.patience;
  while (std::chrono::steady_clock::now() < end) {
    child.address_ = ReadyAddress(command.ready_file);
    if (!child.address_.empty()) return child;
    if (waitpid(pid, nullptr, WNOHANG) == pid) {
      child.Forget();
      return absl::UnavailableError(command.arguments.front() + " ended at once:\n" +
                                    EndOfLog(command.log));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return absl::UnavailableError(command.arguments.front() + " does not serve:\n" +
                                EndOfLog(command.log));
}

absl::Status ChildProcess::Stop() {
  const int status = EndBy(SIGTERM);
  return IsExitWith0(status) ? absl::OkStatus() : Ended(program_, status, log_);
}

absl::Status ChildProcess::Kill() {
  const int status = EndBy(SIGKILL);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  return killed ? absl::OkStatus() : Ended(program_, status, log_);
}

int ChildProcess::EndBy(int signal) {
  LUMBUNG_CHECK(pid_ > 0);  // kill(-1, ...) would end all that may be ended
  kill(pid_, signal);
  int status = -1;  // of no process
  // Nothing is to be waited for where a signal ends this program too: then Forget does not return.
  waitpid(pid_, &status, 0);
  Forget();
  return status;
}

void ChildProcess::Forget() { Belongings::OfThisProgram().HasEnded(std::exchange(pid_, -1)); }

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      program_(std::move(other.program_)),
      log_(std::move(other.log_)),
      address_(std::move(other.address_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) EndBy(SIGTERM);
}

}  // namespace lumbung
