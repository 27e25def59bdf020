// All that an audit reads of a data folder or a backup, opened without a lock, without writing
// anything, and in an order that makes it safe beside a running server: what follows from the
// ledger first, the ledger last. So the ledger has at least what the rest speaks of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/audit/audit.h"
#include "storage/audit/derived_images.h"
#include "storage/audit/known_checkpoint.h"
#include "storage/ledger_store.h"

namespace lumbung::audit {

struct DataFolder {
  std::unique_ptr<DerivedImages> derived;  // null: none, or not readable
  absl::Status no_derived;                 // why: NOT_FOUND, DATA_LOSS, or the environment's
  KnownCheckpoints checkpoints;
  std::string tree_folder;  // also if there is none
  std::unique_ptr<LedgerStore> ledger;
  absl::Status damage;  // DATA_LOSS of the ledger's end, up to where it can be read
};

// Signatures are checked with `key`; without one with the folder's own, which a note says.
// NOT_FOUND if there is no ledger. DATA_LOSS if nothing of it can be read: the database itself is
// damaged.
absl::StatusOr<DataFolder> OpenDataFolder(const std::string& folder,
                                          const std::optional<VerifierKey>& key);

// The answer to a ledger that can't even be opened: one finding.
Report Unopened(const absl::Status& data_loss);

}  // namespace lumbung::audit
