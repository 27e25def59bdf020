// The ledger of a running server, read through LedgerService.ReadBlocks. The server is not
// believed: each block's hash, the chain and contiguity are checked here. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/cli/client.h"
#include "engine/types.h"
#include "storage/ledger_source.h"

namespace lumbung::cli {

class ServerLedger final : public LedgerSource {
 public:
  // Asks where the ledger ends; what comes later is not read. `client` must outlive the source. If
  // the call fails, how it ended.
  static std::optional<CallEnd> Open(Client& client, std::unique_ptr<ServerLedger>& opened);

  Sequence last() const override { return last_; }
  // As the interface has it. UNAVAILABLE if the server goes away meanwhile, otherwise the server's
  // own code.
  absl::Status StreamBlocks(
      Sequence from,
      const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const override;

 private:
  ServerLedger(Client& client, Sequence last) : client_(client), last_(last) {}

  Client& client_;
  const Sequence last_;
};

}  // namespace lumbung::cli
