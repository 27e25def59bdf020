// The grammar of amounts. Dots group thousands as in Indonesia, a comma separates sen:
//
//   money    = ["-"] ["Rp" ["."] | "IDR"] rupiah [sen]
//   rupiah   = digits                        without leading zeros
//            | 1-3 digits, then one or more of "." 3 digits
//   sen      = "," 2 digits | ",-"           after either form of rupiah
//            | "." 2 digits                  only after at least four ungrouped digits
//
// `25,000` (25 thousand in English, 25 in Indonesian) and `25.00` (25, or a slip of 25.000?) are
// refused, since a wrong guess is a wrong payment.
#include <fmt/format.h>

#include <cctype>
#include <string>

#include "absl/status/status.h"
#include "api/cli/parse.h"

namespace lumbung::cli {
namespace {

constexpr std::string_view kForms = "write 25000, 25.000 or 25.000,50";

absl::Status RefuseMoney(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("amount '{}': {}; {}", text, why, kForms));
}

bool AllDigits(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

bool StartsWithNoCase(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != prefix[i]) return false;
  }
  return true;
}

void StripSpaces(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
}

// Takes `Rp`, `Rp.` or `IDR` off the front.
void StripCurrency(std::string_view& text) {
  if (StartsWithNoCase(text, "rp")) {
    text.remove_prefix(2);
    if (!text.empty() && text.front() == '.') text.remove_prefix(1);
  } else if (StartsWithNoCase(text, "idr")) {
    text.remove_prefix(3);
  }
  StripSpaces(text);
}

// Splits the sen off the end of `number`. Nothing if what follows the comma is not sen.
std::optional<std::string_view> TakeSen(std::string_view& number) {
  const size_t comma = number.find(',');
  if (comma != std::string_view::npos) {
    const std::string_view sen = number.substr(comma + 1);
    number = number.substr(0, comma);
    if (sen == "-") return "00";
    if (sen.size() != 2 || !AllDigits(sen)) return std::nullopt;
    return sen;
  }
  const size_t dot = number.find('.');
  if (dot != std::string_view::npos && dot >= 4 && number.size() == dot + 3) {
    const std::string_view sen = number.substr(dot + 1);
    number = number.substr(0, dot);
    return sen;
  }
  return "00";
}

// The digits of the rupiah without grouping, or nothing if they are not grouped by threes.
std::optional<std::string> Ungroup(std::string_view number) {
  std::string digits;
  const bool grouped = number.find('.') != std::string_view::npos;
  for (bool first = true; !number.empty(); first = false) {
    const size_t dot = number.find('.');
    const std::string_view group = number.substr(0, dot);
    if (!AllDigits(group)) return std::nullopt;
    if (grouped && (first ? group.size() > 3 : group.size() != 3)) return std::nullopt;
    digits += group;
    if (dot == std::string_view::npos) break;
    number.remove_prefix(dot + 1);
    if (number.empty()) return std::nullopt;
  }
  return digits;
}

}  // namespace

absl::StatusOr<Amount> ParseMoney(std::string_view text) {
  std::string_view number = text;
  StripSpaces(number);
  const bool negative = !number.empty() && number.front() == '-';
  if (negative) number.remove_prefix(1);
  StripCurrency(number);
  if (number.empty()) return RefuseMoney(text, "there is no number in it");
  for (const char c : number) {
    const bool known = (c >= '0' && c <= '9') || c == '.' || c == ',' || c == '-';
    if (!known)
      return RefuseMoney(text, "only digits, dots for thousands and a comma for sen are read");
  }
  const std::optional<std::string_view> sen = TakeSen(number);
  if (!sen || number.empty()) {
    return RefuseMoney(text,
                       "a comma separates two digits of sen, not thousands, so this is ambiguous");
  }
  const std::optional<std::string> rupiah = Ungroup(number);
  if (!rupiah) {
    return RefuseMoney(text, "a dot groups three digits, so this is ambiguous");
  }
  if (rupiah->size() > 1 && rupiah->front() == '0')
    return RefuseMoney(text, "it starts with a zero");

  int64_t minor = 0;
  for (const char c : *rupiah + std::string(*sen)) {
    if (c < '0' || c > '9') return RefuseMoney(text, "sen are two digits");
    const int64_t digit = negative ? -(c - '0') : c - '0';
    if (__builtin_mul_overflow(minor, int64_t{10}, &minor) ||
        __builtin_add_overflow(minor, digit, &minor)) {
      return RefuseMoney(text, "it is larger than the ledger can hold");
    }
  }
  return Amount{minor};
}

absl::StatusOr<Amount> ParsePayment(std::string_view text) {
  const auto amount = ParseMoney(text);
  if (amount.ok() && amount->value() <= 0) return RefuseMoney(text, "expected more than 0");
  return amount;
}

absl::StatusOr<Amount> ParseAllowance(std::string_view text) {
  const auto amount = ParseMoney(text);
  if (amount.ok() && amount->value() < 0) return RefuseMoney(text, "expected 0 or more");
  return amount;
}

}  // namespace lumbung::cli
