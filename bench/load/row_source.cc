#include "bench/load/row_source.h"

#include <algorithm>
#include <array>

#include "engine/chart.h"

namespace lumbung {

namespace {

constexpr uint32_t kHoldSeconds = 900;

enum class Sort : uint8_t {
  kPayment,
  kCashSale,
  kQrisSale,
  kTransfer,
  kTopUp,
  kDeposit,
  kWithdrawal,
  kHold,
  kCapture,
  kDues,
  kBill,
  kRefund,
};

// Per thousand, as in the workload of the day's client; what it has beside these (instalments,
// loans, payouts, day ends: 7 %) is given to the sorts nearest to them in legs.
struct Share {
  Sort sort;
  uint32_t up_to;
};
constexpr std::array<Share, 12> kShares = {{
    {Sort::kPayment, 385},
    {Sort::kCashSale, 565},
    {Sort::kQrisSale, 690},
    {Sort::kTransfer, 770},
    {Sort::kTopUp, 835},
    {Sort::kDeposit, 890},
    {Sort::kWithdrawal, 935},
    {Sort::kHold, 950},
    {Sort::kCapture, 960},
    {Sort::kDues, 980},
    {Sort::kBill, 992},
    {Sort::kRefund, 1'000},
}};

void SetPost(v1::Kind kind, uint64_t debit, uint64_t credit, v1::Transaction& row) {
  row.set_step(v1::STEP_POST);
  row.set_kind(kind);
  row.set_by_rule(true);
  row.set_debit_account(debit);
  row.set_credit_account(credit);
}

void ClearFollowUp(v1::Transaction& row) {
  row.clear_related_id();
  row.clear_hold_seconds();
  row.clear_by_rule();
}

void SetRelated(TransactionId id, v1::Transaction& row) {
  row.mutable_related_id()->set_high(id.high);
  row.mutable_related_id()->set_low(id.low);
  row.clear_kind();
  row.clear_debit_account();
  row.clear_credit_account();
}

}  // namespace

uint64_t RowSource::Own(AccountCode code, uint32_t holder) const {
  return AccountId::From({.cooperative = plan_.first_account.cooperative(),
                          .code = code,
                          .holder = HolderNumber{holder}})
      .value();
}

int64_t RowSource::FillHoldOrCapture(TransactionId id, v1::Transaction& row) {
  ClearFollowUp(row);
  if (open_hold_) {
    const int64_t amount = open_hold_->amount;
    FillCapture(row);
    return amount;
  }
  const int64_t amount = FillTransfer(row);
  row.set_step(v1::STEP_HOLD);
  row.set_kind(v1::KIND_TRANSFER);
  row.set_hold_seconds(kHoldSeconds);
  open_hold_ = {.id = id, .amount = amount};
  return 0;
}

void RowSource::FillCapture(v1::Transaction& row) {
  row.set_step(v1::STEP_CAPTURE);
  row.set_amount(open_hold_->amount);
  SetRelated(open_hold_->id, row);
  open_hold_.reset();
}

void RowSource::FillRefund(v1::Transaction& row) {
  row.set_step(v1::STEP_REFUND);
  row.set_amount(last_payment_->amount);
  SetRelated(last_payment_->id, row);
  last_payment_.reset();
}

void RowSource::FillWorkload(TransactionId id, v1::Transaction& row) {
  ClearFollowUp(row);
  const uint64_t drawn = random_.Below(1'000);
  const Share* share = std::find_if(kShares.begin(), kShares.end(),
                                    [&](const Share& each) { return drawn < each.up_to; });
  const auto amount = static_cast<int64_t>(100 * (1 + random_.Below(kMostAmount / 100)));
  row.set_amount(amount);
  const uint64_t sales = Own(code::kSales, 1);
  switch (share->sort) {
    case Sort::kRefund:
      if (last_payment_) return FillRefund(row);
      [[fallthrough]];
    case Sort::kPayment:
      last_payment_ = {.id = id, .amount = amount};
      return SetPost(v1::KIND_PAYMENT, Wallet(), sales, row);
    case Sort::kCashSale:
      return SetPost(v1::KIND_CASH_SALE, Own(code::kTill, 1), sales, row);
    case Sort::kQrisSale:
      return SetPost(v1::KIND_QRIS_SALE, Own(code::kQrisClearing, 0), sales, row);
    case Sort::kTransfer:
      FillTransfer(row);
      row.set_by_rule(true);
      row.set_step(v1::STEP_POST);
      row.set_kind(v1::KIND_TRANSFER);
      return;
    case Sort::kTopUp:
      return SetPost(v1::KIND_TOP_UP, Own(code::kQrisClearing, 0), Wallet(), row);
    case Sort::kDeposit:
      return SetPost(v1::KIND_DEPOSIT_SUKARELA, Own(code::kTill, 1), Wallet(), row);
    case Sort::kWithdrawal:
      return SetPost(v1::KIND_WITHDRAWAL, Wallet(), Own(code::kTill, 1), row);
    case Sort::kCapture:
      if (open_hold_) return FillCapture(row);
      [[fallthrough]];
    case Sort::kHold:
      SetPost(v1::KIND_PAYMENT, Wallet(), sales, row);
      row.clear_by_rule();
      row.set_step(v1::STEP_HOLD);
      row.set_hold_seconds(kHoldSeconds);
      open_hold_ = {.id = id, .amount = amount};
      return;
    case Sort::kDues: {
      const auto member =
          static_cast<uint32_t>(1 + random_.Below(std::min(plan_.accounts, kMembersWithDues)));
      return SetPost(v1::KIND_DUES, Own(code::kWallet, member), Own(code::kWajib, member), row);
    }
    case Sort::kBill:
      return SetPost(v1::KIND_BILL_PAYMENT, Wallet(), Own(code::kPlatformPayable, 1), row);
  }
}

}  // namespace lumbung
