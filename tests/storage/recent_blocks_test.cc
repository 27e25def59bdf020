#include "storage/recent_blocks.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>

#include "storage/block_codec.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/sample_blocks.h"

namespace lumbung {
namespace {

std::unique_ptr<Block> Sealed(uint64_t first, size_t payments) {
  auto block = MakeBlock(Sequence{first}, payments, "bon 17");
  SealBlock(*block, kGenesisHash);
  return block;
}

// A copy is a block in all that a reader of the ledger may ask.
void ExpectSame(const StoredBlock& stored, Block& block) {
  const std::span<const std::byte> bytes = block.Bytes();
  ASSERT_EQ(stored.bytes.size(), bytes.size());
  EXPECT_EQ(std::memcmp(stored.bytes.data(), bytes.data(), bytes.size()), 0);
  const auto view = VerifyBlock(stored.bytes, block.first());
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(stored.first, block.first());
  EXPECT_EQ(stored.entries.data(), view->entries.data());
  EXPECT_EQ(stored.entries.size(), view->entries.size());
  EXPECT_EQ(stored.attachments.data(), view->attachments.data());
  EXPECT_EQ(stored.attachments.size(), view->attachments.size());
}

TEST(RecentBlocks, KeepsNothingForNobody) {
  RecentBlocks recent;
  recent.Add(*Sealed(1, 3));
  EXPECT_EQ(recent.Front(), nullptr);
  EXPECT_TRUE(recent.Follow());
  EXPECT_FALSE(recent.Follow()) << "it has one reader";
  recent.Unfollow();
  recent.Add(*Sealed(1, 3));
  EXPECT_EQ(recent.Front(), nullptr);
  EXPECT_TRUE(recent.Follow());
}

TEST(RecentBlocks, GivesTheOldestThatItHasRoomForAndDropsTheNewest) {
  RecentBlocks recent;
  ASSERT_TRUE(recent.Follow());
  for (uint64_t round = 0; round < 3; ++round) {
    for (uint64_t i = 0; i < RecentBlocks::kSlots + 5; ++i) {
      recent.Add(*Sealed(1 + i * 10, 1 + (i + round) % 10));
    }
    for (uint64_t i = 0; i < RecentBlocks::kSlots; ++i) {
      const StoredBlock* const block = recent.Front();
      ASSERT_NE(block, nullptr);
      ExpectSame(*block, *Sealed(1 + i * 10, 1 + (i + round) % 10));
      recent.Pop();
    }
    EXPECT_EQ(recent.Front(), nullptr);
  }
}

// What the reader gets is whole and in order, with gaps where it was too slow.
TEST(RecentBlocks, GivesWholeBlocksInOrderWhileOthersAreAdded) {
  std::mt19937_64 random(TestSeed());
  RecentBlocks recent;
  ASSERT_TRUE(recent.Follow());
  std::vector<std::unique_ptr<Block>> blocks;
  for (uint64_t first = 1; blocks.size() < 3'000; first += blocks.back()->count()) {
    blocks.push_back(Sealed(first, 1 + random() % 40));
  }
  std::atomic<bool> done{false};
  std::thread producer([&] {
    for (const auto& block : blocks) recent.Add(*block);
    done.store(true, std::memory_order_release);
  });
  uint64_t last = 0;
  size_t seen = 0;
  for (;;) {
    const bool ended = done.load(std::memory_order_acquire);
    while (const StoredBlock* const block = recent.Front()) {
      EXPECT_GT(block->first.value(), last);
      EXPECT_TRUE(VerifyBlock(block->bytes, block->first).ok());
      last = block->first.value() + block->entries.size() - 1;
      ++seen;
      recent.Pop();
    }
    if (ended) break;
  }
  producer.join();
  EXPECT_GE(seen, RecentBlocks::kSlots);
}

}  // namespace
}  // namespace lumbung
