// The port to the ledger's storage. Two implementations: RocksDB (storage/ledger_store.h) and
// memory (tests). A replicated journal can take its place without touching a rule.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "engine/block.h"
#include "engine/types.h"

namespace lumbung {

class Journal {
 public:
  virtual ~Journal() = default;
  // Writes closed blocks, in order, contiguous with what was written before, all or none, and
  // returns when they are durable. Completes their headers (chain hash) in place. After an error
  // the journal is unusable: the caller stops, and never tries again. Persist thread only.
  virtual absl::Status Append(std::span<Block* const> blocks) = 0;
};

}  // namespace lumbung
