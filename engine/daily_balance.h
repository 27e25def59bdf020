// An account's state at the close of a business day on which it was touched. Made when it is
// touched again on a later day; stored in `daily_balances`, from where statements and point-in-time
// balances start. Plain data.
#pragma once

#include <type_traits>

#include "engine/account_id.h"
#include "engine/types.h"

namespace lumbung {

struct DailyBalance {
  AccountId account;
  BusinessDate date;  // in the cooperative's zone
  uint32_t reserved = 0;
  Amount debits_posted;
  Amount credits_posted;
  Amount held;
  Sequence sequence;    // the account's last entry of that day
  Timestamp timestamp;  // of that entry
};

static_assert(sizeof(DailyBalance) == 56 && std::is_trivially_copyable_v<DailyBalance>);

}  // namespace lumbung
