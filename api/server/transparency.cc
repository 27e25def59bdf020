#include "api/server/transparency.h"

#include <spdlog/spdlog.h>
#include <string>
#include <utility>

#include "storage/folder.h"
#include "storage/transparency/synced_file.h"
#include "storage/transparency/witness_rule.h"

namespace lumbung {

namespace {

std::string FolderOf(const ServerConfig& config) { return config.data + "/transparency"; }

}  // namespace

absl::StatusOr<std::unique_ptr<TransparencyLog>> OpenTransparencyLog(
    const ServerConfig& config, const LedgerStore& ledger,
    std::function<void(const absl::Status&)> fail) {
  if (!config.transparency) {
    spdlog::info("the transparency log is switched off: no receipt can be proven");
    return nullptr;
  }
  const auto witnesses = ParseWitnesses(config.transparency_witnesses);
  if (!witnesses.ok()) return witnesses.status();
  auto log = TransparencyLog::Open(
      {.folder = FolderOf(config),
       .key_file = config.transparency_key_file,
       .origin = config.transparency_origin,
       .sign_interval_ms = config.transparency_interval_ms,
       .witnesses = *witnesses},
      ledger, {.on_failure = std::move(fail), .on_report = [](std::string_view text) {
                 spdlog::warn("{}", text);
               }});
  if (log.ok()) {
    spdlog::info("the transparency log has signed {} entries; its key is {}", (*log)->newest().size,
                 (*log)->verifier().ToString());
  }
  return log;
}

absl::Status EndTransparencyLog(TransparencyLog* log, TransparencyLog::Ending ending) {
  if (log == nullptr) return absl::OkStatus();
  const absl::Status status = log->Stop(ending);
  if (status.ok() && ending == TransparencyLog::Ending::kSigned) {
    spdlog::info("the last signed checkpoint has {} entries", log->newest().size);
  }
  return absl::IsDataLoss(status) ? absl::OkStatus() : status;
}

absl::Status DropTransparencyTree(const ServerConfig& config) {
  return TransparencyLog::DropTree(FolderOf(config));
}

absl::Status CopyEvidence(const ServerConfig& config, const std::string& folder) {
  const std::string from = FolderOf(config);
  if (absl::Status made = MakeFolder(folder, {}); !made.ok()) return made;
  // A cosignature is of a checkpoint that was there before it.
  for (const char* const name : {"/cosignatures", "/checkpoints", "/public-key"}) {
    if (absl::Status status = CopySynced(from + name, folder + name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace lumbung
