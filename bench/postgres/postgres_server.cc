#include "bench/postgres/postgres_server.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bench/load/missing.h"
#include "bench/postgres/session.h"

namespace lumbung {

namespace {

constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin";
constexpr char kUser[] = "postgres";
// PostgreSQL ends at once with all its processes.
constexpr int kImmediateShutdown = SIGQUIT;

// The beginning of a command line under which a program runs as PostgreSQL's user, and ends with
// this process.
std::vector<std::string> Launcher() {
  std::vector<std::string> launcher = {"/usr/bin/setpriv", "--pdeathsig", "QUIT"};
  if (geteuid() != 0) return launcher;
  for (const char* word : {"--reuid", kUser, "--regid", kUser, "--init-groups"}) {
    launcher.emplace_back(word);
  }
  return launcher;
}

absl::Status GiveToUser(const std::string& folder) {
  if (geteuid() != 0) return absl::OkStatus();
  const passwd* const user = getpwnam(kUser);
  if (user == nullptr || chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0) {
    return MissingError(fmt::format("{} can't be given to the user {}", folder, kUser));
  }
  std::vector<std::string> look = Launcher();
  for (const char* word : {"/usr/bin/test", "-x"}) look.emplace_back(word);
  look.push_back(folder);
  const absl::Status entered =
      ChildProcess::Run({.arguments = std::move(look), .log = "/dev/null"});
  if (!absl::IsInternal(entered)) return entered;
  return MissingError(fmt::format("the user {} can't enter {}", kUser, folder));
}

// A quarter of the memory, as PostgreSQL's manual advises, and no more than 4 GiB.
int64_t SharedBuffersMib() {
  const int64_t memory_mib = sysconf(_SC_PHYS_PAGES) / 1'024 * sysconf(_SC_PAGESIZE) / 1'024;
  return std::clamp<int64_t>(memory_mib / 4, 128, 4'096);
}

// All that is not named here is PostgreSQL's default, durability above all. No checkpoint comes in
// between unless a run writes 32 GiB; no replication is prepared for; no statement is compiled.
std::vector<std::string> Settings(const std::string& folder, uint32_t sessions) {
  constexpr uint32_t kSessionsMore = 8;
  return {"listen_addresses=",
          "unix_socket_directories=" + folder,
          "external_pid_file=" + folder + "/ready",
          fmt::format("max_connections={}", sessions + kSessionsMore),
          fmt::format("shared_buffers={}MB", SharedBuffersMib()),
          "max_wal_size=32GB",
          "min_wal_size=2GB",
          "wal_buffers=64MB",
          "checkpoint_timeout=1h",
          "wal_level=minimal",
          "max_wal_senders=0",
          "work_mem=64MB",
          "jit=off"};
}

// Kilobytes of the line `key` of a file of /proc.
int64_t KilobytesOf(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    int64_t kilobytes = 0;
    if (word == key && file >> kilobytes) return kilobytes;
  }
  return 0;
}

}  // namespace

bool PostgresServer::Installed() {
  return std::filesystem::exists(std::string(kPrograms) + "/initdb");
}

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Start(const std::string& parent,
                                                                      uint32_t sessions) {
  if (!Installed()) {
    return MissingError(fmt::format("there is no PostgreSQL in {}", kPrograms));
  }
  auto folder = TemporaryFolder::Make(parent);
  if (!folder.ok()) return folder.status();
  const std::string& path = folder->path();
  if (const absl::Status given = GiveToUser(path); !given.ok()) return given;

  std::vector<std::string> make = Launcher();
  const std::string data = path + "/data";
  for (const std::string& word :
       {fmt::format("{}/initdb", kPrograms), std::string("--pgdata"), data,
        std::string("--username=lumbung"), std::string("--auth=trust"),
        std::string("--encoding=UTF8"), std::string("--locale=C"), std::string("--no-sync")}) {
    make.push_back(word);
  }
  const absl::Status made = ChildProcess::Run(
      {.arguments = std::move(make), .log = path + "/initdb.log", .end_signal = SIGTERM});
  if (!made.ok()) return made;

  std::vector<std::string> serve = Launcher();
  serve.push_back(fmt::format("{}/postgres", kPrograms));
  serve.insert(serve.end(), {"-D", data});
  for (const std::string& setting : Settings(path, sessions)) {
    serve.insert(serve.end(), {"-c", setting});
  }
  auto child = ChildProcess::Start({.arguments = std::move(serve),
                                    .log = path + "/log",
                                    .ready_file = path + "/ready",
                                    .end_signal = kImmediateShutdown});
  if (!child.ok()) return child.status();
  std::unique_ptr<PostgresServer> server(new PostgresServer(*std::move(folder), *std::move(child)));
  if (const absl::Status ready = server->WaitAndCheck(); !ready.ok()) return ready;
  return server;
}

absl::Status PostgresServer::WaitAndCheck() const {
  constexpr int kAttempts = 3'000;
  absl::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto session = PostgresSession::Connect(socket_folder());
    status = session.status();
    if (status.ok()) {
      const auto row = session->Row(
          "SELECT current_setting('fsync') || current_setting('synchronous_commit') || "
          "current_setting('full_page_writes')");
      if (!row.ok()) return row.status();
      return row->front() == "ononon" ? absl::OkStatus()
                                      : absl::InternalError("PostgreSQL is not durable");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return status;
}

// Its folder goes with it, so nothing is to be written to it any more.
PostgresServer::~PostgresServer() { kill(child_.pid(), kImmediateShutdown); }

std::optional<ProcessFigures> PostgresServer::Used() const {
  std::vector<pid_t> processes = {child_.pid()};
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", child_.pid()));
  for (pid_t child = 0; children >> child;) processes.push_back(child);
  ProcessFigures sum;
  for (const pid_t process : processes) {
    const auto used = ReadProcessFigures(process);
    if (!used) continue;  // it ended just now
    sum.cpu_us += used->cpu_us;
    sum.rss_bytes += KilobytesOf(fmt::format("/proc/{}/smaps_rollup", process), "Pss:") * 1'024;
  }
  if (sum.cpu_us == 0) return std::nullopt;
  return sum;
}

}  // namespace lumbung
