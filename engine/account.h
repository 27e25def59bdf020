// An account: what the engine keeps of it in memory and in a checkpoint. 128 bytes, two cache
// lines: the first has all that a posting touches, the second the rest. Plain data, little endian;
// the same bytes are stored in the checkpoint (storage/FORMAT.md).
#pragma once

#include <cstdint>
#include <type_traits>

#include "engine/account_id.h"
#include "engine/command.h"
#include "engine/types.h"

namespace lumbung {

enum class Side : uint8_t { kDebit = 0, kCredit = 1 };

struct alignas(64) Account {
  // Touched by every posting.
  AccountId id;
  Amount debits_posted;
  Amount credits_posted;
  Amount held;             // sum of open holds on the debit side
  Sequence last_sequence;  // the last entry that changed this account, its opening included
  Amount floor = kMinAmount;
  Amount ceiling = kMaxAmount;
  BusinessDate last_date;  // business date of last_sequence
  AssetCode asset = kIdr;
  Side normal_side = Side::kDebit;
  AccountStatus status = AccountStatus::kOpen;

  // Touched only if a limit is set, and by administration.
  Amount per_transaction = kMaxAmount;
  Amount per_day = kMaxAmount;
  Amount taken_today;  // taken out (or held) on `taken_date`
  BusinessDate taken_date;
  int16_t zone_minutes = 0;  // the cooperative's zone, east of UTC
  uint16_t reserved_16 = 0;
  Sequence opened_sequence;
  Timestamp last_timestamp;  // of last_sequence
  uint64_t reserved[2] = {};

  // The balance in the account's normal direction. The sums are checked at posting, so it fits.
  constexpr Amount balance() const {
    const int64_t net = debits_posted.value() - credits_posted.value();
    return Amount{normal_side == Side::kDebit ? net : -net};
  }
};

static_assert(sizeof(Account) == 128);
static_assert(std::is_trivially_copyable_v<Account>);

}  // namespace lumbung
