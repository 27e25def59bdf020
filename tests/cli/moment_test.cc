#include "api/cli/moment.h"

#include <gtest/gtest.h>

#include "engine/business_date.h"

namespace lumbung::cli {
namespace {

// 2026-11-23T18:00Z: in Jakarta the next day has begun, in UTC not yet.
constexpr Timestamp kEvening{1'795'456'800'000'000'000};

TEST(Moment, CountsYesterdayInTheCooperativesZone) {
  EXPECT_EQ(ToString(*ToBusinessDate(DaysAgo{1}, 420, kEvening)), "2026-11-23");
  EXPECT_EQ(ToString(*ToBusinessDate(DaysAgo{1}, 0, kEvening)), "2026-11-22");
  EXPECT_EQ(ToString(*ToBusinessDate(DaysAgo{0}, 420, kEvening)), "2026-11-24");
}

TEST(Moment, TakesADayFromItsStartToTheStartOfTheNext) {
  const BusinessDate day = *ParseDate("2026-11-23");
  const int64_t start = StartOf(day, 420).value();
  EXPECT_EQ(ToMoment(day, DayEdge::kStart, 420, kEvening).value(), start);
  EXPECT_EQ(ToMoment(day, DayEdge::kEnd, 420, kEvening).value(), start + 86'400'000'000'000);
}

TEST(Moment, LeavesAMomentAsItIs) {
  EXPECT_FALSE(ToBusinessDate(kEvening, 420, Timestamp{1}));
  EXPECT_EQ(ToMoment(kEvening, DayEdge::kEnd, 420, Timestamp{1}), kEvening);
  EXPECT_FALSE(NeedsZone(kEvening));
  EXPECT_TRUE(NeedsZone(DaysAgo{1}));
}

}  // namespace
}  // namespace lumbung::cli
