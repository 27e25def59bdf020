#include "bench/load/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace lumbung {

namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// The child's side of the fork: never returns.
[[noreturn]] void Become(char* const* arguments, const char* log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (descriptor >= 0) {
    dup2(descriptor, STDOUT_FILENO);
    dup2(descriptor, STDERR_FILENO);
  }
  execv(arguments[0], arguments);
  constexpr int kNotFound = 127;
  _exit(kNotFound);
}

// The child's number, or -1.
pid_t Fork(const ChildProcess::Command& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) Become(arguments.data(), command.log.c_str());
  return pid;
}

}  // namespace

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
  const pid_t pid = Fork(command);
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    return absl::UnavailableError("no process can be started");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::InternalError(command.arguments.front() + " failed:\n" + ReadFile(command.log));
}

absl::StatusOr<ChildProcess> ChildProcess::Start(const Command& command) {
  const pid_t pid = Fork(command);
  if (pid < 0) return absl::UnavailableError("no process can be started");
  ChildProcess child(pid);
  constexpr int kAttempts = 12'000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string address = ReadFile(command.ready_file);
    if (!address.empty() && address.back() == '\n') {
      address.pop_back();
      child.address_ = std::move(address);
      return child;
    }
    if (waitpid(pid, nullptr, WNOHANG) == pid) {
      child.pid_ = -1;
      return absl::UnavailableError(command.arguments.front() + " ended at once:\n" +
                                    ReadFile(command.log));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return absl::UnavailableError(command.arguments.front() + " does not serve:\n" +
                                ReadFile(command.log));
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
