#include "api/cli/moment.h"

#include <chrono>

#include "engine/business_date.h"

namespace lumbung::cli {

bool NeedsZone(const When& when) { return !std::holds_alternative<Timestamp>(when); }

std::optional<BusinessDate> ToBusinessDate(const When& when, int16_t zone_minutes, Timestamp now) {
  if (const auto* date = std::get_if<BusinessDate>(&when)) return *date;
  if (const auto* ago = std::get_if<DaysAgo>(&when)) {
    return BusinessDate{DateOf(now, zone_minutes).value() - ago->days};
  }
  return std::nullopt;
}

Timestamp ToMoment(const When& when, DayEdge edge, int16_t zone_minutes, Timestamp now) {
  const std::optional<BusinessDate> date = ToBusinessDate(when, zone_minutes, now);
  if (!date) return std::get<Timestamp>(when);
  const int32_t days_on = edge == DayEdge::kEnd ? 1 : 0;
  return StartOf(BusinessDate{date->value() + days_on}, zone_minutes);
}

Timestamp Now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Timestamp{std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count()};
}

}  // namespace lumbung::cli
