#include "bench/workload/activity.h"

#include <algorithm>
#include <array>

#include "engine/check.h"

namespace lumbung {

namespace {

constexpr uint32_t kAllParts = 10'000;

constexpr std::array<ActivityShare, 16> kShares = {{
    {Activity::kWalletPayment, 3'700, "wallet payment"},
    {Activity::kCashSale, 1'700, "cash sale"},
    {Activity::kQrisSale, 1'200, "QRIS sale"},
    {Activity::kMemberTransfer, 700, "member transfer"},
    {Activity::kTopUp, 600, "top-up"},
    {Activity::kDeposit, 500, "deposit"},
    {Activity::kWithdrawal, 400, "withdrawal"},
    {Activity::kInstalment, 300, "instalment"},
    {Activity::kHold, 250, "hold, capture or void"},
    {Activity::kDues, 200, "dues"},
    {Activity::kBillPayment, 150, "bill payment"},
    {Activity::kRefund, 120, "refund or reversal"},
    {Activity::kPayout, 100, "payout"},
    {Activity::kLoan, 30, "loan"},
    {Activity::kDayEnd, 30, "day's end"},
    {Activity::kBetweenCooperatives, 20, "between cooperatives"},
}};

constexpr uint32_t Sum() {
  uint32_t sum = 0;
  for (const ActivityShare& share : kShares) sum += share.parts;
  return sum;
}
static_assert(Sum() == kAllParts);

constexpr size_t kHours = 24;
constexpr std::array<uint32_t, kHours> kPercentOfHour = {0, 0, 0, 0, 0, 1, 4, 8, 9, 9, 8, 6,
                                                         5, 5, 5, 6, 9, 9, 7, 5, 3, 1, 0, 0};
// They add up to this; the published figures are rounded.
constexpr uint32_t HourSum() {
  uint32_t sum = 0;
  for (const uint32_t percent : kPercentOfHour) sum += percent;
  return sum;
}
static_assert(HourSum() == 100);

constexpr int32_t kSecondsOfHour = 3'600;

}  // namespace

std::span<const ActivityShare> ActivityShares() { return kShares; }

Activity DrawActivity(Random& random) {
  uint64_t point = random.Below(kAllParts);
  for (const ActivityShare& share : kShares) {
    if (point < share.parts) return share.activity;
    point -= share.parts;
  }
  return Activity::kWalletPayment;
}

int32_t SecondOfDay(double fraction) {
  LUMBUNG_CHECK(fraction >= 0 && fraction < 1);
  double left = fraction * HourSum();
  for (size_t hour = 0; hour < kHours; ++hour) {
    const double percent = kPercentOfHour[hour];
    if (left < percent) {
      return static_cast<int32_t>(hour) * kSecondsOfHour +
             static_cast<int32_t>(left / percent * kSecondsOfHour);
    }
    left -= percent;
  }
  return static_cast<int32_t>(kHours) * kSecondsOfHour - 1;
}

uint32_t PercentOfHour(size_t hour) { return kPercentOfHour[hour]; }

}  // namespace lumbung
