#include "storage/recent_blocks.h"

#include "engine/check.h"

namespace lumbung {

void RecentBlocks::Add(Block& block) {
  if (!followed_.load(std::memory_order_relaxed)) return;
  const uint64_t added = added_.load(std::memory_order_relaxed);
  if (added - popped_.load(std::memory_order_acquire) == kSlots) return;  // pairs with Pop
  StoredBlock& slot = slots_[added % kSlots];
  const std::span<const std::byte> bytes = block.Bytes();
  slot.first = block.first();
  slot.bytes.assign(bytes.begin(), bytes.end());
  const auto* const entries =
      reinterpret_cast<const Entry*>(slot.bytes.data() + Block::kHeaderBytes);
  slot.entries = {entries, block.count()};
  slot.attachments = std::span(slot.bytes).last(block.attachment_bytes());
  added_.store(added + 1, std::memory_order_release);  // pairs with Front
}

const StoredBlock* RecentBlocks::Front() const {
  const uint64_t popped = popped_.load(std::memory_order_relaxed);
  if (popped == added_.load(std::memory_order_acquire)) return nullptr;  // pairs with Add
  return &slots_[popped % kSlots];
}

void RecentBlocks::Pop() {
  const uint64_t popped = popped_.load(std::memory_order_relaxed);
  LUMBUNG_CHECK(popped != added_.load(std::memory_order_acquire));
  popped_.store(popped + 1, std::memory_order_release);  // pairs with Add
}

}  // namespace lumbung
