#include "engine/block_pool.h"

#include <algorithm>

#include "engine/check.h"

namespace lumbung {

BlockPool::BlockPool(size_t size) {
  LUMBUNG_CHECK(size >= 2);
  blocks_.reserve(size);
  for (size_t i = 0; i < size; ++i) blocks_.push_back(std::make_unique<Block>());
}

bool BlockPool::CanAdvance() const {
  return filled_ + 1 - durable_.load(std::memory_order_acquire) < blocks_.size();
}

Block& BlockPool::Advance() {
  LUMBUNG_CHECK(CanAdvance());
  ++filled_;
  return current();
}

const Entry* BlockPool::Find(Sequence sequence) const {
  // Blocks low … filled_ hold consecutive runs of entries: search for the last that begins at or
  // before the sequence.
  uint64_t low = filled_ + 1 >= blocks_.size() ? filled_ + 1 - blocks_.size() : 0;
  if (block(low).first() > sequence) return nullptr;
  uint64_t high = filled_;
  while (low < high) {
    const uint64_t middle = low + (high - low + 1) / 2;
    if (block(middle).first() <= sequence) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  const Block& found = block(low);
  const uint64_t index = sequence.value() - found.first().value();
  if (index >= found.count()) return nullptr;
  return &found.entries()[index];
}

}  // namespace lumbung
