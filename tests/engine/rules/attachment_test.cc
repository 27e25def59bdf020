#include "engine/attachment.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/limits.h"

namespace lumbung {
namespace {

std::vector<std::byte> Encoded(const Attachment& attachment) {
  std::vector<std::byte> bytes(attachment.EncodedSize());
  attachment.Encode(bytes);
  return bytes;
}

std::vector<std::byte> Bytes(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(Attachment, ReadsBackEveryFieldThatItWrote) {
  Attachment attachment;
  attachment.text = "bill 4711";
  attachment.related = TransactionId{.high = 1, .low = 2};
  attachment.name = "Gerai Sembako";
  attachment.limits = Limits{.floor = Amount{-1},
                             .ceiling = Amount{2},
                             .per_transaction = Amount{3},
                             .per_day = Amount{4}};
  attachment.asset = kIdr;
  attachment.zone_minutes = int16_t{-480};
  attachment.policy = Policy{.vat_basis_points = 1100,
                             .platform_fee_basis_points = 50,
                             .mdr_basis_points = 30,
                             .mdr_free_up_to = Amount{5},
                             .transfer_fee = Amount{6}};
  attachment.status = AccountStatus::kFrozen;
  attachment.refund_of = Sequence{77};
  const std::vector<std::byte> bytes = Encoded(attachment);
  const auto decoded = Attachment::Decode(bytes);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->text, attachment.text);
  EXPECT_EQ(decoded->related, attachment.related);
  EXPECT_EQ(decoded->name, attachment.name);
  EXPECT_EQ(decoded->limits, attachment.limits);
  EXPECT_EQ(decoded->asset, attachment.asset);
  EXPECT_EQ(decoded->zone_minutes, attachment.zone_minutes);
  EXPECT_EQ(decoded->policy, attachment.policy);
  EXPECT_EQ(decoded->status, attachment.status);
  EXPECT_EQ(decoded->refund_of, attachment.refund_of);
}

TEST(Attachment, OfATransactionOrAFactNeverExceedsItsLimit) {
  const std::string text(kMaxTextBytes, 'x');
  Attachment transaction;
  transaction.text = text;
  transaction.related = TransactionId{.high = 1, .low = 2};
  transaction.refund_of = Sequence{1};
  EXPECT_LE(transaction.EncodedSize(), kMaxAttachmentBytes);
  Attachment fact;
  fact.name = text;
  fact.zone_minutes = int16_t{420};
  fact.policy = Policy{};
  EXPECT_LE(fact.EncodedSize(), kMaxAttachmentBytes);
}

TEST(Attachment, IsEmptyWithoutFields) {
  EXPECT_EQ(Attachment{}.EncodedSize(), 0u);
  EXPECT_TRUE(Attachment::Decode({}).has_value());
}

TEST(Attachment, HasTheBytesOfItsGrammar) {
  Attachment attachment;
  attachment.text = "ab";
  attachment.zone_minutes = int16_t{420};
  EXPECT_EQ(Encoded(attachment), Bytes({1, 2, 'a', 'b', 6, 2, 0xA4, 0x01}));
}

TEST(Attachment, RefusesBytesThatBreakTheGrammar) {
  EXPECT_FALSE(Attachment::Decode(Bytes({1})).has_value()) << "half a head";
  EXPECT_FALSE(Attachment::Decode(Bytes({1, 2, 'a'})).has_value()) << "too short";
  EXPECT_FALSE(Attachment::Decode(Bytes({1, 0})).has_value()) << "an empty text";
  EXPECT_FALSE(Attachment::Decode(Bytes({0, 1, 0})).has_value()) << "tag 0";
  EXPECT_FALSE(Attachment::Decode(Bytes({10, 1, 0})).has_value()) << "an unknown tag";
  EXPECT_FALSE(Attachment::Decode(Bytes({8, 1, 0, 1, 1, 'a'})).has_value()) << "out of order";
  EXPECT_FALSE(Attachment::Decode(Bytes({8, 1, 0, 8, 1, 0})).has_value()) << "twice";
  EXPECT_FALSE(Attachment::Decode(Bytes({8, 1, 3})).has_value()) << "no such status";
  EXPECT_FALSE(Attachment::Decode(Bytes({6, 1, 0})).has_value()) << "a zone of one byte";
}

TEST(Attachment, RefusesAPolicyWhoseReservedBytesAreNotZero) {
  Attachment attachment;
  attachment.policy = Policy{};
  std::vector<std::byte> bytes = Encoded(attachment);
  ASSERT_TRUE(Attachment::Decode(bytes).has_value());
  for (const size_t reserved : {8, 9}) {  // tag, length and three rates stand before
    bytes[reserved] = std::byte{1};
    EXPECT_FALSE(Attachment::Decode(bytes).has_value());
    bytes[reserved] = std::byte{0};
  }
}

}  // namespace
}  // namespace lumbung
