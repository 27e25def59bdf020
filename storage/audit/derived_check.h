// Compares what is stored in derived/ with what follows from the ledger: the images of the last
// checkpoint, carried on to the ledger's end by the replay (engine/replay.h), must be the state
// that the rules gave; the daily balances must be those that came up on the way. One thread.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "engine/state.h"
#include "storage/audit/daily_sums.h"
#include "storage/audit/derived_images.h"
#include "storage/audit/re_execution.h"
#include "storage/audit/report.h"
#include "storage/ledger_source.h"

namespace lumbung::audit {

class DerivedCheck {
 public:
  explicit DerivedCheck(const DerivedImages& images) : images_(images) {}

  // The daily balances that the entries of this block made.
  void Take(const StoredBlock& block, std::span<const DailyBalance> balances);

  // REQUIRES: `exact` is the state at the end of the ledger. Takes a second state of the same size.
  absl::Status CheckState(const LedgerSource& ledger, const State& exact, Report& report) const;
  // What differs is a finding, also where a status says that the rest could not be read.
  absl::Status CheckDailyBalances(const LedgerSource& ledger, Report& report, const State& exact);

 private:
  const DerivedImages& images_;
  DailySums sums_;
};

}  // namespace lumbung::audit
