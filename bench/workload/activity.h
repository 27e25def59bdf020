// What happens at a cooperative in a day, and how often: the mix of the workload. An assumption,
// calibrated by hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bench/workload/random.h"

namespace lumbung {

enum class Activity : uint8_t {
  kWalletPayment,
  kCashSale,
  kQrisSale,
  kMemberTransfer,
  kTopUp,
  kDeposit,
  kWithdrawal,
  kInstalment,
  kHold,  // with capture and void
  kDues,
  kBillPayment,
  kRefund,  // with reversal
  kPayout,
  kLoan,
  kDayEnd,  // settlement, emptying of tills, cash differences
  kBetweenCooperatives,
};

struct ActivityShare {
  Activity activity;
  uint32_t parts = 0;  // of 10,000 transactions
  std::string_view name;
};

// All activities in order of the enum; their parts add up to 10,000.
std::span<const ActivityShare> ActivityShares();
Activity DrawActivity(Random& random);

// Where on the day a share of its transactions is reached: the shop opens at 5 and closes at 22.
// `fraction` is in [0, 1); the answer is in seconds since midnight.
int32_t SecondOfDay(double fraction);
// Percent of the day's transactions in the hour, 0 … 23.
uint32_t PercentOfHour(size_t hour);

}  // namespace lumbung
