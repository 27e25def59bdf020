#include "tests/crash/server_process.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
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

std::string EndOf(const std::string& text) {
  constexpr size_t kBytes = 2'000;
  return text.size() <= kBytes ? text : text.substr(text.size() - kBytes);
}

// As execve takes them.
std::vector<char*> PointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The child's side of the fork: never returns.
[[noreturn]] void Become(char* const* arguments, char* const* environment, const char* log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (descriptor >= 0) {
    dup2(descriptor, STDOUT_FILENO);
    dup2(descriptor, STDERR_FILENO);
  }
  execve(arguments[0], arguments, environment);
  constexpr int kNotFound = 127;
  _exit(kNotFound);
}

}  // namespace

ServerProcess::ServerProcess(Places places) : places_(std::move(places)) {}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) Kill();
}

void ServerProcess::Spawn(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {places_.program, "--data", data()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = places_.environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  const std::vector<char*> arguments_pointers = PointersTo(all);
  const std::vector<char*> environment_pointers = PointersTo(environment);
  const std::string log = places_.folder + "/log";
  pid_ = fork();
  if (pid_ == 0) Become(arguments_pointers.data(), environment_pointers.data(), log.c_str());
}

void ServerProcess::Start(const std::vector<std::string>& options) {
  const std::string ready_file = places_.folder + "/address";
  std::filesystem::remove(ready_file);
  std::vector<std::string> arguments = {"--listen", "127.0.0.1:0", "--ready-file", ready_file};
  arguments.insert(arguments.end(), options.begin(), options.end());
  Spawn(arguments);
}

absl::Status ServerProcess::WaitUntilServing(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    std::string address = ReadFile(places_.folder + "/address");
    if (!address.empty() && address.back() == '\n') {
      address.pop_back();
      SetAddress(address);
      return absl::OkStatus();
    }
    const absl::Status running = CheckRunning();
    if (!running.ok()) return running;
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::UnavailableError("the server does not serve");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void ServerProcess::Kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  RemoveSharedMemory();
  pid_ = -1;
  SetAddress("");
}

// What libfaketime could not remove at its end.
void ServerProcess::RemoveSharedMemory() const {
  if (places_.environment.empty()) return;
  shm_unlink(("/faketime_shm_" + std::to_string(pid_)).c_str());
  sem_unlink(("/faketime_sem_" + std::to_string(pid_)).c_str());
}

void ServerProcess::Freeze() { kill(pid_, SIGSTOP); }

void ServerProcess::Thaw() { kill(pid_, SIGCONT); }

absl::Status ServerProcess::Stop() {
  kill(pid_, SIGTERM);
  int status = 0;
  waitpid(pid_, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    pid_ = -1;
    SetAddress("");
    return absl::OkStatus();
  }
  return Ended(status);
}

absl::Status ServerProcess::CheckRunning() {
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return absl::OkStatus();
  return Ended(status);
}

absl::StatusOr<std::optional<int>> ServerProcess::AwaitExit(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      const absl::Status ended = Ended(status);
      if (!WIFEXITED(status)) return ended;
      return std::optional<int>(WEXITSTATUS(status));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::optional<int>();
}

absl::Status ServerProcess::RunOnce(const std::string& flag) {
  Spawn({flag});
  int status = 0;
  waitpid(pid_, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return Ended(status);
  pid_ = -1;
  return absl::OkStatus();
}

absl::Status ServerProcess::Ended(int status) {
  pid_ = -1;
  SetAddress("");
  const std::string how = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  return absl::InternalError("the server ended with " + how + "; the end of its log:\n" +
                             EndOf(ReadFile(places_.folder + "/log")));
}

std::string ServerProcess::address() const {
  const std::lock_guard lock(mutex_);
  return address_;
}

void ServerProcess::SetAddress(const std::string& address) {
  const std::lock_guard lock(mutex_);
  address_ = address;
}

}  // namespace lumbung
