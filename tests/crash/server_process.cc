#include "tests/crash/server_process.h"

#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <thread>
#include <utility>

#include "bench/measure/spawn.h"
#include "engine/check.h"

namespace lumbung {

ServerProcess::ServerProcess(Places places) : places_(std::move(places)) {}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) Kill().IgnoreError();  // after an error, which was told
}

void ServerProcess::Run(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {places_.program, "--data", data()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  pid_ = Spawn({std::move(all), places_.folder + "/log", places_.environment});
  LUMBUNG_CHECK(pid_ > 0);
}

void ServerProcess::Start(const std::vector<std::string>& options) {
  const std::string ready_file = places_.folder + "/address";  // of ReadAddress
  std::filesystem::remove(ready_file);
  std::vector<std::string> arguments = {"--listen", "127.0.0.1:0", "--ready-file", ready_file};
  arguments.insert(arguments.end(), options.begin(), options.end());
  Run(arguments);
}

absl::Status ServerProcess::WaitUntilServing(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    const std::string address = ReadAddress();
    if (!address.empty()) {
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

absl::Status ServerProcess::Kill() {
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  RemoveSharedMemory();
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) return Ended(status);
  pid_ = -1;
  SetAddress("");
  return absl::OkStatus();
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
    if (address().empty()) SetAddress(ReadAddress());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::optional<int>();
}

absl::Status ServerProcess::RunOnce(const std::string& flag) {
  Run({flag});
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
                             EndOfLog(places_.folder + "/log"));
}

std::string ServerProcess::ReadAddress() const { return ReadyAddress(places_.folder + "/address"); }

std::string ServerProcess::address() const {
  const std::lock_guard lock(mutex_);
  return address_;
}

void ServerProcess::SetAddress(const std::string& address) {
  const std::lock_guard lock(mutex_);
  address_ = address;
}

}  // namespace lumbung
