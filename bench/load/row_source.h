// Fills transactions for the load, all of one cooperative. A few nanoseconds a row, no allocation
// once every row has been filled. Not thread-safe; each slot has its own.
#pragma once

#include <cstdint>
#include <optional>

#include "bench/workload/id_maker.h"
#include "bench/workload/random.h"
#include "engine/account_id.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

enum class IdForm : uint8_t { kVersion7, kVersion4 };

enum class Mix : uint8_t {
  kTransfer,  // transfers between two wallets, one leg each, no rule
  kHolds,     // holds and their captures, one after the other
  kWorkload,  // what a cooperative's day is made of: see row_source.cc
};

struct RowPlan {
  AccountId first_account;   // the other wallets follow it, by holder
  uint32_t accounts = 0;     // at least 2
  uint32_t hot_percent = 0;  // of the rows credit the first account; transfers and holds only
  IdForm ids = IdForm::kVersion7;
  Mix mix = Mix::kTransfer;
};

// Compulsory savings are opened for this many of the members, for their dues.
inline constexpr uint32_t kMembersWithDues = 1'000;

class RowSource {
 public:
  RowSource(const RowPlan& plan, uint64_t seed) : plan_(plan), random_(seed), ids_(~seed) {}

  // Sets what is the same in every row, once.
  static void Prepare(v1::Transaction& row) {
    row.set_step(v1::STEP_POST);
    row.set_kind(v1::KIND_TRANSFER);
    row.mutable_id();
  }

  // Sets the rest, and returns what it posts in sen: 0 for a hold, else the amount of its one leg,
  // for the rules add none where no policy is set. Rows must be applied in the order in which they
  // are filled. REQUIRES: a prepared row.
  int64_t Fill(Timestamp now, v1::Transaction& row) {
    const TransactionId id = plan_.ids == IdForm::kVersion7 ? ids_.Version7(now) : ids_.Version4();
    v1::Uuid& uuid = *row.mutable_id();
    uuid.set_high(id.high);
    uuid.set_low(id.low);
    switch (plan_.mix) {
      case Mix::kTransfer:
        return FillTransfer(row);
      case Mix::kHolds:
        return FillHoldOrCapture(id, row);
      case Mix::kWorkload:
        FillWorkload(id, row);
        return row.step() == v1::STEP_HOLD ? 0 : row.amount();
    }
    return 0;
  }

 private:
  static constexpr uint64_t kMostAmount = 10'000'000;  // sen

  struct Earlier {
    TransactionId id;
    int64_t amount;
  };

  int64_t FillTransfer(v1::Transaction& row) {
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

  int64_t FillHoldOrCapture(TransactionId id, v1::Transaction& row);
  void FillCapture(v1::Transaction& row);
  void FillWorkload(TransactionId id, v1::Transaction& row);
  void FillRefund(v1::Transaction& row);
  uint64_t Wallet() { return plan_.first_account.value() + random_.Below(plan_.accounts); }
  uint64_t Own(AccountCode code, uint32_t holder) const;

  const RowPlan plan_;
  Random random_;
  IdMaker ids_;
  std::optional<Earlier> open_hold_;
  std::optional<Earlier> last_payment_;
};

}  // namespace lumbung
