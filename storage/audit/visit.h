// What an auditor takes home from one visit and brings to the next: how far he came, the root of
// the Merkle tree and the hash of the state there, and the control totals of each cooperative. At
// the next visit the ledger must still give all of them up to that entry, so nothing before it was
// changed, dropped or added; only what is new is reported then.
//
// The file is his own: whoever could change it could hide what was changed. It holds no state: the
// next audit decides every entry again from the first, which needs nothing to be believed.
//
//   lumbung-visit 1
//   entries <number>
//   root <base64>
//   state <base64>
//   cooperative <number> <debits> <credits>      one line each, in order of number
//   end
//
// Pure functions but for the file; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/audit/report.h"

namespace lumbung::audit {

struct ControlTotal {
  CooperativeId cooperative;
  Turnover turnover;  // of all accounts since the first entry; they wrap as sums of 64 bits do

  bool operator==(const ControlTotal& other) const {
    return cooperative == other.cooperative && turnover.debits == other.turnover.debits &&
           turnover.credits == other.turnover.credits;
  }
};

struct Visit {
  Standing standing;
  std::vector<ControlTotal> totals;

  std::string ToText() const;
  // INVALID_ARGUMENT says what is wrong.
  static absl::StatusOr<Visit> Parse(std::string_view text);
};

absl::StatusOr<Visit> ReadVisit(const std::string& path);
// Whole or not at all, in place of what stands there.
absl::Status SaveVisit(const Visit& visit, const std::string& path);

}  // namespace lumbung::audit
