// Lines about one large ledger, which the first of them fills and all of them share. As
// load_lines.h.
//
//   kill     SIGKILL under load, until it serves again
//   proof    proofs of inclusion against the newest checkpoint, after a restart and later
//   audit    `lumbung audit` of the data folder
//   replay   all derived data dropped, until it serves again: so the last one
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "bench/compare/compared_line.h"
#include "bench/compare/comparison.h"
#include "bench/compare/filled_ledger.h"

namespace lumbung {

class LedgerLines {
 public:
  // The comparison must outlive it.
  explicit LedgerLines(const Comparison& comparison) : comparison_(comparison) {}

  absl::Status Kill(ComparedLine& line);
  absl::Status Proof(ComparedLine& line);
  absl::Status Audit(ComparedLine& line);
  absl::Status Replay(ComparedLine& line);
  // Makes room on the disk. INTERNAL if the server did not end in order.
  absl::Status Remove();

 private:
  absl::Status FillOnce();

  const Comparison& comparison_;
  std::unique_ptr<FilledLedger> ledger_;
};

}  // namespace lumbung
