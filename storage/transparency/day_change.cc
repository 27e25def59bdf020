#include "storage/transparency/day_change.h"

#include <algorithm>
#include <array>

#include "engine/business_date.h"

namespace lumbung {

namespace {

constexpr std::array<int16_t, 3> kZonesMinutes = {7 * 60, 8 * 60, 9 * 60};  // WIB, WITA, WIT

}  // namespace

void DayChange::Follow(Timestamp time) {
  midnight_.reset();
  for (const int16_t zone : kZonesMinutes) {
    const Timestamp end = StartOf(BusinessDate{DateOf(time, zone).value() + 1}, zone);
    midnight_ = std::min(midnight_.value_or(end), end);
  }
}

std::optional<size_t> DayChange::Next(std::span<const Entry> entries) {
  if (entries.empty()) return std::nullopt;
  if (!midnight_) Follow(entries.front().timestamp);
  if (entries.back().timestamp < *midnight_) return std::nullopt;
  const auto found = std::ranges::lower_bound(entries, *midnight_, {}, &Entry::timestamp);
  Follow(found->timestamp);
  return static_cast<size_t>(found - entries.begin());
}

}  // namespace lumbung
