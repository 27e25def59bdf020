// The queue from the apply to the persist thread: closed blocks, and how far the requests reach
// that are complete with them. One producer, one consumer, bounded by the pool of blocks plus the
// ring (a request without entries is handed over without a block).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/block.h"

namespace lumbung {

struct HandedOver {
  Block* block = nullptr;  // null: nothing new to write, only requests to be let through
  uint64_t applied = 0;    // requests that are complete with this block and those before it
};

class HandOver {
 public:
  // REQUIRES: `capacity` is a power of two.
  explicit HandOver(size_t capacity);

  // Apply thread. False if the queue is full.
  bool TryPush(const HandedOver& item);
  // Apply thread. Whether the persist thread has taken all that was pushed.
  bool drained() const;
  // Persist thread. False if the queue is empty.
  bool TryPop(HandedOver& item);
  // Persist thread.
  bool empty() const;

 private:
  const size_t mask_;
  const std::unique_ptr<HandedOver[]> items_;
  alignas(64) std::atomic<uint64_t> pushed_{0};  // release in TryPush, acquire in TryPop
  alignas(64) std::atomic<uint64_t> popped_{0};  // release in TryPop, acquire in TryPush, drained
};

}  // namespace lumbung
