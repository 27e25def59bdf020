#include "engine/ring.h"

#include "engine/check.h"

namespace lumbung {

Ring::Ring(size_t slots, size_t reserved)
    : mask_(slots - 1), ordinary_limit_(slots - reserved), slots_(new Slot[slots]) {
  LUMBUNG_CHECK(slots > 0 && (slots & mask_) == 0 && reserved < slots);
}

Ring::ClaimStatus Ring::Put(Request& request, Claimant claimant) {
  const size_t limit = claimant == Claimant::kReserved ? mask_ + 1 : ordinary_limit_;
  uint64_t n = 0;
  for (;;) {
    // replied_ first: then n - replied is never negative, and at worst too large. The acquire pairs
    // with Release and makes the slot's former reader's work happen before our write.
    const uint64_t replied = replied_.load(std::memory_order_acquire);
    n = claimed_.load(std::memory_order_acquire);
    if ((n & kClosed) != 0) return ClaimStatus::kClosed;
    if (n - replied >= limit) {
      if (replied_.load(std::memory_order_acquire) == replied) return ClaimStatus::kFull;
      continue;
    }
    if (claimed_.compare_exchange_weak(n, n + 1, std::memory_order_acq_rel)) break;
  }
  Slot& slot = slots_[n & mask_];
  slot.request = &request;
  slot.stamp.store(n + 1, std::memory_order_release);  // pairs with Published
  return ClaimStatus::kClaimed;
}

void Ring::Close() { claimed_.fetch_or(kClosed, std::memory_order_acq_rel); }

Request* Ring::Published(uint64_t n) const {
  return IsPublished(n) ? slots_[n & mask_].request : nullptr;
}

bool Ring::IsPublished(uint64_t n) const {
  return slots_[n & mask_].stamp.load(std::memory_order_acquire) == n + 1;  // pairs with Put
}

void Ring::Release(uint64_t n) { replied_.store(n + 1, std::memory_order_release); }

bool Ring::IsEnd(uint64_t n) const {
  return claimed_.load(std::memory_order_acquire) == (n | kClosed);
}

uint64_t Ring::PublishedFrom(uint64_t from) const {
  uint64_t n = from;
  // A stamp beyond n + 1 means that the slot was reused since: it was published long ago.
  while (n - from <= mask_ && slots_[n & mask_].stamp.load(std::memory_order_acquire) >= n + 1) ++n;
  return n;
}

}  // namespace lumbung
