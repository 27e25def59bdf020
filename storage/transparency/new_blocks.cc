#include "storage/transparency/new_blocks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "storage/block_chain.h"

namespace lumbung {

absl::Status NewBlocks::Read(Range range,
                             const std::function<bool(const StoredBlock& block)>& visit) {
  RecentBlocks& recent = ledger_.recent();
  uint64_t next = range.from;
  bool goes_on = true;
  const auto give = [&](const StoredBlock& block) {
    next = LastOf(block).value() + 1;
    goes_on = visit(block);
  };
  while (goes_on && next <= range.to) {
    const StoredBlock* const front = follows_ ? recent.Front() : nullptr;
    if (front != nullptr && front->first.value() <= next) {
      // What was read back already, or before this reader came, is passed over.
      if (LastOf(*front).value() >= next) give(*front);
      recent.Pop();
      ++from_memory_;
      continue;
    }
    const uint64_t gap_begin = next;
    const uint64_t gap_end = front != nullptr ? front->first.value() - 1 : range.to;
    const absl::Status read = ledger_.ReadBlocks(Sequence{next}, [&](const StoredBlock& block) {
      if (block.first.value() > std::min(gap_end, range.to)) return false;
      give(block);
      return goes_on;
    });
    if (!read.ok()) return read;
    if (next == gap_begin) {  // never, if it is durable; without it this would not end
      return absl::DataLossError("the ledger lacks sequence " + std::to_string(next));
    }
  }
  return absl::OkStatus();
}

std::chrono::microseconds NewBlocks::NextPause() {
  const size_t took = std::exchange(from_memory_, 0);
  if (took > RecentBlocks::kSlots / 4) pause_ = std::max(kShortestPause, pause_ / 2);
  if (took < RecentBlocks::kSlots / 16) pause_ = std::min(kLongestPause, pause_ * 2);
  return pause_;
}

}  // namespace lumbung
