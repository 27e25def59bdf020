// For a measurement in whose id window all ids are found or new: nothing has left it.
#pragma once

#include <cstdint>
#include <span>

#include "engine/cold_index.h"

namespace lumbung {

class NoColdIndex final : public ColdIndex {
 public:
  void Find(std::span<const TransactionId>, std::span<ColdLookup>) const override {}
  uint64_t generations() const override { return 0; }
};

}  // namespace lumbung
