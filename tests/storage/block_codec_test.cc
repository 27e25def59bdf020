#include "storage/block_codec.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/engine/core/seed.h"
#include "tests/storage/sample_blocks.h"

namespace lumbung {
namespace {

TEST(BlockCodec, ReadsBackWhatItSealed) {
  const auto block = MakeBlock(Sequence{100}, 7, "bon 17");
  BlockHash previous;
  previous.fill(0xAB);
  const BlockHash hash = SealBlock(*block, previous);
  const auto view = VerifyBlock(block->Bytes(), Sequence{100});
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->hash, hash);
  EXPECT_EQ(view->previous_hash, previous);
  EXPECT_EQ(view->first, Sequence{100});
  EXPECT_EQ(view->last(), Sequence{106});
  EXPECT_EQ(view->entries[6].amount, Amount{106});
  EXPECT_EQ(view->attachments.size(), 3u * 8);
}

TEST(BlockCodec, ChainsEachBlockToTheOneBefore) {
  const auto block = MakeBlock(Sequence{1}, 1);
  const BlockHash alone = SealBlock(*block, kGenesisHash);
  BlockHash other{};
  other[31] = 1;
  EXPECT_NE(SealBlock(*block, other), alone);
}

TEST(BlockCodec, RefusesEveryBlockInWhichOneBitIsFlipped) {
  const auto block = MakeBlock(Sequence{1}, 3, "x");
  SealBlock(*block, kGenesisHash);
  const std::span<std::byte> bytes = block->Bytes();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << bit % 8;
    const auto view = VerifyBlock(bytes, Sequence{1});
    EXPECT_TRUE(absl::IsDataLoss(view.status())) << "bit " << bit;
    EXPECT_NE(view.status().message().find("sequence 1 "), std::string::npos);
    bytes[bit / 8] ^= std::byte{1} << bit % 8;
  }
  EXPECT_TRUE(VerifyBlock(bytes, Sequence{1}).ok());
}

TEST(BlockCodec, JudgesEachOfManyBlocksAsItWouldAlone) {
  std::vector<std::unique_ptr<Block>> blocks;
  uint64_t first = 1;
  for (const size_t entries : {5, 1, 300, 5, 5, 12}) {
    blocks.push_back(MakeBlock(Sequence{first}, entries, "bon"));
    SealBlock(*blocks.back(), kGenesisHash);
    first += entries;
  }
  blocks[1]->Bytes()[200] ^= std::byte{1};  // its hash is wrong
  blocks[3]->Bytes()[0] ^= std::byte{1};    // its header is wrong
  for (size_t count = 0; count <= blocks.size(); ++count) {
    std::vector<UnverifiedBlock> unverified;
    for (size_t i = 0; i < count; ++i) {
      unverified.push_back({blocks[i]->Bytes(), blocks[i]->first()});
    }
    const auto views = VerifyBlocks(unverified);
    ASSERT_EQ(views.size(), count);
    for (size_t i = 0; i < count; ++i) {
      const auto alone = VerifyBlock(blocks[i]->Bytes(), blocks[i]->first());
      EXPECT_EQ(views[i].status(), alone.status()) << "block " << i << " of " << count;
      EXPECT_EQ(alone.ok(), i != 1 && i != 3);
      if (alone.ok() && views[i].ok()) {
        EXPECT_EQ(views[i]->hash, alone->hash);
        EXPECT_EQ(views[i]->entries.data(), alone->entries.data());
      }
    }
  }
}

TEST(BlockCodec, RefusesEveryTruncationAndEveryExtension) {
  const auto block = MakeBlock(Sequence{1}, 2, "text");
  SealBlock(*block, kGenesisHash);
  std::vector<std::byte> bytes(block->Bytes().begin(), block->Bytes().end());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(VerifyBlock({bytes.data(), size}, Sequence{1}).ok());
  }
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(VerifyBlock(bytes, Sequence{1}).ok());
}

TEST(BlockCodec, RefusesABlockUnderAnotherKey) {
  const auto block = MakeBlock(Sequence{9}, 2);
  SealBlock(*block, kGenesisHash);
  EXPECT_TRUE(absl::IsDataLoss(VerifyBlock(block->Bytes(), Sequence{10}).status()));
}

TEST(BlockCodec, RefusesTornTransactionsEvenWithAGoodHash) {
  const auto seal_with = [](auto change) {
    const auto block = MakeBlock(Sequence{1}, 4);
    auto* const entries = const_cast<Entry*>(block->entries().data());
    change(entries);
    SealBlock(*block, kGenesisHash);
    return VerifyBlock(block->Bytes(), Sequence{1}).ok();
  };
  EXPECT_TRUE(seal_with([](Entry*) {}));
  EXPECT_FALSE(seal_with([](Entry* e) { e[3].leg_count = 2; }));
  EXPECT_FALSE(seal_with([](Entry* e) { e[0].leg_count = 2; }));
  EXPECT_TRUE(seal_with([](Entry* e) {
    e[1].leg_count = 2, e[2].leg_count = 2, e[2].leg_index = 1, e[2].id = e[1].id;
  }));
  EXPECT_FALSE(seal_with([](Entry* e) { e[0].leg_index = 1, e[0].leg_count = 2; }));
  EXPECT_FALSE(seal_with([](Entry* e) { e[1].leg_count = 0; }));
  EXPECT_FALSE(seal_with([](Entry* e) { e[1].leg_count = 255; }));
  EXPECT_FALSE(seal_with([](Entry* e) { e[2].attachment_length = 5; }));
  EXPECT_FALSE(
      seal_with([](Entry* e) { e[1].leg_count = 2, e[2].leg_count = 2, e[2].leg_index = 1; }));
}

TEST(BlockCodec, RefusesReservedBitsOfAnEntryEvenWithAGoodHash) {
  const auto seal_with = [](auto change) {
    const auto block = MakeBlock(Sequence{1}, 2);
    change(const_cast<Entry&>(block->entries()[1]));
    SealBlock(*block, kGenesisHash);
    return VerifyBlock(block->Bytes(), Sequence{1}).status();
  };
  EXPECT_TRUE(seal_with([](Entry& e) { e.flags = kEntryFlags; }).ok());
  for (const absl::Status& status : {seal_with([](Entry& e) { e.reserved = 0x100; }),
                                     seal_with([](Entry& e) { e.flags = 1 << 6; }),
                                     seal_with([](Entry& e) { e.flags = 1 << 15; })}) {
    EXPECT_TRUE(absl::IsDataLoss(status));
    EXPECT_NE(status.message().find("entry 2 has a bit set that is reserved"), std::string::npos);
  }
}

TEST(BlockCodec, SurvivesArbitraryBytes) {
  std::mt19937_64 random(TestSeed());
  const auto block = MakeBlock(Sequence{1}, 5, "abc");
  for (int round = 0; round < 20'000; ++round) {
    SealBlock(*block, kGenesisHash);
    std::vector<std::byte> bytes(block->Bytes().begin(), block->Bytes().end());
    bytes.resize(random() % (bytes.size() + 64));
    for (uint64_t n = random() % 8; n > 0 && !bytes.empty(); --n) {
      bytes[random() % std::min<size_t>(bytes.size(), 160)] = static_cast<std::byte>(random());
    }
    (void)VerifyBlock(bytes, Sequence{1 + random() % 2}).ok();
  }
}

}  // namespace
}  // namespace lumbung
