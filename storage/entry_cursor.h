// Goes from entry to entry of the ledger, back or forth, and keeps the block that it stands in, so
// that neighbours cost nothing. Counts the blocks, which are what reading costs: about 0.1 ms each,
// checked by their hash. One thread.
#pragma once

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "engine/entry.h"
#include "engine/types.h"
#include "storage/ledger_store.h"

namespace lumbung {

class EntryCursor {
 public:
  explicit EntryCursor(const LedgerStore& ledger) : ledger_(ledger) {}

  // Good until an entry of another block is asked for. Errors as LedgerStore::ReadBlock.
  absl::StatusOr<const Entry*> At(Sequence sequence) {
    const bool here = block_ != nullptr && block_->first <= sequence &&
                      sequence.value() - block_->first.value() < block_->entries.size();
    if (!here) {
      auto block = ledger_.ReadBlock(sequence);
      if (!block.ok()) return block.status();
      block_ = *std::move(block);
      ++blocks_read_;
    }
    return &block_->entries[sequence.value() - block_->first.value()];
  }

  // The first entry with a time of `time` or later among 1 … end; end + 1 if there is none. Times
  // only increase along the ledger.
  absl::StatusOr<Sequence> FirstFrom(Timestamp time, Sequence end) {
    uint64_t low = 1;
    uint64_t high = end.value() + 1;
    while (low < high) {
      const uint64_t middle = low + (high - low) / 2;
      const auto entry = At(Sequence{middle});
      if (!entry.ok()) return entry.status();
      if ((*entry)->timestamp < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return Sequence{low};
  }

  size_t blocks_read() const { return blocks_read_; }

 private:
  const LedgerStore& ledger_;
  std::shared_ptr<const StoredBlock> block_;
  size_t blocks_read_ = 0;
};

}  // namespace lumbung
