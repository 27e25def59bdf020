// Input: the bytes of an attachment.
// Holds: what is decoded is encoded to the same bytes, and its enums are in range.
#include "engine/attachment.h"

#include "engine/check.h"
#include "engine/limits.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

std::string Encoded(const Attachment& attachment) {
  std::string bytes(attachment.EncodedSize(), '\0');
  attachment.Encode(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

}  // namespace

bool Try(Input input) {
  const std::string_view bytes = input.rest();
  const auto decoded = Attachment::Decode(std::as_bytes(std::span(bytes)));
  if (!decoded) return false;
  LUMBUNG_CHECK(Encoded(*decoded) == bytes);
  LUMBUNG_CHECK(decoded->text.size() <= kMaxTextBytes && decoded->name.size() <= kMaxNameBytes);
  LUMBUNG_CHECK(!decoded->status || *decoded->status <= AccountStatus::kClosed);
  return true;
}

std::vector<Seed> Seeds() {
  return {
      {"empty", ""},
      {"payment", Encoded({.text = "bon 17"})},
      {"refund", Encoded({.text = "retur", .related = TransactionId{.high = 1, .low = 2}})},
      {"reversal",
       Encoded({.related = TransactionId{.high = 3, .low = 4}, .refund_of = Sequence{77}})},
      {"opening", Encoded({.name = "KDMP Bentangan", .zone_minutes = 420, .policy = Policy{}})},
      {"account", Encoded({.limits = Limits{}, .asset = kIdr})},
      {"status", Encoded({.status = AccountStatus::kFrozen})},
  };
}

}  // namespace lumbung::fuzz
