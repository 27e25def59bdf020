// The blocks between the apply and the persist thread, used round and round. The apply thread fills
// block n while those before it wait to be durable; a durable block keeps its content until its
// turn comes again, so the most recent entries can be read back without the disk.
//
// INVARIANT: durable ≤ filled < durable + size, so block n is not refilled before it is durable.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/block.h"
#include "engine/types.h"

namespace lumbung {

class BlockPool {
 public:
  // REQUIRES: size >= 2.
  explicit BlockPool(size_t size);

  // --- apply thread ---
  // The block that is being filled.
  Block& current() { return *blocks_[filled_ % blocks_.size()]; }
  // Whether Advance may be called: the next block is free. `durable` blocks are counted by the
  // caller (the persist thread) in `durable()`.
  bool CanAdvance() const;
  // The next block becomes the current one. REQUIRES: CanAdvance().
  Block& Advance();
  // A block that belongs to nobody, to go on with after the journal has failed.
  Block& Discard() { return discarded_; }
  // The entry, if its block is still in the pool; null otherwise.
  const Entry* Find(Sequence sequence) const;

  // --- persist thread ---
  // The next `count` blocks are durable.
  void MarkDurable(size_t count) { durable_.fetch_add(count, std::memory_order_release); }

 private:
  const Block& block(uint64_t n) const { return *blocks_[n % blocks_.size()]; }

  std::vector<std::unique_ptr<Block>> blocks_;    // set at construction
  uint64_t filled_ = 0;                           // apply thread: number of the current block
  Block discarded_;                               // apply thread
  alignas(64) std::atomic<uint64_t> durable_{0};  // release in MarkDurable, acquire in CanAdvance
};

}  // namespace lumbung
