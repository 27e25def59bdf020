// Fills transactions for the load: transfers between random accounts of one cooperative. A few
// nanoseconds a row, no allocation. Not thread-safe; each slot has its own.
#pragma once

#include <cstdint>

#include "bench/workload/id_maker.h"
#include "bench/workload/random.h"
#include "engine/account_id.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

enum class IdForm : uint8_t { kVersion7, kVersion4 };

struct RowPlan {
  AccountId first_account;   // the others follow it, by holder
  uint32_t accounts = 0;     // at least 2
  uint32_t hot_percent = 0;  // of the rows credit the first account
  IdForm ids = IdForm::kVersion7;
};

class RowSource {
 public:
  RowSource(const RowPlan& plan, uint64_t seed) : plan_(plan), random_(seed), ids_(~seed) {}

  // Sets what is the same in every row, once.
  static void Prepare(v1::Transaction& row) {
    row.set_step(v1::STEP_POST);
    row.set_kind(v1::KIND_TRANSFER);
    row.mutable_id();
  }

  // Sets the rest, and returns the amount. REQUIRES: a prepared row.
  int64_t Fill(Timestamp now, v1::Transaction& row) {
    const TransactionId id = plan_.ids == IdForm::kVersion7 ? ids_.Version7(now) : ids_.Version4();
    v1::Uuid& uuid = *row.mutable_id();
    uuid.set_high(id.high);
    uuid.set_low(id.low);
    const uint64_t drawn = random_.Next();
    const bool hot = drawn % 100 < plan_.hot_percent;
    const uint32_t credit = hot ? 0 : static_cast<uint32_t>(random_.Below(plan_.accounts));
    // Another one than the credit account.
    const auto step = static_cast<uint32_t>(1 + random_.Below(plan_.accounts - 1));
    const uint32_t debit = (credit + step) % plan_.accounts;
    row.set_credit_account(plan_.first_account.value() + credit);
    row.set_debit_account(plan_.first_account.value() + debit);
    const auto amount = static_cast<int64_t>(1 + (drawn >> 32) % kMostAmount);
    row.set_amount(amount);
    return amount;
  }

 private:
  static constexpr uint64_t kMostAmount = 10'000'000;  // sen

  const RowPlan plan_;
  Random random_;
  IdMaker ids_;
};

}  // namespace lumbung
