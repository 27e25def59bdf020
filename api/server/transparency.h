// The transparency log as lumbungd runs it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/server/config.h"
#include "storage/ledger_store.h"
#include "storage/transparency/transparency_log.h"

namespace lumbung {

// Opens the log of the ledger, which must outlive it; null if it is switched off. What the log
// reports goes to the server's log, a failure of its disk to `fail`. Errors as of
// TransparencyLog::Open.
absl::StatusOr<std::unique_ptr<TransparencyLog>> OpenTransparencyLog(
    const ServerConfig& config, const LedgerStore& ledger,
    std::function<void(const absl::Status&)> fail);

// Ends it, if it runs, and says how far it came. OK also if it had halted, which it said before.
absl::Status EndTransparencyLog(TransparencyLog* log, TransparencyLog::Ending ending);

// Copies what can't be made again into a folder that is made: checkpoints, cosignatures, the public
// key; never the key that signs. Whoever copies the ledger does it after this: so the copied ledger
// has all that the copied checkpoints cover. OK also if there never was a log. Any thread.
absl::Status CopyEvidence(const ServerConfig& config, const std::string& folder);

// Removes what the log can rebuild from the ledger.
absl::Status DropTransparencyTree(const ServerConfig& config);

}  // namespace lumbung
