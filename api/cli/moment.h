// From what was typed (parse.h: When) to a moment or a business date, in a cooperative's zone. Pure
// functions; any thread.
#pragma once

#include <optional>

#include "api/cli/parse.h"
#include "engine/types.h"

namespace lumbung::cli {

// Which end of a day is meant where only the day was told.
enum class DayEdge {
  kStart,
  kEnd,  // the first moment of the next day
};

// Whether the zone of a cooperative is needed to know the moment.
bool NeedsZone(const When& when);

// The day that was told, counted back from `now` where need be; nothing for a moment.
std::optional<BusinessDate> ToBusinessDate(const When& when, int16_t zone_minutes, Timestamp now);
Timestamp ToMoment(const When& when, DayEdge edge, int16_t zone_minutes, Timestamp now);

// This machine's clock.
Timestamp Now();

}  // namespace lumbung::cli
