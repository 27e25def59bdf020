#include "engine/business_date.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <limits>

namespace lumbung {

namespace {

constexpr int64_t kNsPerMinute = int64_t{60} * 1'000'000'000;
constexpr int64_t kNsPerDay = 24 * 60 * kNsPerMinute;

// The value of `text` as a number of exactly its length, digits only.
std::optional<int> Digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

BusinessDate DateOf(Timestamp time, int16_t zone_minutes) {
  // Wide, since the last moments of all are in a zone even later.
  const __int128 local = static_cast<__int128>(time.value()) + zone_minutes * kNsPerMinute;
  // Rounded towards the past, before 1970 as well.
  const __int128 day = local >= 0 ? local / kNsPerDay : -((-local + kNsPerDay - 1) / kNsPerDay);
  return BusinessDate{static_cast<int32_t>(day)};
}

Timestamp StartOf(BusinessDate date, int16_t zone_minutes) {
  const __int128 start = static_cast<__int128>(date.value()) * kNsPerDay -
                         static_cast<__int128>(zone_minutes) * kNsPerMinute;
  constexpr __int128 kFirst = std::numeric_limits<int64_t>::min();
  constexpr __int128 kLast = std::numeric_limits<int64_t>::max();
  return Timestamp{static_cast<int64_t>(std::clamp(start, kFirst, kLast))};
}

std::optional<BusinessDate> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = Digits(text.substr(0, 4));
  const auto month = Digits(text.substr(5, 2));
  const auto day = Digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return BusinessDate{static_cast<int32_t>(days)};
}

std::string ToString(BusinessDate date) {
  const std::chrono::year_month_day parts{std::chrono::sys_days{std::chrono::days{date.value()}}};
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(parts.year()),
                static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
  return text.data();
}

}  // namespace lumbung
