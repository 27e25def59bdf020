#include "engine/kind.h"

namespace lumbung {

std::string_view Name(Step step) {
  switch (step) {
    case Step::kNone:
      return "UNSPECIFIED";
    case Step::kPost:
      return "POST";
    case Step::kHold:
      return "HOLD";
    case Step::kCapture:
      return "CAPTURE";
    case Step::kVoid:
      return "VOID";
    case Step::kExpire:
      return "EXPIRE";
    case Step::kRefund:
      return "REFUND";
    case Step::kReverse:
      return "REVERSE";
    case Step::kFence:
      return "FENCE";
    case Step::kFact:
      return "FACT";
  }
  return "?";
}

std::string_view Name(Purpose purpose) {
  switch (purpose) {
    case Purpose::kNone:
      return "UNSPECIFIED";
    case Purpose::kGeneral:
      return "GENERAL";
    case Purpose::kPayment:
      return "PAYMENT";
    case Purpose::kCashSale:
      return "CASH_SALE";
    case Purpose::kQrisSale:
      return "QRIS_SALE";
    case Purpose::kStoreCreditSale:
      return "STORE_CREDIT_SALE";
    case Purpose::kBillPayment:
      return "BILL_PAYMENT";
    case Purpose::kTransfer:
      return "TRANSFER";
    case Purpose::kDepositPokok:
      return "DEPOSIT_POKOK";
    case Purpose::kDepositWajib:
      return "DEPOSIT_WAJIB";
    case Purpose::kDepositSukarela:
      return "DEPOSIT_SUKARELA";
    case Purpose::kDues:
      return "DUES";
    case Purpose::kWithdrawal:
      return "WITHDRAWAL";
    case Purpose::kTopUp:
      return "TOP_UP";
    case Purpose::kSettlement:
      return "SETTLEMENT";
    case Purpose::kPayoutReserve:
      return "PAYOUT_RESERVE";
    case Purpose::kPayoutSuccess:
      return "PAYOUT_SUCCESS";
    case Purpose::kPayoutFailure:
      return "PAYOUT_FAILURE";
    case Purpose::kLoanDisbursement:
      return "LOAN_DISBURSEMENT";
    case Purpose::kInstalment:
      return "INSTALMENT";
    case Purpose::kStoreCreditPayment:
      return "STORE_CREDIT_PAYMENT";
    case Purpose::kHarvestPurchase:
      return "HARVEST_PURCHASE";
    case Purpose::kShuDeclaration:
      return "SHU_DECLARATION";
    case Purpose::kShuPayment:
      return "SHU_PAYMENT";
    case Purpose::kSavingsInterest:
      return "SAVINGS_INTEREST";
    case Purpose::kTillToMainCash:
      return "TILL_TO_MAIN_CASH";
    case Purpose::kMainCashToTill:
      return "MAIN_CASH_TO_TILL";
    case Purpose::kCashShort:
      return "CASH_SHORT";
    case Purpose::kCashOver:
      return "CASH_OVER";
    case Purpose::kMemberExit:
      return "MEMBER_EXIT";
    case Purpose::kClosing:
      return "CLOSING";
  }
  return "?";
}

std::string_view Name(Fact fact) {
  switch (fact) {
    case Fact::kNone:
      return "UNSPECIFIED";
    case Fact::kCooperativeOpened:
      return "COOPERATIVE_OPENED";
    case Fact::kBranchOpened:
      return "BRANCH_OPENED";
    case Fact::kTerminalOpened:
      return "TERMINAL_OPENED";
    case Fact::kAccountOpened:
      return "ACCOUNT_OPENED";
    case Fact::kAccountLimitsSet:
      return "ACCOUNT_LIMITS_SET";
    case Fact::kAccountStatusSet:
      return "ACCOUNT_STATUS_SET";
    case Fact::kPolicySet:
      return "POLICY_SET";
  }
  return "?";
}

bool MovesMoney(Step step) {
  switch (step) {
    case Step::kPost:
    case Step::kCapture:
    case Step::kRefund:
    case Step::kReverse:
      return true;
    case Step::kNone:
    case Step::kHold:
    case Step::kVoid:
    case Step::kExpire:
    case Step::kFence:
    case Step::kFact:
      return false;
  }
  return false;
}

bool IsKnownPurpose(uint32_t number) {
  return number >= static_cast<uint32_t>(Purpose::kGeneral) &&
         number <= static_cast<uint32_t>(Purpose::kClosing);
}

}  // namespace lumbung
