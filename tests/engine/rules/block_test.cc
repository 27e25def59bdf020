#include "engine/block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace lumbung {
namespace {

void AppendFilled(Block& block, size_t attachment_bytes) {
  block.Append(1, attachment_bytes);
  std::ranges::fill(block.LastAttachment(), std::byte{7});
}

TEST(Block, IsFullWithItsEntriesOrWithItsAttachments) {
  Block block;
  block.Reset(Sequence{1});
  for (size_t i = 0; i < kMaxBlockEntries; ++i) {
    ASSERT_TRUE(block.Fits(1, 0));
    block.Append(1, 0);
  }
  EXPECT_FALSE(block.Fits(1, 0));

  block.Reset(Sequence{1});
  constexpr size_t kWhole = kMaxBlockAttachmentBytes / kMaxAttachmentBytes;
  constexpr size_t kRest = kMaxBlockAttachmentBytes % kMaxAttachmentBytes;
  static_assert(kWhole < kMaxBlockEntries && kRest != 0);
  for (size_t i = 0; i < kWhole; ++i) {
    ASSERT_TRUE(block.Fits(1, kMaxAttachmentBytes));
    AppendFilled(block, kMaxAttachmentBytes);
  }
  ASSERT_FALSE(block.Fits(1, kRest + 1));
  ASSERT_TRUE(block.Fits(1, kRest));
  AppendFilled(block, kRest);
  EXPECT_FALSE(block.Fits(1, 1));
  EXPECT_TRUE(block.Fits(1, 0));
  block.Close();
  const auto attachments = block.attachments();
  EXPECT_EQ(attachments.size(), kMaxBlockAttachmentBytes);
  EXPECT_EQ(std::ranges::count(attachments, std::byte{7}), std::ssize(attachments));
}

}  // namespace
}  // namespace lumbung
