// An index of ids that is never asked: for a window whose owner looks up in the ledger what the
// window lacks, or looks up nothing.
#pragma once

#include <cstdint>
#include <span>

#include "engine/check.h"
#include "engine/cold_index.h"

namespace lumbung {

class NoColdIndex final : public ColdIndex {
 public:
  void Find(std::span<const TransactionId>, std::span<ColdLookup>) const override {
    LUMBUNG_CHECK(false && "nobody looks an id up in an index that there is not");
  }
  uint64_t generations() const override { return 0; }
};

}  // namespace lumbung
