// One round: a new ledger, clients, a nemesis, and the comparison at the end. One thread.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/crash/findings.h"
#include "tests/crash/nemesis.h"
#include "tests/crash/options.h"
#include "tests/crash/record.h"

namespace lumbung {

struct RoundResult {
  Tally tally;
  Nemesis::Deeds deeds;
  uint64_t kills_under_load = 0;  // of these, while it served and the clients paid
  uint64_t entries = 0;           // of the ledger
  uint64_t confirmed = 0;         // transactions in ledger and record alike
  uint64_t expired = 0;           // holds
  uint64_t watched = 0;           // entries that the follower read meanwhile
};

// In `folder`, which exists and is empty. What is wrong stands in `findings`; an error means that
// the server ended itself, did not serve in time or could not be read.
absl::StatusOr<RoundResult> PlayRound(const Options& options, const std::string& folder,
                                      Findings& findings);

}  // namespace lumbung
