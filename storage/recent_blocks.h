// The blocks that were appended last, in memory, for one reader who follows the ledger's end (the
// transparency log): reading a block back from RocksDB and checking its hash costs twice what the
// reader does with it. Bounded: a reader who falls behind finds a gap here, and reads what he lacks
// from the ledger. Whoever appends never waits for him.
//
// INVARIANT: what is in here is durable, and in the order of the ledger.
//
// Threads: Add belongs to whoever appends to the ledger, one at a time; all else to the reader. A
// queue with one producer and one consumer: a slot belongs to the producer from the Pop of what it
// held to the Add of the next, and otherwise to the consumer; the two counters below pass it on.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/block.h"
#include "storage/ledger_source.h"

namespace lumbung {

class RecentBlocks {
 public:
  // Twice what one append has at most, and some 90 ms at 1.5 million entries a second; 17 MB.
  static constexpr size_t kSlots = 256;

  RecentBlocks() = default;
  RecentBlocks(const RecentBlocks&) = delete;
  RecentBlocks& operator=(const RecentBlocks&) = delete;

  // Nothing is kept for nobody. False if somebody reads already.
  bool Follow() { return !followed_.exchange(true, std::memory_order_acquire); }
  // REQUIRES: Follow() gave true.
  void Unfollow() { followed_.store(false, std::memory_order_release); }

  // Copies a block, if there is room. REQUIRES: it is durable, and sealed.
  void Add(Block& block);

  // The oldest block, or null; it may be older than what a new reader asks for. Good until Pop.
  const StoredBlock* Front() const;
  // REQUIRES: Front() is not null.
  void Pop();

 private:
  std::array<StoredBlock, kSlots> slots_;
  // Passes what the last reader popped on to the next. To Add it says nothing about the slots.
  std::atomic<bool> followed_{false};
  alignas(64) std::atomic<uint64_t> added_{0};   // release in Add, acquire in Front
  alignas(64) std::atomic<uint64_t> popped_{0};  // release in Pop, acquire in Add
};

}  // namespace lumbung
