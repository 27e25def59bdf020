// The audit of a ledger, wherever it is kept, without trusting the server: everything is computed
// again from the entries alone. README.md says what each check proves.
//
// Three threads: one reads, verifies and chains the blocks (ReadAhead), the caller's decides each
// transaction again (ReExecution), a third hashes the tree, adds up on its own and remembers the
// ids (Tally). Memory goes by the accounts, holds and refunds, not by the length of the ledger; the
// ids take 16 bytes each of a temporary file.
//
// A finding ends what can't go on behind it: the chain's, everything; the rules', deciding; the
// sums', adding up. The rest goes on, so that one audit says as much as can be said.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/audit/derived_images.h"
#include "storage/audit/known_checkpoint.h"
#include "storage/audit/observations.h"
#include "storage/audit/re_execution.h"
#include "storage/audit/report.h"
#include "storage/audit/visit.h"
#include "storage/ledger_source.h"

namespace lumbung::audit {

struct Progress {
  Sequence reached;
  Sequence last;  // of the ledger when it was opened
  double seconds = 0;

  // Seconds that are left at this pace.
  double remaining_s() const;
};

struct Question {
  const LedgerSource& ledger;
  absl::Status damage = {};  // DATA_LOSS of the ledger's end, which its reader may not meet
  KnownCheckpoints checkpoints = {};
  std::optional<std::string> tree_folder = {};  // transparency/tree
  const DerivedImages* derived = nullptr;       // may be null: why, says
  absl::Status no_derived = absl::NotFoundError("there are no derived data");
  std::optional<Visit> visit = {};  // of the last time
  OpeningHours hours = {};
  std::string work_folder = {};                             // for the ids; must exist
  std::function<void(const Progress&)> progress = nullptr;  // about once a second
};

struct Answer {
  Report report;
  Visit visit;  // of this time; only worth keeping if all is well
};

// Findings are in the report. A status is the environment's: what could not be read or written.
absl::StatusOr<Answer> Run(const Question& question);

}  // namespace lumbung::audit
