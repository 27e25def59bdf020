#include "engine/chart.h"

#include <algorithm>
#include <array>

namespace lumbung {

namespace {

constexpr int64_t kRupiah = 100;  // sen

// Most that a registered user's electronic money may amount to (Bank Indonesia), so a wallet's
// ceiling.
constexpr Amount kWalletCeiling{20'000'000 * kRupiah};
// Until the cooperative sets a member's own.
constexpr Amount kStoreCreditCeiling{2'000'000 * kRupiah};
// Until the cooperative sets the loan's own credit line; no village cooperative lends more.
constexpr Amount kLoanCeiling{100'000'000'000 * kRupiah};

constexpr Limits kNoLimits{};
constexpr Limits kNotNegative{.floor = Amount{0}};
constexpr Limits UpTo(Amount ceiling) { return {.floor = Amount{0}, .ceiling = ceiling}; }

constexpr auto kAsset = AccountClass::kAsset;
constexpr auto kLiability = AccountClass::kLiability;
constexpr auto kEquity = AccountClass::kEquity;
constexpr auto kIncome = AccountClass::kIncome;
constexpr auto kExpense = AccountClass::kExpense;
constexpr auto kDebit = Side::kDebit;
constexpr auto kCredit = Side::kCredit;
constexpr auto kCooperative = HolderKind::kCooperative;
constexpr auto kBranch = HolderKind::kBranch;
constexpr auto kTerminal = HolderKind::kTerminal;
constexpr auto kMember = HolderKind::kMember;
constexpr auto kHeldLoan = HolderKind::kLoan;
constexpr auto kFree = DebitRule::kFree;
constexpr auto kOnExit = DebitRule::kOnlyOnExit;
constexpr auto kOnRefund = DebitRule::kOnlyByRefundOrClosing;

// Accounts that may stand on either side (2199, 3301, 5901, 5902) have the normal side of their
// class and no floor.
constexpr ChartLine kChart[] = {
    {code::kMainCash, "Main cash", "Kas besar", kAsset, kDebit, kCooperative, kFree, kNotNegative},
    {code::kTill, "Till", "Laci kas", kAsset, kDebit, kTerminal, kFree, kNotNegative},
    {code::kBank, "Bank", "Bank", kAsset, kDebit, kCooperative, kFree, kNotNegative},
    {code::kQrisClearing, "QRIS and virtual account clearing", "Kliring QRIS dan VA", kAsset,
     kDebit, kCooperative, kFree, kNoLimits},
    {code::kLoan, "Loans to members", "Piutang pinjaman", kAsset, kDebit, kHeldLoan, kFree,
     UpTo(kLoanCeiling)},
    {code::kStoreCredit, "Store credit", "Bon anggota", kAsset, kDebit, kMember, kFree,
     UpTo(kStoreCreditCeiling)},
    {code::kStock, "Stock", "Persediaan", kAsset, kDebit, kBranch, kFree, kNotNegative},
    {code::kDueFrom, "Due from other cooperatives", "Piutang antarkoperasi", kAsset, kDebit,
     kCooperative, kFree, kNoLimits},

    {code::kWallet, "Voluntary savings", "Simpanan sukarela", kLiability, kCredit, kMember, kFree,
     UpTo(kWalletCeiling)},
    {code::kEscrow, "Escrow", "Dana titipan", kLiability, kCredit, kCooperative, kFree,
     kNotNegative},
    {code::kVat, "VAT payable", "Utang PPN", kLiability, kCredit, kCooperative, kFree, kNoLimits},
    {code::kIncomeTax, "Income tax payable", "Utang PPh", kLiability, kCredit, kCooperative, kFree,
     kNoLimits},
    {code::kPlatformPayable, "Supplier and platform payable", "Utang pemasok dan platform",
     kLiability, kCredit, kBranch, kFree, kNoLimits},
    {code::kPayoutInTransit, "Payouts in transit", "Pencairan dalam proses", kLiability, kCredit,
     kCooperative, kFree, kNotNegative},
    {code::kShuPayable, "Share of result payable", "Utang SHU", kLiability, kCredit, kMember, kFree,
     kNotNegative},
    {code::kSocialFunds, "Education, social and board funds",
     "Dana pendidikan, sosial, dan pengurus", kLiability, kCredit, kCooperative, kFree, kNoLimits},
    {code::kDueTo, "Due to other cooperatives", "Utang antarkoperasi", kLiability, kCredit,
     kCooperative, kFree, kNoLimits},
    {code::kSuspense, "Suspense", "Rekening sementara", kLiability, kCredit, kCooperative, kFree,
     kNoLimits},
    {code::kBankLoan, "Bank loan", "Utang bank", kLiability, kCredit, kCooperative, kFree,
     kNoLimits},

    {code::kPokok, "Share capital", "Simpanan pokok", kEquity, kCredit, kMember, kOnExit,
     kNotNegative},
    {code::kWajib, "Compulsory savings", "Simpanan wajib", kEquity, kCredit, kMember, kOnExit,
     kNotNegative},
    {code::kReserve, "Reserve", "Cadangan", kEquity, kCredit, kCooperative, kFree, kNotNegative},
    {code::kShuOfYear, "Result of the year", "SHU tahun berjalan", kEquity, kCredit, kCooperative,
     kFree, kNoLimits},

    {code::kSales, "Sales", "Penjualan", kIncome, kCredit, kBranch, kOnRefund, kNoLimits},
    {code::kInterestIncome, "Interest on loans", "Jasa pinjaman", kIncome, kCredit, kCooperative,
     kOnRefund, kNoLimits},
    {code::kLateFees, "Late fees", "Denda keterlambatan", kIncome, kCredit, kCooperative, kOnRefund,
     kNoLimits},
    {code::kTransferFees, "Transfer fees", "Biaya transfer", kIncome, kCredit, kCooperative,
     kOnRefund, kNoLimits},
    {code::kLoanProvision, "Loan provision", "Provisi pinjaman", kIncome, kCredit, kCooperative,
     kOnRefund, kNoLimits},

    {code::kCostOfGoods, "Cost of goods sold", "Harga pokok penjualan", kExpense, kDebit, kBranch,
     kFree, kNoLimits},
    {code::kPlatformFee, "Platform fee", "Biaya platform", kExpense, kDebit, kCooperative, kFree,
     kNoLimits},
    {code::kMdr, "Merchant discount", "Biaya MDR QRIS", kExpense, kDebit, kCooperative, kFree,
     kNoLimits},
    {code::kSavingsInterest, "Interest on savings", "Jasa simpanan", kExpense, kDebit, kCooperative,
     kFree, kNoLimits},
    {code::kLoanInterest, "Interest on bank loans", "Bunga utang bank", kExpense, kDebit,
     kCooperative, kFree, kNoLimits},
    {code::kCashDifference, "Cash over and short", "Selisih kas", kExpense, kDebit, kTerminal,
     kFree, kNoLimits},
    {code::kRounding, "Rounding", "Pembulatan", kExpense, kDebit, kCooperative, kFree, kNoLimits},
};

// Code → line, so that a posting finds the rule of an account with one load.
constexpr size_t kCodes = size_t{1} << kCodeBits;
constexpr uint8_t kNoLine = 0xFF;
static_assert(std::size(kChart) < kNoLine);

constexpr auto kLineOfCode = [] {
  std::array<uint8_t, kCodes> lines{};
  for (uint8_t& line : lines) line = kNoLine;
  for (size_t i = 0; i < std::size(kChart); ++i) {
    lines[kChart[i].code.value()] = static_cast<uint8_t>(i);
  }
  return lines;
}();

static_assert(std::is_sorted(std::begin(kChart), std::end(kChart),
                             [](const ChartLine& a, const ChartLine& b) {
                               return a.code < b.code;
                             }));

}  // namespace

std::span<const ChartLine> StandardChart() { return kChart; }

const ChartLine* FindChartLine(AccountCode code) {
  if (code.value() >= kCodes) return nullptr;
  const uint8_t line = kLineOfCode[code.value()];
  return line == kNoLine ? nullptr : &kChart[line];
}

}  // namespace lumbung
