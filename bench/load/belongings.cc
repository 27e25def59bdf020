#include "bench/load/belongings.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace lumbung {

namespace {

constexpr std::array kEndingSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr auto kPause = std::chrono::milliseconds(5);
constexpr int kPatience = 1'000;  // pauses

bool IsIgnored(int signal) {
  struct sigaction action = {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

// By which a thread whose SIGPIPE can't wait tells the one that waits for signals.
constexpr int kPipeIsBroken = SIGUSR1;

// What would print next finds no reader: the thread goes no further, and the program ends.
void OnBrokenPipe(int /*signal*/) {
  kill(getpid(), kPipeIsBroken);
  while (true) pause();
}

// Waits for its end, also if another thread does too.
void WaitForEndOf(pid_t pid) {
  for (int i = 0; i < kPatience; ++i) {
    if (waitpid(pid, nullptr, WNOHANG) != 0) return;  // ended, or the other thread was told
    std::this_thread::sleep_for(kPause);
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

// Also while a thread or a process that is about to end still writes into it.
void RemoveWhatIsLeftOf(const std::string& folder) {
  for (int i = 0; i < kPatience; ++i) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (!error && !std::filesystem::exists(folder, error)) return;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Belongings& Belongings::OfThisProgram() {
  static auto* const belongings = new Belongings;  // outlives all threads
  return *belongings;
}

void Belongings::RemoveOnSignals() {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int signal : kEndingSignals) {
    if (!IsIgnored(signal)) sigaddset(&awaited, signal);
  }
  sigaddset(&awaited, kPipeIsBroken);
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  if (!IsIgnored(SIGPIPE)) std::signal(SIGPIPE, OnBrokenPipe);
  std::thread([this, awaited] {
    int signal = 0;
    while (sigwait(&awaited, &signal) != 0) continue;
    RemoveAllAndEnd(signal == kPipeIsBroken ? SIGPIPE : signal);
  }).detach();
}

void Belongings::RemoveAllAndEnd(int signal) {
  mutex_.lock();
  for (const auto& [pid, end_signal] : processes_) kill(pid, end_signal);
  for (const auto& [pid, end_signal] : processes_) WaitForEndOf(pid);
  for (const std::string& folder : folders_) RemoveWhatIsLeftOf(folder);
  // The end that the signal asks for, so that whoever sent it sees that it was heard.
  std::signal(signal, SIG_DFL);
  sigset_t unblocked;
  sigemptyset(&unblocked);
  sigaddset(&unblocked, signal);
  pthread_sigmask(SIG_UNBLOCK, &unblocked, nullptr);
  raise(signal);
  _exit(128 + signal);
}

absl::StatusOr<std::string> Belongings::MakeFolder(const std::string& parent) {
  std::string path = parent + "/lumbung-bench-XXXXXX";
  const std::lock_guard lock(mutex_);
  if (mkdtemp(path.data()) == nullptr) {
    return absl::FailedPreconditionError("no folder can be made in " + parent);
  }
  folders_.insert(path);
  return path;
}

void Belongings::RemoveFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) fmt::print(stderr, "{} is left behind: {}\n", path, error.message());
  const std::lock_guard lock(mutex_);
  folders_.erase(path);
}

pid_t Belongings::Start(Program program, int end_signal) {
  const std::lock_guard lock(mutex_);
  const pid_t pid = Spawn(std::move(program));
  if (pid > 0) processes_.emplace(pid, end_signal);
  return pid;
}

void Belongings::HasEnded(pid_t pid) {
  const std::lock_guard lock(mutex_);
  processes_.erase(pid);
}

}  // namespace lumbung
