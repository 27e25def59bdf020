#include "api/server/serve.h"

#include <spdlog/spdlog.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/server/engine_parts.h"
#include "api/server/grpc_server.h"
#include "api/server/system_clock.h"
#include "api/server/time_slice.h"
#include "api/server/transparency.h"
#include "engine/limits.h"
#include "engine/state.h"
#include "storage/folder.h"
#include "storage/recovery.h"
#include "storage/segment_import.h"

namespace lumbung {

namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

// After a failure of the disk, calls in flight get their answer quickly or not at all.
constexpr int64_t kFailedDrainMs = 2000;

std::string LedgerFolder(const ServerConfig& config) { return config.data + "/ledger"; }
std::string DerivedFolder(const ServerConfig& config) { return config.data + "/derived"; }

std::string Text(const absl::Status& status) { return std::string(status.message()); }

// Makes the folder, for this user only, if it is not there. DATA_LOSS if it is there, but not its
// ledger.
absl::Status MakeDataFolder(const std::string& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return CheckLedgerIsInPlace(folder);
  // Whose permissions are not ours to set.
  if (fs::exists(folder, error)) {
    return absl::InvalidArgumentError("data: expected a folder, or none yet; this is none");
  }
  if (absl::Status made = MakeFolder(folder, {}); !made.ok()) return made;
  fs::permissions(folder, fs::perms::owner_all, error);
  if (error) {
    return absl::UnavailableError("data folder " + folder + " can't be made: " + error.message());
  }
  return absl::OkStatus();
}

// Says why the data folder can't be served, and with which code the process ends.
ExitCode Refuse(const std::string& folder, const absl::Status& status) {
  if (status.code() == absl::StatusCode::kFailedPrecondition) {
    spdlog::error("{}", Text(status));
    return ExitCode::kInUse;
  }
  if (status.code() == absl::StatusCode::kDataLoss) {
    spdlog::error("the ledger in {} is damaged and will not be served: {}", folder, Text(status));
    return ExitCode::kDamaged;
  }
  spdlog::error("{} can't be served: {}", folder, Text(status));
  return ExitCode::kFailed;
}

// The same of the transparency log, which can be done without.
ExitCode RefuseLog(const absl::Status& status) {
  spdlog::error("the transparency log can't be opened: {}", Text(status));
  spdlog::error("nothing was changed; --transparency off serves the ledger without its evidence");
  return absl::IsDataLoss(status) ? ExitCode::kDamaged : ExitCode::kFailed;
}

void LogOpening(SteadyClock::time_point start, SteadyClock::time_point ledger_opened) {
  const auto seconds = [](SteadyClock::duration time) {
    return std::chrono::duration<double>(time).count();
  };
  spdlog::info("opened the ledger in {:.2f} s, the derived data in {:.2f} s",
               seconds(ledger_opened - start), seconds(SteadyClock::now() - ledger_opened));
}

void LogProgress(Sequence reached) {
  spdlog::info("reading the ledger: entry {}", reached.value());
}

void LogRecovery(const RecoveryReport& report) {
  spdlog::info("loaded a checkpoint of {} accounts in {:.2f} s", report.accounts,
               report.load_seconds);
  if (report.replayed_entries == 0) {
    spdlog::info("the ledger has {} entries; the checkpoint is complete", report.last.value());
    return;
  }
  spdlog::info("the ledger has {} entries; replayed {} from {} on in {:.2f} s", report.last.value(),
               report.replayed_entries, report.replayed_from.value(),
               report.seconds - report.load_seconds);
}

// Whether entries may be made at the clock's time: the ledger's, and a hold's deadline, end in the
// year 2106. Says so if not, and warns of a clock that is behind.
bool ClockIsUsable(Timestamp now, Timestamp last) {
  constexpr Timestamp kEnd{kLastSecond * kNsPerSecond};
  if (last >= kEnd) {
    spdlog::error(
        "the ledger's last entry is of the year 2106: a clock was wrong when it was made, and no "
        "later one can be. Go on with a backup from before");
  } else if (now < Timestamp{0} || now >= kEnd) {
    spdlog::error(
        "the clock is wrong: it shows second {} since 1970, expected a time before 2106. Mend it; "
        "nothing was changed",
        now.value() / kNsPerSecond);
  } else if (now < last) {
    spdlog::warn(
        "the clock is {} s behind the last entry: until it has caught up each entry gets the time "
        "of the one before and a nanosecond, no hold expires, no day ends, and an id of UUIDv7 "
        "that is made more than 5 minutes after the last entry is refused. If the clock is wrong, "
        "mend it",
        (last.value() - now.value()) / kNsPerSecond);
  }
  return last < kEnd && now >= Timestamp{0} && now < kEnd;
}

// The file that tells others where the server is, for as long as it is there.
class ReadyFile {
 public:
  // With an empty path there is none.
  explicit ReadyFile(std::string path) : path_(std::move(path)) {}
  ~ReadyFile() {
    std::error_code error;
    if (written_) fs::remove(path_, error);
  }
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

  // Written aside and renamed, so that nobody reads half an address.
  absl::Status Write(const std::string& address) {
    if (path_.empty()) return absl::OkStatus();
    const std::string aside = path_ + ".new";
    std::ofstream file(aside);
    file << address << "\n";
    file.close();
    std::error_code error(file ? 0 : errno, std::generic_category());
    if (!error) fs::rename(aside, path_, error);
    written_ = !error;
    if (written_) return absl::OkStatus();
    std::error_code ignored;
    fs::remove(aside, ignored);
    return absl::InvalidArgumentError(absl::StrCat(
        "ready_file: expected a file that can be written, found ", path_, ": ", error.message()));
  }

 private:
  const std::string path_;
  bool written_ = false;
};

Pipeline::Options PipelineOptions(const ServerConfig& config) {
  return {.ring_slots = config.ring_slots,
          .reserved_slots = config.reserved_slots,
          .blocks = config.blocks,
          .spin_microseconds = static_cast<int>(config.spin_us),
          .begin_thread = ShortenTimeSlice};
}

// What came alone is helped through by the callback thread itself; what came together is left to
// the apply thread, so that more can come while it syncs.
void BeginWithSubmitted(void* pipeline, uint64_t requests) {
  auto& submitted_to = *static_cast<Pipeline*>(pipeline);
  if (requests == 1) {
    submitted_to.HelpOrNotify();
  } else {
    submitted_to.Notify();
  }
}

// Ready, until asked to stop. kStopped then; otherwise why it can't be ready.
ExitCode Listen(GrpcServer& server, const ServerConfig& config, StopSignal& stop,
                const std::function<void(const std::string& address)>& on_ready) {
  if (!server.Start()) {
    spdlog::error("can't listen on {}: the address is in use or not of this machine",
                  config.listen);
    return ExitCode::kCantListen;
  }
  ReadyFile ready_file(config.ready_file);
  if (const absl::Status status = ready_file.Write(server.address()); !status.ok()) {
    spdlog::error("{}", Text(status));
    return ExitCode::kBadSetting;
  }
  on_ready(server.address());
  stop.Wait();
  spdlog::info("stopping: answering the calls in flight");
  return ExitCode::kStopped;
}

// How long the calls in flight have at the end.
std::chrono::milliseconds PatienceAtEnd(const ServerConfig& config, const absl::Status& failure) {
  return std::chrono::milliseconds(failure.ok() ? config.drain_ms
                                                : std::min(config.drain_ms, kFailedDrainMs));
}

// The end of a server that was asked to stop: a checkpoint, so that the next start replays nothing.
ExitCode EndInOrder(Background& background) {
  if (const absl::Status status = background.CheckpointNow(); !status.ok()) {
    spdlog::error("the last checkpoint failed, the next start replays the ledger instead: {}",
                  Text(status));
    return ExitCode::kStorageFailed;
  }
  spdlog::info("stopped; the checkpoint reaches entry {}",
               background.checkpoint_watermark().value());
  return ExitCode::kStopped;
}

// The last of the threads: what the ledger has is signed, unless the disk has failed.
ExitCode EndLog(TransparencyLog* log, ExitCode code) {
  const auto ending = code == ExitCode::kStorageFailed ? TransparencyLog::Ending::kAtOnce
                                                       : TransparencyLog::Ending::kSigned;
  const absl::Status status = EndTransparencyLog(log, ending);
  if (status.ok()) return code;
  spdlog::error("the last checkpoint could not be signed: {}", Text(status));
  return ExitCode::kStorageFailed;
}

// Ends the process if a backup is under way, which could last for minutes, or for ever where its
// disk does not answer. What is left to be done gives back memory and closes files: all that must
// be on the disk is there.
ExitCode LeaveBackup(const Backups& backups, ExitCode code) {
  const std::optional<std::string> folder = backups.under_way();
  if (!folder) return code;
  spdlog::warn("ending in the middle of the backup into {}: what is there of it stays", *folder);
  std::_Exit(static_cast<int>(code));
}

}  // namespace

ExitCode Serve(const ServerConfig& config, StopSignal& stop,
               const std::function<void(const std::string& address)>& on_ready) {
  const auto start = SteadyClock::now();
  // 1. The data folder. A ledger is begun only in one that never had one.
  if (const absl::Status status = MakeDataFolder(config.data); !status.ok()) {
    return Refuse(config.data, status);
  }
  // 2. The ledger; whoever opens it first has the folder, and only then no import can begin.
  auto ledger = LedgerStore::Open(LedgerFolder(config), Access::kReadWrite);
  if (!ledger.ok()) return Refuse(config.data, ledger.status());
  if (const absl::Status status = CheckNoUnfinishedImport(config.data); !status.ok()) {
    spdlog::error("{}", Text(status));
    return ExitCode::kFailed;
  }
  const auto ledger_opened = SteadyClock::now();
  // 3. What was derived from it.
  auto derived = DerivedStore::Open(DerivedFolder(config));
  if (!derived.ok()) return Refuse(config.data, derived.status());
  LogOpening(start, ledger_opened);
  // 4. The state of the books: the checkpoint, and the ledger from there on.
  State state;
  IdWindow ids({.slots_per_generation = config.id_window_slots}, **derived);
  const auto recovered = Recover(**ledger, **derived, state, ids, LogProgress);
  if (!recovered.ok()) return Refuse(config.data, recovered.status());
  ids.TakeMemoryAhead();
  LogRecovery(*recovered);
  SystemClock clock;
  if (!ClockIsUsable(clock.Now(), state.last_timestamp())) return ExitCode::kFailed;
  // 5. The transparency log, which knows whether this is the ledger that was signed.
  const auto fail = [&stop](const absl::Status& status) {
    spdlog::critical("the disk failed, the server ends: {}", Text(status));
    stop.Fail(status);
  };
  const auto opened_log = OpenTransparencyLog(config, **ledger, fail);
  if (!opened_log.ok()) return RefuseLog(opened_log.status());
  TransparencyLog* const log = opened_log->get();
  // 6. The pipeline. A failure of the disk ends the server.
  Pipeline pipeline(PipelineOptions(config), state, ids, **ledger, **ledger, clock,
                    Sequence{recovered->last.value() + 1}, fail);
  pipeline.Start();
  // 7. Beside it: checkpoints, cold ids, expiries; the transparency log.
  Background background({.checkpoint_interval_ms = config.checkpoint_interval_ms}, pipeline, ids,
                        **derived, clock, fail);
  background.Start();
  if (log != nullptr) log->Start();
  // 8. The services.
  const Authenticator authenticator;
  const History history(**ledger, **derived);
  Readers readers({.threads = config.read_threads, .queue = config.read_queue});
  Backups backups(config, **ledger);
  LiveEnd live_end(pipeline);
  CallbackThread::Afterwards submitted(BeginWithSubmitted, &pipeline);
  EngineParts engine{config,  authenticator, clock,     pipeline, submitted,
                     ids,     **ledger,      **derived, history,  background,
                     readers, backups,       live_end,  log,      clock.Now()};
  GrpcServer server(engine);
  // 9. Ready, until asked to stop.
  ExitCode code = Listen(server, config, stop, on_ready);
  // 10. No new calls; those in flight are answered.
  server.Drain(PatienceAtEnd(config, stop.failure()));
  // 11. The checkpoints, if the disk has not failed since, and the threads, but not a backup's.
  if (!stop.failure().ok()) {
    code = ExitCode::kStorageFailed;
  } else if (code == ExitCode::kStopped) {
    code = EndInOrder(background);
  }
  background.Stop();
  pipeline.Stop();
  return LeaveBackup(backups, EndLog(log, code));
}

ExitCode DropDerived(const ServerConfig& config) {
  const std::string folder = DerivedFolder(config);
  std::error_code error;
  if (!fs::exists(LedgerFolder(config), error)) {
    spdlog::error(
        "{} has no ledger, from which the derived data could be rebuilt: expected the "
        "data folder of a server; nothing was dropped",
        config.data);
    return ExitCode::kFailed;
  }
  if (const absl::Status status = DerivedStore::Drop(folder); !status.ok()) {
    return Refuse(config.data, status);
  }
  if (const absl::Status status = DropTransparencyTree(config); !status.ok()) {
    return Refuse(config.data, status);
  }
  spdlog::info("dropped {}; the next start rebuilds it from the ledger", folder);
  return ExitCode::kStopped;
}

}  // namespace lumbung
