// A hold's leg, from its placing on; and what followed an original (refunds, a reversal). Plain
// data, stored as it is in the checkpoint.
#pragma once

#include <cstdint>
#include <type_traits>

#include "engine/account_id.h"
#include "engine/kind.h"
#include "engine/transaction_id.h"
#include "engine/types.h"

namespace lumbung {

enum class HoldState : uint8_t { kOpen = 0, kCaptured = 1, kVoided = 2, kExpired = 3 };

struct HoldRecord {
  Sequence sequence;  // of the hold's leg
  TransactionId id;   // of the hold
  AccountId debit;
  AccountId credit;
  Amount amount;
  Sequence changed_sequence;  // of the entry that last changed this record
  uint32_t deadline = 0;      // seconds since 1970 UTC
  Purpose purpose = Purpose::kNone;
  HoldState state = HoldState::kOpen;
  uint8_t leg_index = 0;
  uint8_t leg_count = 0;
  BusinessDate date;  // of the debit account, when the hold was placed
  uint32_t reserved = 0;
};

// Kept for an original once it has a refund or a reversal.
struct FollowUp {
  Sequence original;  // first entry of the original
  Amount refunded;    // by all refunds together, reversed ones not counted
  Sequence changed_sequence;
  uint8_t reversed = 0;  // 0 or 1
  uint8_t reserved[7] = {};
};

static_assert(sizeof(HoldRecord) == 72 && std::is_trivially_copyable_v<HoldRecord>);
static_assert(sizeof(FollowUp) == 32 && std::is_trivially_copyable_v<FollowUp>);

}  // namespace lumbung
