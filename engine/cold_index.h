// The port to the ids that have left the window: SST files in RocksDB (storage/derived_store.h), a
// map in memory (tests), and nothing at all, for those who only look back in the ledger itself.
#pragma once

#include <cstdint>
#include <span>

#include "engine/id_record.h"
#include "engine/transaction_id.h"

namespace lumbung {

class ColdIndex {
 public:
  virtual ~ColdIndex() = default;
  // Looks ids up; `answers` has as many elements. Each answer is kAbsent, kFound or kUnreadable,
  // with the number of generations that were in the index before the look-up began. Any thread.
  virtual void Find(std::span<const TransactionId> ids, std::span<ColdLookup> answers) const = 0;
  // Generations that are in the index. Any thread.
  virtual uint64_t generations() const = 0;
};

}  // namespace lumbung
