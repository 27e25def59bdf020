#include "engine/transaction_id.h"

namespace lumbung {

namespace {

constexpr size_t kTextSize = 36;

constexpr bool IsHyphenAt(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

std::optional<uint64_t> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint64_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint64_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint64_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<TransactionId> TransactionId::Parse(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  TransactionId id;
  for (size_t i = 0; i < kTextSize; ++i) {
    if (IsHyphenAt(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const auto digit = HexDigit(text[i]);
    if (!digit) return std::nullopt;
    // The hyphen at 18 is where the second half begins.
    uint64_t& half = i < 18 ? id.high : id.low;
    half = half << 4 | *digit;
  }
  return id;
}

std::string TransactionId::ToString() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kTextSize, '-');
  int nibble = 0;
  for (size_t i = 0; i < kTextSize; ++i) {
    if (IsHyphenAt(i)) continue;
    const uint64_t half = nibble < 16 ? high : low;
    text[i] = kDigits[half >> (60 - 4 * (nibble % 16)) & 0xF];
    ++nibble;
  }
  return text;
}

}  // namespace lumbung
