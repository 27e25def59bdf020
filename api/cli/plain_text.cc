#include "api/cli/plain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/business_date.h"

namespace lumbung::cli {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMinuteNs = 60 * kSecondNs;

// The date and time of day of a moment in a zone.
struct Civil {
  std::string date;
  int64_t second_of_day = 0;
  int64_t nanosecond = 0;
};

Civil ToCivil(Timestamp time, int16_t zone_minutes) {
  const BusinessDate date = DateOf(time, zone_minutes);
  const int64_t since_midnight = time.value() - StartOf(date, zone_minutes).value();
  return {ToString(date), since_midnight / kSecondNs, since_midnight % kSecondNs};
}

std::string FormatTimeOfDay(int64_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

constexpr char32_t kBroken = U'\uFFFD';

// How many bytes a code point has whose first byte is this; 0 for one that can't be the first.
size_t LengthOf(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// Reads the code point at the front of `text` and removes its bytes. One that is broken is
// kBroken, up to the byte that breaks it.
char32_t TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t length = LengthOf(lead);
  if (length < 2) {
    text.remove_prefix(1);
    return length == 0 ? kBroken : lead;
  }
  constexpr std::array<unsigned char, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t point = lead & kLeadBits[length];
  for (size_t i = 1; i < length; ++i) {
    const unsigned char next = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    if ((next & 0xC0) != 0x80) {
      text.remove_prefix(i);
      return kBroken;
    }
    point = (point << 6) | (next & 0x3F);
  }
  text.remove_prefix(length);
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point < kLeast[length] || surrogate || point > 0x10FFFF ? kBroken : point;
}

struct Range {
  char32_t first;
  char32_t last;
};

constexpr std::array kCombining = {Range{0x0300, 0x036F}, Range{0x200B, 0x200F},
                                   Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}};
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},  Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE4F},   Range{0xFF00, 0xFF60},  Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};

template <size_t N>
bool Contains(const std::array<Range, N>& ranges, char32_t point) {
  for (const Range& range : ranges) {
    if (point >= range.first && point <= range.last) return true;
  }
  return false;
}

// What makes a spreadsheet take a cell for a formula; also in their wide forms.
constexpr std::array<std::string_view, 8> kFormulaBegins = {"=",      "+",      "-",      "@",
                                                            "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};

// Whether it does behind what is passed over.
bool LooksLikeAFormula(std::string_view text, std::string_view passed_over) {
  text.remove_prefix(std::min(text.find_first_not_of(passed_over), text.size()));
  return std::any_of(kFormulaBegins.begin(), kFormulaBegins.end(),
                     [&](std::string_view begin) { return text.starts_with(begin); });
}

}  // namespace

std::string FormatCount(uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, '.');
  return digits;
}

std::string FormatMoney(Amount amount) {
  const bool negative = amount.value() < 0;
  // Negated as unsigned, so that the smallest amount has a magnitude too.
  const auto bits = static_cast<uint64_t>(amount.value());
  const uint64_t magnitude = negative ? 0 - bits : bits;
  return fmt::format("{}Rp{},{:02}", negative ? "-" : "", FormatCount(magnitude / 100),
                     magnitude % 100);
}

std::string ZoneName(int16_t zone_minutes) {
  if (zone_minutes == 420) return "WIB";
  if (zone_minutes == 480) return "WITA";
  if (zone_minutes == 540) return "WIT";
  if (zone_minutes == 0) return "UTC";
  const int size = zone_minutes < 0 ? -zone_minutes : zone_minutes;
  return fmt::format("UTC{}{:02}:{:02}", zone_minutes < 0 ? '-' : '+', size / 60, size % 60);
}

std::string FormatTime(Timestamp time, int16_t zone_minutes) {
  if (time.value() == 0) return "";
  const Civil civil = ToCivil(time, zone_minutes);
  return fmt::format("{} {} {}", civil.date, FormatTimeOfDay(civil.second_of_day),
                     ZoneName(zone_minutes));
}

std::string FormatTimeUtc(Timestamp time) {
  if (time.value() == 0) return "";
  const Civil civil = ToCivil(time, 0);
  return fmt::format("{}T{}.{:09}Z", civil.date, FormatTimeOfDay(civil.second_of_day),
                     civil.nanosecond);
}

std::string FormatDuration(int64_t nanoseconds) {
  const int64_t minutes = nanoseconds / kMinuteNs;
  const int64_t days = minutes / (24 * 60);
  const std::string time_of_day = FormatTimeOfDay(nanoseconds / kSecondNs % 86400);
  return days == 0 ? time_of_day : fmt::format("{} d {}", days, time_of_day);
}

std::string FormatHash(std::span<const uint8_t> hash) {
  std::string hex;
  for (const uint8_t byte : hash) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string FormatBasisPoints(uint32_t basis_points) {
  return fmt::format("{},{:02} %", basis_points / 100, basis_points % 100);
}

bool IsUtf8(std::string_view text) {
  constexpr std::string_view kBrokenAsText = "\uFFFD";
  while (!text.empty()) {
    // The replacement character itself may stand in a text.
    const bool literal = text.starts_with(kBrokenAsText);
    if (TakeCodePoint(text) == kBroken && !literal) return false;
  }
  return true;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const char32_t point = TakeCodePoint(text);
    if (Contains(kCombining, point)) continue;
    width += Contains(kWide, point) ? 2 : 1;
  }
  return width;
}

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t point = TakeCodePoint(text);
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    // Marks that reverse the direction of writing could make an amount read backwards.
    const bool direction =
        (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    if (control || direction || point == kBroken) {
      printable += "\uFFFD";
    } else {
      printable += before.substr(0, before.size() - text.size());
    }
  }
  return printable;
}

std::string CsvCell(std::string_view text) {
  if (text.find_first_of(",;\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string TypedCsvCell(std::string_view text) {
  const std::string printable = Printable(text);
  std::string guarded = LooksLikeAFormula(printable, " ") ? "'" : "";
  for (size_t i = 0; i < printable.size(); ++i) {
    guarded += printable[i];
    if (printable[i] != ';') continue;
    // A quote that follows can be taken for the one in which the next cell stands.
    if (LooksLikeAFormula(std::string_view(printable).substr(i + 1), " \"")) guarded += '\'';
  }
  return CsvCell(guarded);
}

std::string HtmlText(std::string_view text) {
  std::string escaped;
  for (const char c : Printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace lumbung::cli
