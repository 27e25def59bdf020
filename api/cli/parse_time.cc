// Days and moments as people type them:
//
//   when   = "today" | "yesterday" | date | date ("T" | " ") time [" "] zone
//   time   = HH:MM [":" SS ["." 1-9 digits]]
//   zone   = "WIB" | "WITA" | "WIT" | "UTC" | "Z" | ("+" | "-") HH ":" MM
//
// A time without a zone is refused: the country has three.
#include <fmt/format.h>

#include <string>

#include "absl/status/status.h"
#include "api/cli/parse.h"
#include "engine/business_date.h"

namespace lumbung::cli {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// Nanoseconds in 64 bits end in the year 2262; days since 1970 up to 2260-03-22.
constexpr int32_t kLastDay = 106'000;

absl::Status RefuseWhen(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("time '{}': {}; write 2026-11-23, '2026-11-23 14:30 WIB', "
                  "2026-11-23T07:30:00Z, today or yesterday",
                  text, why));
}

// Takes a number of exactly `digits` digits off the front.
std::optional<int> TakeDigits(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool Take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Takes up to nine digits behind the decimal point, as nanoseconds.
std::optional<int64_t> TakeFraction(std::string_view& text) {
  int64_t nanoseconds = 0;
  int64_t scale = kSecondNs;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (scale == 1) return std::nullopt;
    scale /= 10;
    nanoseconds += (text.front() - '0') * scale;
    text.remove_prefix(1);
  }
  if (scale == kSecondNs) return std::nullopt;
  return nanoseconds;
}

// Takes `14:30`, `14:30:05` or `14:30:05.123`, as nanoseconds since midnight.
std::optional<int64_t> TakeTimeOfDay(std::string_view& text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !Take(text, ':')) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int64_t seconds = *hour * 3600 + *minute * 60;
  int64_t fraction = 0;
  if (Take(text, ':')) {
    const auto second = TakeDigits(text, 2);
    if (!second || *second > 59) return std::nullopt;
    seconds += *second;
    if (Take(text, '.')) {
      const auto nanoseconds = TakeFraction(text);
      if (!nanoseconds) return std::nullopt;
      fraction = *nanoseconds;
    }
  }
  return seconds * kSecondNs + fraction;
}

}  // namespace

absl::StatusOr<int16_t> ParseZone(std::string_view text) {
  if (text == "WIB") return int16_t{420};
  if (text == "WITA") return int16_t{480};
  if (text == "WIT") return int16_t{540};
  if (text == "UTC" || text == "Z") return int16_t{0};
  std::string_view rest = text;
  const bool west = Take(rest, '-');
  if (west || Take(rest, '+')) {
    const auto hours = TakeDigits(rest, 2);
    if (hours && *hours <= 14 && Take(rest, ':')) {
      const auto minutes = TakeDigits(rest, 2);
      if (minutes && *minutes <= 59 && rest.empty()) {
        const int east = *hours * 60 + *minutes;
        return static_cast<int16_t>(west ? -east : east);
      }
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("zone '{}': expected WIB, WITA, WIT, UTC, Z or an offset such as +07:00", text));
}

absl::StatusOr<When> ParseWhen(std::string_view text) {
  if (text == "today") return When{DaysAgo{0}};
  if (text == "yesterday") return When{DaysAgo{1}};
  constexpr size_t kDateLength = 10;
  const auto date = ParseDate(text.substr(0, kDateLength));
  if (!date) return RefuseWhen(text, "there is no such date");
  if (date->value() < 0 || date->value() > kLastDay) {
    return RefuseWhen(text, "the ledger knows the years 1970 to 2259");
  }
  if (text.size() == kDateLength) return When{*date};

  std::string_view rest = text.substr(kDateLength);
  if (!Take(rest, 'T') && !Take(rest, ' ')) return RefuseWhen(text, "it goes on behind the date");
  const auto time_of_day = TakeTimeOfDay(rest);
  if (!time_of_day) return RefuseWhen(text, "the time of day can't be read");
  Take(rest, ' ');
  if (rest.empty()) return RefuseWhen(text, "a time needs its zone (WIB, WITA, WIT, Z, +07:00)");
  const auto zone = ParseZone(rest);
  if (!zone.ok()) return zone.status();
  return When{Timestamp{StartOf(*date, *zone).value() + *time_of_day}};
}

}  // namespace lumbung::cli
