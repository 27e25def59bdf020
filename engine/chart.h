// The standard chart of accounts: what each code means, on which side it normally stands, who holds
// its accounts, and what they may do. Constant; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/account.h"
#include "engine/command.h"
#include "engine/types.h"

namespace lumbung {

enum class AccountClass : uint8_t {
  kAsset = 1,
  kLiability = 2,
  kEquity = 3,
  kIncome = 4,
  kExpense = 5
};

enum class HolderKind : uint8_t { kCooperative, kBranch, kTerminal, kMember, kLoan };

// What may take money out on the debit side.
enum class DebitRule : uint8_t {
  kFree,
  // Share capital and compulsory savings: only by kMemberExit, or to reverse.
  kOnlyOnExit,
  // Sales and other income: only by refund, reversal or closing.
  kOnlyByRefundOrClosing,
};

struct ChartLine {
  AccountCode code;
  std::string_view name;     // in English
  std::string_view name_id;  // in Indonesian
  AccountClass account_class;
  Side normal_side;
  HolderKind holder;
  DebitRule debit_rule;
  Limits limits;  // of a new account
};

// All lines, in order of their codes.
std::span<const ChartLine> StandardChart();
// Null if the code is not in the chart.
const ChartLine* FindChartLine(AccountCode code);

// The codes that the posting rules name.
namespace code {
inline constexpr AccountCode kMainCash{1101};
inline constexpr AccountCode kTill{1102};
inline constexpr AccountCode kBank{1110};
inline constexpr AccountCode kQrisClearing{1120};
inline constexpr AccountCode kLoan{1130};
inline constexpr AccountCode kStoreCredit{1140};
inline constexpr AccountCode kStock{1150};
inline constexpr AccountCode kDueFrom{1190};
inline constexpr AccountCode kWallet{2101};
inline constexpr AccountCode kEscrow{2110};
inline constexpr AccountCode kVat{2120};
inline constexpr AccountCode kIncomeTax{2121};
inline constexpr AccountCode kPlatformPayable{2130};
inline constexpr AccountCode kPayoutInTransit{2140};
inline constexpr AccountCode kShuPayable{2150};
inline constexpr AccountCode kSocialFunds{2160};
inline constexpr AccountCode kDueTo{2190};
inline constexpr AccountCode kSuspense{2199};
inline constexpr AccountCode kBankLoan{2201};
inline constexpr AccountCode kPokok{3101};
inline constexpr AccountCode kWajib{3102};
inline constexpr AccountCode kReserve{3201};
inline constexpr AccountCode kShuOfYear{3301};
inline constexpr AccountCode kSales{4101};
inline constexpr AccountCode kInterestIncome{4201};
inline constexpr AccountCode kLateFees{4202};
inline constexpr AccountCode kTransferFees{4301};
inline constexpr AccountCode kLoanProvision{4302};
inline constexpr AccountCode kCostOfGoods{5101};
inline constexpr AccountCode kPlatformFee{5201};
inline constexpr AccountCode kMdr{5301};
inline constexpr AccountCode kSavingsInterest{5401};
inline constexpr AccountCode kLoanInterest{5402};
inline constexpr AccountCode kCashDifference{5901};
inline constexpr AccountCode kRounding{5902};
}  // namespace code

}  // namespace lumbung
