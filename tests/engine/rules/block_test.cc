#include "engine/block.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lumbung {
namespace {

TEST(Block, IsFullWithItsEntriesOrWithItsAttachments) {
  Block block;
  block.Reset(Sequence{1});
  while (block.Fits(1, 0)) block.Append(1, 0);
  EXPECT_EQ(block.count(), kMaxBlockEntries);
  block.Reset(Sequence{1});
  while (block.Fits(1, kMaxAttachmentBytes)) {
    block.Append(1, kMaxAttachmentBytes);
    std::ranges::fill(block.LastAttachment(), std::byte{7});
  }
  EXPECT_LT(block.count(), kMaxBlockEntries);
  const size_t rest = kMaxBlockAttachmentBytes - block.attachment_bytes();
  ASSERT_LT(rest, kMaxAttachmentBytes);
  EXPECT_TRUE(block.Fits(1, rest));
  EXPECT_FALSE(block.Fits(1, rest + 1));
  block.Append(1, rest);
  EXPECT_TRUE(block.Fits(1, 0));
  EXPECT_FALSE(block.Fits(1, 1));
  std::ranges::fill(block.LastAttachment(), std::byte{7});
  block.Close();
  EXPECT_EQ(block.attachments().size(), kMaxBlockAttachmentBytes);
  EXPECT_TRUE(
      std::ranges::all_of(block.attachments(), [](std::byte b) { return b == std::byte{7}; }));
}

}  // namespace
}  // namespace lumbung
