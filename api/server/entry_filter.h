// A reader's conditions on entries. Built once a call; immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "engine/entry.h"
#include "engine/types.h"
#include "lumbung/v1/ledger_service.pb.h"

namespace lumbung {

// INVALID_ARGUMENT, with the field, if a condition can't be meant: a number out of its range, a
// kind that there is not, a time range that ends before it begins.
absl::Status CheckFilter(const v1::EntryFilter& proto);

class EntryFilter {
 public:
  // REQUIRES: CheckFilter is OK.
  explicit EntryFilter(const v1::EntryFilter& proto);

  bool Matches(const Entry& entry) const;
  // Whether no entry from this one on can match, since times only increase.
  bool EndsBefore(const Entry& entry) const { return to_ && entry.timestamp >= *to_; }

 private:
  // Sorted; empty: any.
  using Set = std::vector<uint64_t>;

  Set cooperatives_;
  Set accounts_;
  Set branches_;
  Set terminals_;
  Set kinds_;
  Set steps_;
  Set outcomes_;
  Timestamp from_;
  std::optional<Timestamp> to_;
};

}  // namespace lumbung
