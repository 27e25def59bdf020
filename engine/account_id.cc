#include "engine/account_id.h"

namespace lumbung {

namespace {

// Takes a run of digits off the front of `text`. Nothing if there is none, it has a leading zero,
// or its value exceeds `max`.
std::optional<uint32_t> TakeNumber(std::string_view& text, uint32_t max) {
  uint64_t value = 0;
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + static_cast<uint64_t>(text[digits] - '0');
    if (value > max) return std::nullopt;
    ++digits;
  }
  if (digits == 0 || (digits > 1 && text[0] == '0')) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<uint32_t>(value);
}

bool TakeDot(std::string_view& text) {
  if (text.empty() || text[0] != '.') return false;
  text.remove_prefix(1);
  return true;
}

constexpr uint32_t MaxOf(int bits) { return (uint32_t{1} << bits) - 1; }

}  // namespace

std::optional<AccountId> AccountId::Parse(std::string_view text) {
  const auto cooperative = TakeNumber(text, MaxOf(kCooperativeBits));
  if (!cooperative || !TakeDot(text)) return std::nullopt;
  const auto code = TakeNumber(text, MaxOf(kCodeBits));
  if (!code || !TakeDot(text)) return std::nullopt;
  const auto holder = TakeNumber(text, MaxOf(kHolderBits));
  if (!holder || !text.empty()) return std::nullopt;
  return From({.cooperative = CooperativeId{*cooperative},
               .code = AccountCode{static_cast<uint16_t>(*code)},
               .holder = HolderNumber{*holder}});
}

std::string AccountId::ToString() const {
  return std::to_string(cooperative().value()) + "." + std::to_string(code().value()) + "." +
         std::to_string(holder().value());
}

}  // namespace lumbung
