// lumbungd: the server. What it does is in api/server/serve.cc; here are only the process's own
// affairs.
#include <google/protobuf/stubs/logging.h>
#include <malloc.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "api/server/config.h"
#include "api/server/serve.h"
#include "api/server/stop_signal.h"
#include "api/standard_streams.h"

namespace {

lumbung::StopSignal* stop_signal = nullptr;

void OnSignal(int) { stop_signal->Request(); }

void InstallSignals(lumbung::StopSignal& stop) {
  stop_signal = &stop;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  // A client or a log reader that went away is an error of a write, not the end of the server.
  std::signal(SIGPIPE, SIG_IGN);
}

void InstallLog(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("lumbungd");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %L %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
  // A line on stderr for each text that is not UTF-8, as many as a client likes: who sent it is
  // told (unreadable.h).
  google::protobuf::SetLogHandler(nullptr);
}

// Batches come and go in buffers of a megabyte, which malloc would by default give back to the
// kernel each time and touch as fresh pages the next.
void KeepLargeBuffers() {
  constexpr int kMebibyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 32 * kMebibyte);
  mallopt(M_TRIM_THRESHOLD, 256 * kMebibyte);
}

// Debian builds Abseil with its search for deadlocks on, which every lock of gRPC would pay for.
void LockWithoutSearchForDeadlocks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

int Run(const lumbung::Invocation& invocation) {
  switch (invocation.action) {
    case lumbung::Action::kShowHelp:
      std::fputs(lumbung::HelpText().c_str(), stdout);
      return 0;
    case lumbung::Action::kShowVersion:
      std::puts(lumbung::VersionText().c_str());
      return 0;
    case lumbung::Action::kDropDerived:
      InstallLog(invocation.config.log_level);
      return static_cast<int>(lumbung::DropDerived(invocation.config));
    case lumbung::Action::kServe:
      break;
  }
  InstallLog(invocation.config.log_level);
  lumbung::StopSignal stop;
  InstallSignals(stop);
  const auto say_ready = [](const std::string& address) {
    std::printf("lumbungd: serving on %s\n", address.c_str());
    std::fflush(stdout);
  };
  return static_cast<int>(lumbung::Serve(invocation.config, stop, say_ready));
}

}  // namespace

int main(int argc, char** argv) {
  lumbung::TakeStandardStreams();
  KeepLargeBuffers();
  LockWithoutSearchForDeadlocks();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto invocation = lumbung::ReadInvocation(arguments, lumbung::ProcessEnvironment());
  if (!invocation.ok()) {
    const std::string why(invocation.status().message());
    std::fprintf(stderr, "lumbungd: %s\n", why.c_str());
    return static_cast<int>(lumbung::ExitCode::kBadSetting);
  }
  return Run(*invocation);
}
