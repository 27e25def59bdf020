// Business dates: days in a cooperative's own zone. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/types.h"

namespace lumbung {

// The date on which the moment falls, `zone_minutes` east of UTC.
BusinessDate DateOf(Timestamp time, int16_t zone_minutes);
// The first nanosecond of the date in that zone. A date beyond the range of Timestamp (1677 … 2262)
// starts at that end of it.
Timestamp StartOf(BusinessDate date, int16_t zone_minutes);
// Reads and writes `2026-11-24` (proleptic Gregorian). Nothing if the text is anything else.
std::optional<BusinessDate> ParseDate(std::string_view text);
std::string ToString(BusinessDate date);

}  // namespace lumbung
