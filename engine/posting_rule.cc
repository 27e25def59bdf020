#include "engine/posting_rule.h"

#include <algorithm>

#include "engine/canary.h"
#include "engine/chart.h"
#include "engine/check.h"

namespace lumbung {

namespace {

using namespace code;  // NOLINT: the table below is made of these names.

// What a leg is to its purpose.
enum class Part : uint8_t {
  kMain,   // may also be asked for by rule, as payer and payee
  kExtra,  // tax and fees: goes along with a main leg
};

struct Row {
  Purpose purpose;
  AccountCode debit;
  AccountCode credit;
  Part part = Part::kMain;
};

// The legs of each kind, in order of kinds. kGeneral and kClosing are rules of their own.
constexpr Row kRows[] = {
    {Purpose::kPayment, kWallet, kSales},
    {Purpose::kPayment, kWallet, kVat, Part::kExtra},
    {Purpose::kPayment, kPlatformFee, kPlatformPayable, Part::kExtra},
    {Purpose::kCashSale, kTill, kSales},
    {Purpose::kCashSale, kTill, kVat, Part::kExtra},
    {Purpose::kCashSale, kPlatformFee, kPlatformPayable, Part::kExtra},
    {Purpose::kQrisSale, kQrisClearing, kSales},
    {Purpose::kQrisSale, kQrisClearing, kVat, Part::kExtra},
    {Purpose::kQrisSale, kMdr, kQrisClearing, Part::kExtra},
    {Purpose::kQrisSale, kPlatformFee, kPlatformPayable, Part::kExtra},
    {Purpose::kStoreCreditSale, kStoreCredit, kSales},
    {Purpose::kStoreCreditSale, kStoreCredit, kVat, Part::kExtra},
    {Purpose::kStoreCreditSale, kPlatformFee, kPlatformPayable, Part::kExtra},
    {Purpose::kBillPayment, kWallet, kPlatformPayable},
    {Purpose::kTransfer, kWallet, kWallet},
    {Purpose::kTransfer, kWallet, kTransferFees, Part::kExtra},
    {Purpose::kDepositPokok, kTill, kPokok},
    {Purpose::kDepositWajib, kTill, kWajib},
    {Purpose::kDepositSukarela, kTill, kWallet},
    {Purpose::kDues, kWallet, kWajib},
    {Purpose::kWithdrawal, kWallet, kTill},
    {Purpose::kTopUp, kQrisClearing, kWallet},
    {Purpose::kSettlement, kBank, kQrisClearing},
    {Purpose::kPayoutReserve, kWallet, kPayoutInTransit},
    {Purpose::kPayoutSuccess, kPayoutInTransit, kBank},
    {Purpose::kPayoutFailure, kPayoutInTransit, kWallet},
    {Purpose::kLoanDisbursement, kLoan, kWallet},
    {Purpose::kLoanDisbursement, kWallet, kLoanProvision, Part::kExtra},
    {Purpose::kInstalment, kWallet, kLoan},
    {Purpose::kInstalment, kWallet, kInterestIncome},
    {Purpose::kInstalment, kWallet, kLateFees},
    {Purpose::kInstalment, kTill, kLoan},
    {Purpose::kInstalment, kTill, kInterestIncome},
    {Purpose::kInstalment, kTill, kLateFees},
    {Purpose::kStoreCreditPayment, kWallet, kStoreCredit},
    {Purpose::kStoreCreditPayment, kTill, kStoreCredit},
    {Purpose::kHarvestPurchase, kStock, kWallet},
    {Purpose::kShuDeclaration, kShuOfYear, kReserve},
    {Purpose::kShuDeclaration, kShuOfYear, kShuPayable},
    {Purpose::kShuDeclaration, kShuOfYear, kSocialFunds},
    {Purpose::kShuPayment, kShuPayable, kWallet},
    {Purpose::kSavingsInterest, kSavingsInterest, kWallet},
    {Purpose::kSavingsInterest, kSavingsInterest, kIncomeTax, Part::kExtra},
    // The account that receives cash is debited.
    {Purpose::kTillToMainCash, kMainCash, kTill},
    {Purpose::kMainCashToTill, kTill, kMainCash},
    {Purpose::kCashShort, kCashDifference, kTill},
    {Purpose::kCashOver, kTill, kCashDifference},
    {Purpose::kMemberExit, kPokok, kTill},
    {Purpose::kMemberExit, kWajib, kTill},
    {Purpose::kMemberExit, kPokok, kWallet},
    {Purpose::kMemberExit, kWajib, kWallet},
};

static_assert(std::is_sorted(std::begin(kRows), std::end(kRows),
                             [](const Row& a, const Row& b) { return a.purpose < b.purpose; }));

// Where each purpose's rows begin; those of the purpose after it are where they end.
constexpr size_t kPurposes = static_cast<size_t>(Purpose::kClosing) + 1;
constexpr auto kFirstRow = [] {
  std::array<uint8_t, kPurposes + 1> first{};
  size_t row = 0;
  for (size_t purpose = 0; purpose <= kPurposes; ++purpose) {
    while (row < std::size(kRows) && static_cast<size_t>(kRows[row].purpose) < purpose) ++row;
    first[purpose] = static_cast<uint8_t>(row);
  }
  return first;
}();

std::span<const Row> RowsOf(Purpose purpose) {
  const size_t number = static_cast<size_t>(purpose);
  if (number >= kPurposes) return {};
  return {kRows + kFirstRow[number], kRows + kFirstRow[number + 1]};
}

// Closing entries move income and expense accounts into the result of the year.
bool ClosingLegAllowed(AccountCode debit, AccountCode credit) {
  if (debit != kShuOfYear && credit != kShuOfYear) return false;
  const ChartLine* other = FindChartLine(debit == kShuOfYear ? credit : debit);
  return other != nullptr && (other->account_class == AccountClass::kIncome ||
                              other->account_class == AccountClass::kExpense);
}

bool IsSale(Purpose purpose) {
  return purpose == Purpose::kPayment || purpose == Purpose::kCashSale ||
         purpose == Purpose::kQrisSale || purpose == Purpose::kStoreCreditSale;
}

// Electronic money by QRIS, per transaction (Bank Indonesia): Rp10 million.
constexpr Amount kLargestQris{10'000'000 * int64_t{100}};

Amount RoundedShare(Amount amount, int64_t numerator, int64_t denominator) {
  const __int128 product = static_cast<__int128>(amount.value()) * numerator;
  const int64_t half = Sings(Canary::kRoundedDown) ? 0 : denominator;  // in doubled units
  return Amount{static_cast<int64_t>((2 * product + half) / (2 * denominator))};
}

AccountId CooperativesOwn(CooperativeId cooperative, AccountCode code) {
  return AccountId::From({.cooperative = cooperative, .code = code, .holder = HolderNumber{0}});
}

void Add(Expansion& expansion, const Leg& leg, uint16_t flag) {
  LUMBUNG_CHECK(expansion.count < expansion.legs.size());
  expansion.legs[expansion.count++] = {.leg = leg,
                                       .flags = static_cast<uint16_t>(kFlagByRule | flag)};
}

void ExpandSale(Purpose purpose, const Leg& requested, const Policy& policy, Expansion& expansion) {
  const CooperativeId cooperative = requested.debit.cooperative();
  Leg sale = requested;
  // Price = net + net * rate, so the part of VAT in it is price * rate / (1 + rate).
  const Amount vat = RoundedShare(requested.amount, policy.vat_basis_points,
                                  10'000 + int64_t{policy.vat_basis_points});
  const bool has_vat = vat.value() > 0 && vat < requested.amount;
  if (has_vat) sale.amount = Amount{requested.amount.value() - vat.value()};
  Add(expansion, sale, 0);
  if (has_vat) {
    Add(expansion,
        {.debit = requested.debit, .credit = CooperativesOwn(cooperative, kVat), .amount = vat},
        kFlagPart);
  }
  if (purpose == Purpose::kQrisSale && requested.amount > policy.mdr_free_up_to) {
    const Amount mdr = BasisPoints(requested.amount, policy.mdr_basis_points);
    if (mdr.value() > 0) {
      Add(expansion,
          {.debit = CooperativesOwn(cooperative, kMdr), .credit = requested.debit, .amount = mdr},
          kFlagFee);
    }
  }
  const Amount fee = BasisPoints(requested.amount, policy.platform_fee_basis_points);
  if (fee.value() > 0) {
    const AccountId payable = AccountId::From({.cooperative = cooperative,
                                               .code = kPlatformPayable,
                                               .holder = requested.credit.holder()});
    Add(expansion,
        {.debit = CooperativesOwn(cooperative, kPlatformFee), .credit = payable, .amount = fee},
        kFlagFee);
  }
}

void ExpandTransfer(const Leg& requested, const Policy& policy, Expansion& expansion) {
  const CooperativeId source = requested.debit.cooperative();
  const CooperativeId target = requested.credit.cooperative();
  if (source == target) {
    Add(expansion, requested, 0);
  } else {
    Add(expansion,
        {.debit = requested.debit,
         .credit = CooperativesOwn(source, kDueTo),
         .amount = requested.amount},
        0);
    Add(expansion,
        {.debit = CooperativesOwn(target, kDueFrom),
         .credit = requested.credit,
         .amount = requested.amount},
        kFlagClearing);
  }
  if (policy.transfer_fee.value() > 0) {
    Add(expansion,
        {.debit = requested.debit,
         .credit = CooperativesOwn(source, kTransferFees),
         .amount = policy.transfer_fee},
        kFlagFee);
  }
}

}  // namespace

bool LegAllowed(Purpose purpose, AccountCode debit, AccountCode credit) {
  if (purpose == Purpose::kGeneral) return true;
  if (purpose == Purpose::kClosing) return ClosingLegAllowed(debit, credit);
  for (const Row& row : RowsOf(purpose)) {
    if (row.debit == debit && row.credit == credit) return true;
  }
  return false;
}

bool PartiesAllowed(Purpose purpose, AccountCode payer, AccountCode payee) {
  for (const Row& row : RowsOf(purpose)) {
    if (row.part == Part::kMain && row.debit == payer && row.credit == payee) return true;
  }
  return false;
}

Amount LargestAmount(Purpose purpose) {
  return purpose == Purpose::kQrisSale ? kLargestQris : kMaxAmount;
}

Expansion Expand(Purpose purpose, const Leg& requested, const Policy& payer_policy) {
  Expansion expansion;
  if (IsSale(purpose)) {
    ExpandSale(purpose, requested, payer_policy, expansion);
  } else if (purpose == Purpose::kTransfer) {
    ExpandTransfer(requested, payer_policy, expansion);
  } else {
    Add(expansion, requested, 0);
  }
  return expansion;
}

Amount BasisPoints(Amount amount, uint16_t basis_points) {
  return RoundedShare(amount, basis_points, 10'000);
}

void Split(Amount total, std::span<const Amount> weights, std::span<Amount> parts) {
  LUMBUNG_CHECK(parts.size() == weights.size() && total.value() >= 0);
  __int128 sum = 0;
  for (const Amount weight : weights) sum += weight.value();
  LUMBUNG_CHECK(sum > 0);
  int64_t left = total.value();
  for (size_t i = 0; i < weights.size(); ++i) {
    const __int128 product = static_cast<__int128>(total.value()) * weights[i].value();
    parts[i] = Amount{static_cast<int64_t>(product / sum)};
    left -= parts[i].value();
  }
  // What rounding down left over, at most one unit a part, goes to the largest remainders. A part
  // that got its unit has its remainder below zero in the rounds after.
  for (; left > 0; --left) {
    size_t best = 0;
    __int128 best_remainder = -1;
    for (size_t i = 0; i < weights.size(); ++i) {
      const __int128 remainder = static_cast<__int128>(total.value()) * weights[i].value() -
                                 static_cast<__int128>(parts[i].value()) * sum;
      if (remainder > best_remainder) {
        best = i;
        best_remainder = remainder;
      }
    }
    parts[best] = Amount{parts[best].value() + 1};
  }
}

}  // namespace lumbung
