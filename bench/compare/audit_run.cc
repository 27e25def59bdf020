#include "bench/compare/audit_run.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/load/belongings.h"
#include "bench/load/missing.h"

namespace lumbung {

namespace {

// The most that was resident since its exec. What wait4 tells would count this program's memory
// too, which the process had between fork and exec. 0 if it has just ended.
int64_t MostRssBytes(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/status", pid));
  std::string word;
  while (file >> word) {
    int64_t kilobytes = 0;
    if (word == "VmHWM:" && file >> kilobytes) return kilobytes * 1'024;
  }
  return 0;
}

int64_t Microseconds(const timeval& time) {
  return time.tv_sec * int64_t{1'000'000} + time.tv_usec;
}

// Empty if it found nothing and went to the end.
std::string WrongIn(const std::string& output, uint64_t last_sequence) {
  using Json = nlohmann::json;
  const Json report = Json::parse(std::ifstream(output), nullptr, /*allow_exceptions=*/false);
  const auto at = [&report](const char* place) {
    const Json::json_pointer pointer(place);
    return report.contains(pointer) ? report.at(pointer) : Json();
  };
  if (at("/sound") != true) return "it did not say: sound";
  const Json came_to = at("/ledger/last_sequence");
  if (came_to == last_sequence) return "";
  return fmt::format("it came to entry {} of {}", came_to.dump(), last_sequence);
}

}  // namespace

absl::Status IsThere(const std::string& program) {
  if (access(program.c_str(), X_OK) == 0) return absl::OkStatus();
  return MissingError(fmt::format("there is no program {}", program));
}

absl::StatusOr<AuditFigures> RunAudit(const AuditQuestion& question) {
  constexpr auto kPause = std::chrono::milliseconds(10);
  const std::string output = question.folder + "/audit.json";
  const std::string log = question.folder + "/audit.log";
  // Of a run before, which would be added to.
  for (const std::string& path : {output, log}) std::filesystem::remove(path);
  const auto started = std::chrono::steady_clock::now();
  const pid_t pid = Belongings::OfThisProgram().Start(
      {.arguments = {question.program, "--json", "audit", "--data", question.data, "--key",
                     question.data + "/transparency/public-key", "--work-folder", question.folder},
       .log = log,
       .output = output},
      SIGKILL);
  if (pid < 0) return absl::UnavailableError("no process can be started");
  AuditFigures figures;
  int status = 0;
  rusage used = {};
  while (wait4(pid, &status, WNOHANG, &used) == 0) {
    if (const int64_t most = MostRssBytes(pid); most > 0) figures.most_rss_bytes = most;
    std::this_thread::sleep_for(kPause);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  Belongings::OfThisProgram().HasEnded(pid);
  figures.seconds = took.count();
  figures.cpu_us = Microseconds(used.ru_utime) + Microseconds(used.ru_stime);
  const bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const std::string wrong = ended_well
                                ? WrongIn(output, question.last_sequence)
                                : fmt::format("wait status {:#x}", static_cast<unsigned>(status));
  if (wrong.empty()) return figures;
  return absl::DataLossError(
      fmt::format("lumbung audit: {}\n{}\n{}", wrong, EndOfLog(log), EndOfLog(output)));
}

}  // namespace lumbung
