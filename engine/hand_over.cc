#include "engine/hand_over.h"

#include "engine/check.h"

namespace lumbung {

HandOver::HandOver(size_t capacity) : mask_(capacity - 1), items_(new HandedOver[capacity]) {
  LUMBUNG_CHECK(capacity > 0 && (capacity & mask_) == 0);
}

bool HandOver::TryPush(const HandedOver& item) {
  const uint64_t pushed = pushed_.load(std::memory_order_relaxed);
  if (pushed - popped_.load(std::memory_order_acquire) > mask_) return false;
  items_[pushed & mask_] = item;
  pushed_.store(pushed + 1, std::memory_order_release);
  return true;
}

bool HandOver::drained() const {
  return pushed_.load(std::memory_order_relaxed) == popped_.load(std::memory_order_acquire);
}

bool HandOver::TryPop(HandedOver& item) {
  const uint64_t popped = popped_.load(std::memory_order_relaxed);
  if (popped == pushed_.load(std::memory_order_acquire)) return false;
  item = items_[popped & mask_];
  popped_.store(popped + 1, std::memory_order_release);
  return true;
}

bool HandOver::empty() const {
  return popped_.load(std::memory_order_relaxed) == pushed_.load(std::memory_order_acquire);
}

}  // namespace lumbung
