#include "storage/transparency/base64.h"

#include <cstdint>

namespace lumbung {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string EncodeBase64(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? std::to_integer<uint32_t>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      const bool padding = i + j > bytes.size();
      text += padding ? '=' : kDigits[group >> (18 - 6 * j) & 63];
    }
  }
  return text;
}

std::optional<std::vector<std::byte>> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    uint32_t group = 0;
    size_t digits = 0;
    for (; digits < 4 && text[i + digits] != '='; ++digits) {
      const size_t digit = kDigits.find(text[i + digits]);
      if (digit == std::string_view::npos) return std::nullopt;
      group |= static_cast<uint32_t>(digit) << (18 - 6 * digits);
    }
    if (digits < 2) return std::nullopt;
    for (size_t j = 0; j + 1 < digits; ++j) {
      bytes.push_back(static_cast<std::byte>(group >> (16 - 8 * j) & 0xFF));
    }
  }
  // Padding in the middle and bits that no byte has are refused by writing it again.
  if (EncodeBase64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace lumbung
