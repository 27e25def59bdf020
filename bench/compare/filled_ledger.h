// A large ledger: filled by a load of batches, its server killed in the middle of more of it, and
// started again. Removed with this object. One thread.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/compare/comparison.h"
#include "bench/load/load_target.h"

namespace lumbung {

class FilledLedger {
 public:
  // Takes the options' `kill_entries` in, and is killed while more come. Checked as below.
  static absl::StatusOr<std::unique_ptr<FilledLedger>> Fill(const Comparison& comparison);

  // That nothing acknowledged before the kill is missing, that nothing is there which was not sent
  // once, and that the balances add up: DATA_LOSS.
  absl::Status Check();

  LoadTarget& target() { return *target_; }
  uint64_t entries() const { return entries_; }
  // From the kill until the server served again, in seconds.
  double back_in_seconds() const { return back_in_seconds_; }

 private:
  FilledLedger() = default;

  std::unique_ptr<LoadTarget> target_;
  uint64_t entries_ = 0;  // in the ledger, after the kill
  double back_in_seconds_ = 0;
  __int128 acknowledged_ = 0;  // the sum of what was acknowledged before the kill, in sen
  __int128 unanswered_ = 0;    // of what was under way, and may be there
};

}  // namespace lumbung
