// A reader's conditions on entries. Built once a call; immutable; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/entry.h"
#include "engine/types.h"
#include "lumbung/v1/ledger_service.pb.h"

namespace lumbung {

class EntryFilter {
 public:
  explicit EntryFilter(const v1::EntryFilter& proto);

  bool Matches(const Entry& entry) const;
  // Whether no entry from this one on can match, since times only increase.
  bool EndsBefore(const Entry& entry) const { return entry.timestamp >= to_; }

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
  Timestamp to_;
};

}  // namespace lumbung
