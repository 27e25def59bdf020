#include "api/cli/ledger_option.h"

#include <fmt/format.h>
#include <chrono>
#include <thread>
#include <utility>

#include "api/cli/server_ledger.h"
#include "storage/ledger_store.h"
#include "storage/segment_file.h"
#include "storage/transparency/checkpoint_file.h"

namespace lumbung::cli {
namespace {

// A running server makes and deletes files while they are opened: a failure counts if it stays.
constexpr int kOpeningAttempts = 5;
constexpr auto kBetweenAttempts = std::chrono::milliseconds(100);

absl::StatusOr<std::unique_ptr<LedgerStore>> OpenFolder(const std::string& folder) {
  for (int attempt = 1;; ++attempt) {
    auto opened = LedgerStore::Open(folder + "/ledger", Access::kReadOnly);
    if (opened.ok() || absl::IsNotFound(opened.status()) || attempt == kOpeningAttempts) {
      return opened;
    }
    std::this_thread::sleep_for(kBetweenAttempts);
  }
}

absl::StatusOr<OpenedLedger> FromFolder(const std::string& folder) {
  OpenedLedger opened{.name = "the data folder " + folder};
  // Before the ledger, so that the ledger reaches at least as far.
  auto checkpoint = NewestCheckpoint(folder + "/transparency/checkpoints");
  if (!checkpoint.ok() && !absl::IsNotFound(checkpoint.status())) return checkpoint.status();
  if (checkpoint.ok()) opened.checkpoint = *std::move(checkpoint);
  auto store = OpenFolder(folder);
  if (!store.ok()) return store.status();
  opened.source = *std::move(store);
  return opened;
}

absl::StatusOr<OpenedLedger> FromFile(const std::string& path) {
  auto file = SegmentFile::Open(path);
  if (!file.ok()) return file.status();
  OpenedLedger opened{.first = (*file)->summary().first, .name = "the file " + path};
  opened.checkpoint = (*file)->summary().checkpoint;
  opened.source = *std::move(file);
  return opened;
}

std::optional<OpenedLedger> FromServer(Session& session, ExitCode& code) {
  OpenedLedger opened{.name = "the server " + session.client().server()};
  v1::GetCheckpointReply reply;
  const CallEnd end = session.client().Call(&v1::LedgerService::Stub::GetCheckpoint,
                                            v1::GetCheckpointRequest(), reply);
  // FAILED_PRECONDITION: it keeps no transparency log.
  if (!end.ok() && end.status.error_code() != grpc::StatusCode::FAILED_PRECONDITION) {
    code = session.Fail(end, kReads);
    return std::nullopt;
  }
  opened.checkpoint = reply.checkpoint();
  std::unique_ptr<ServerLedger> source;
  if (const auto failed = ServerLedger::Open(session.client(), source)) {
    code = session.Fail(*failed, kReads);
    return std::nullopt;
  }
  opened.source = std::move(source);
  return opened;
}

}  // namespace

void AddLedgerOption(CLI::App& app, LedgerOption& option) {
  CLI::Option* const data =
      app.add_option("--data", option.data,
                     "Reads the ledger of this data folder (also of a running server) or backup")
          ->type_name("FOLDER");
  app.add_option("--file", option.file, "Reads the ledger of this exported file")
      ->type_name("FILE")
      ->excludes(data);
}

std::optional<OpenedLedger> OpenLedger(const LedgerOption& option, Session& session,
                                       ExitCode& code) {
  if (option.data.empty() && option.file.empty()) return FromServer(session, code);
  auto opened = option.data.empty() ? FromFile(option.file) : FromFolder(option.data);
  if (opened.ok()) return *std::move(opened);
  code = FailReading(opened.status(), option.data.empty() ? option.file : option.data, session);
  return std::nullopt;
}

std::optional<OpenedLedger> OpenWholeLedger(const LedgerOption& option, Session& session,
                                            ExitCode& code) {
  auto opened = OpenLedger(option, session, code);
  if (!opened || opened->first == Sequence{1}) return opened;
  code = session.FailUsage(absl::InvalidArgumentError(
      fmt::format("{} begins with sequence {}: expected a ledger from its first entry on",
                  opened->name, opened->first.value())));
  return std::nullopt;
}

ExitCode FailReading(const absl::Status& status, const std::string& name, Session& session) {
  const std::string message(status.message());
  if (absl::IsNotFound(status)) {
    return session.Fail(Failure{ExitCode::kNotFound, fmt::format("Not found: {}", message),
                                "Check what was named: a ledger is a data folder (it has a "
                                "folder ledger/), a backup, or an exported file."});
  }
  if (absl::IsDataLoss(status)) {
    return session.Fail(Failure{ExitCode::kFailed, fmt::format("Damaged: {}", message),
                                fmt::format("Nothing behind it in {} was used.", name)});
  }
  if (absl::IsInvalidArgument(status) || absl::IsOutOfRange(status)) {
    return session.Fail(Failure{ExitCode::kMalformed, message, "Nothing was changed."});
  }
  if (absl::IsFailedPrecondition(status)) {
    return session.Fail(Failure{ExitCode::kFailed, message, "Nothing was changed."});
  }
  return session.Fail(Failure{ExitCode::kFailed, fmt::format("{}: {}", name, message),
                              "Run the command again when that is mended."});
}

}  // namespace lumbung::cli
