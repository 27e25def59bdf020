// A small ledger of three days in which everything happens that books must get right: fees and VAT,
// a refund and a reversal, holds captured in part, released and still open, declines, a transfer to
// another cooperative, cash that is short. Always the same, to the nanosecond.
#pragma once

#include <optional>
#include <string_view>

#include "tests/books/memory_ledger.h"
#include "tests/engine/rules/village.h"

namespace lumbung {

class TinyVillage {
 public:
  static Policy Charges() {
    Policy policy;
    policy.vat_basis_points = 1'100;
    policy.platform_fee_basis_points = 20;
    policy.mdr_basis_points = 30;
    policy.transfer_fee = Amount{250'000};
    return policy;
  }

  TinyVillage() {
    village.evidence.operator_id = OperatorId{3};
    village.Post(1, Purpose::kGeneral, {LegOf("7.1101.0", "7.2201.0", 500'000'000)});
    village.Post(2, Purpose::kMainCashToTill, {LegOf("7.1102.1", "7.1101.0", 50'000'000)});
    village.Post(3, Purpose::kDepositPokok, {LegOf("7.1102.1", "7.3101.1", 10'000'000)});
    village.text = "Setoran Bu Sri";
    village.Post(4, Purpose::kDepositSukarela, {LegOf("7.1102.1", "7.2101.1", 30'000'000)});
    village.text = "";
    NextDay();
    village.text = "Bon 17; beras 5 kg";
    village.PostByRule(5, Purpose::kPayment, LegOf("7.2101.1", "7.4101.1", 11'100'000));
    village.text = "";
    village.PostByRule(6, Purpose::kTransfer, LegOf("7.2101.1", "7.2101.2", 2'000'000));
    village.PostByRule(7, Purpose::kTransfer, LegOf("7.2101.1", "8.2101.1", 1'000'000));
    village.PostByRule(8, Purpose::kQrisSale, LegOf("7.1120.0", "7.4101.2", 66'600'000));
    village.PostByRule(9, Purpose::kPayment, LegOf("7.2101.2", "7.4101.1", 90'000'000));
    village.Hold(10, {LegOf("7.2101.1", "7.4101.1", 500'000)}, 3600);
    village.Capture(11, 10, 300'000);
    village.Hold(12, {LegOf("7.2101.1", "7.4101.1", 100'000)}, 3600);
    village.Void(13, 12);
    village.Hold(14, {LegOf("7.2101.1", "7.4101.1", 700'000)}, 7 * 24 * 3600);
    village.books.Resolve(IdOf(99), Resolve::IfUnknown::kFence);
    NextDay();
    village.Refund(15, 5, 1'110'000);
    village.PostByRule(16, Purpose::kCashSale, LegOf("7.1102.1", "7.4101.1", 2'220'000));
    village.Reverse(17, 16);
    village.Post(18, Purpose::kCashShort, {LegOf("7.5901.1", "7.1102.1", 50'000)});
    village.Post(19, Purpose::kWithdrawal, {LegOf("7.2101.2", "7.1102.1", 1'500'000)});
    village.Post(20, Purpose::kTillToMainCash, {LegOf("7.1101.0", "7.1102.1", 60'000'000)});
  }

  void NextDay() { village.books.Advance(kDay); }

  // The day of the first entries is 0.
  static BusinessDate Day(int number) {
    return BusinessDate{static_cast<int32_t>(kNoon.value() / kDay) + number};
  }

  Village village{Charges()};
};

}  // namespace lumbung
