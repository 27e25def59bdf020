#include "api/server/convert.h"

#include "engine/business_date.h"
#include "engine/chart.h"

namespace lumbung {

namespace {

template <typename Proto, typename Engine>
constexpr bool Same(Proto proto, Engine engine) {
  return static_cast<int>(proto) == static_cast<int>(engine);
}

static_assert(Same(v1::STEP_POST, Step::kPost) && Same(v1::STEP_HOLD, Step::kHold));
static_assert(Same(v1::STEP_CAPTURE, Step::kCapture) && Same(v1::STEP_VOID, Step::kVoid));
static_assert(Same(v1::STEP_EXPIRE, Step::kExpire) && Same(v1::STEP_REFUND, Step::kRefund));
static_assert(Same(v1::STEP_REVERSE, Step::kReverse) && Same(v1::STEP_FENCE, Step::kFence));
static_assert(Same(v1::STEP_FACT, Step::kFact) && Same(v1::STEP_UNSPECIFIED, Step::kNone));

static_assert(Same(v1::KIND_UNSPECIFIED, Purpose::kNone));
static_assert(Same(v1::KIND_GENERAL, Purpose::kGeneral));
static_assert(Same(v1::KIND_PAYMENT, Purpose::kPayment));
static_assert(Same(v1::KIND_CASH_SALE, Purpose::kCashSale));
static_assert(Same(v1::KIND_QRIS_SALE, Purpose::kQrisSale));
static_assert(Same(v1::KIND_STORE_CREDIT_SALE, Purpose::kStoreCreditSale));
static_assert(Same(v1::KIND_BILL_PAYMENT, Purpose::kBillPayment));
static_assert(Same(v1::KIND_TRANSFER, Purpose::kTransfer));
static_assert(Same(v1::KIND_DEPOSIT_POKOK, Purpose::kDepositPokok));
static_assert(Same(v1::KIND_DEPOSIT_WAJIB, Purpose::kDepositWajib));
static_assert(Same(v1::KIND_DEPOSIT_SUKARELA, Purpose::kDepositSukarela));
static_assert(Same(v1::KIND_DUES, Purpose::kDues));
static_assert(Same(v1::KIND_WITHDRAWAL, Purpose::kWithdrawal));
static_assert(Same(v1::KIND_TOP_UP, Purpose::kTopUp));
static_assert(Same(v1::KIND_SETTLEMENT, Purpose::kSettlement));
static_assert(Same(v1::KIND_PAYOUT_RESERVE, Purpose::kPayoutReserve));
static_assert(Same(v1::KIND_PAYOUT_SUCCESS, Purpose::kPayoutSuccess));
static_assert(Same(v1::KIND_PAYOUT_FAILURE, Purpose::kPayoutFailure));
static_assert(Same(v1::KIND_LOAN_DISBURSEMENT, Purpose::kLoanDisbursement));
static_assert(Same(v1::KIND_INSTALMENT, Purpose::kInstalment));
static_assert(Same(v1::KIND_STORE_CREDIT_PAYMENT, Purpose::kStoreCreditPayment));
static_assert(Same(v1::KIND_HARVEST_PURCHASE, Purpose::kHarvestPurchase));
static_assert(Same(v1::KIND_SHU_DECLARATION, Purpose::kShuDeclaration));
static_assert(Same(v1::KIND_SHU_PAYMENT, Purpose::kShuPayment));
static_assert(Same(v1::KIND_SAVINGS_INTEREST, Purpose::kSavingsInterest));
static_assert(Same(v1::KIND_TILL_TO_MAIN_CASH, Purpose::kTillToMainCash));
static_assert(Same(v1::KIND_MAIN_CASH_TO_TILL, Purpose::kMainCashToTill));
static_assert(Same(v1::KIND_CASH_SHORT, Purpose::kCashShort));
static_assert(Same(v1::KIND_CASH_OVER, Purpose::kCashOver));
static_assert(Same(v1::KIND_MEMBER_EXIT, Purpose::kMemberExit));
static_assert(Same(v1::KIND_CLOSING, Purpose::kClosing));
static_assert(v1::Kind_MAX == v1::KIND_CLOSING, "a new kind needs its line above");

static_assert(Same(v1::FACT_COOPERATIVE_OPENED, Fact::kCooperativeOpened));
static_assert(Same(v1::FACT_BRANCH_OPENED, Fact::kBranchOpened));
static_assert(Same(v1::FACT_TERMINAL_OPENED, Fact::kTerminalOpened));
static_assert(Same(v1::FACT_ACCOUNT_OPENED, Fact::kAccountOpened));
static_assert(Same(v1::FACT_ACCOUNT_LIMITS_SET, Fact::kAccountLimitsSet));
static_assert(Same(v1::FACT_ACCOUNT_STATUS_SET, Fact::kAccountStatusSet));
static_assert(Same(v1::FACT_POLICY_SET, Fact::kPolicySet));
static_assert(v1::Fact_MAX == v1::FACT_POLICY_SET, "a new fact needs its line above");

static_assert(Same(v1::ACCOUNT_STATUS_OPEN, AccountStatus::kOpen));
static_assert(Same(v1::ACCOUNT_STATUS_FROZEN, AccountStatus::kFrozen));
static_assert(Same(v1::ACCOUNT_STATUS_CLOSED, AccountStatus::kClosed));

static_assert(Same(v1::OUTCOME_UNSPECIFIED, Outcome::kNone));
static_assert(Same(v1::OUTCOME_ACCEPTED, Outcome::kAccepted));
static_assert(Same(v1::OUTCOME_ID_MISSING, Outcome::kIdMissing));
static_assert(Same(v1::OUTCOME_ID_MALFORMED, Outcome::kIdMalformed));
static_assert(Same(v1::OUTCOME_ID_FROM_THE_FUTURE, Outcome::kIdFromTheFuture));
static_assert(Same(v1::OUTCOME_KIND_UNKNOWN, Outcome::kKindUnknown));
static_assert(Same(v1::OUTCOME_TEXT_TOO_LONG, Outcome::kTextTooLong));
static_assert(Same(v1::OUTCOME_LEGS_MISSING, Outcome::kLegsMissing));
static_assert(Same(v1::OUTCOME_TOO_MANY_LEGS, Outcome::kTooManyLegs));
static_assert(Same(v1::OUTCOME_ACCOUNT_MALFORMED, Outcome::kAccountMalformed));
static_assert(Same(v1::OUTCOME_SAME_ACCOUNT, Outcome::kSameAccount));
static_assert(Same(v1::OUTCOME_AMOUNT_NOT_POSITIVE, Outcome::kAmountNotPositive));
static_assert(Same(v1::OUTCOME_COOPERATIVES_MIXED, Outcome::kCooperativesMixed));
static_assert(Same(v1::OUTCOME_LEG_NOT_OF_KIND, Outcome::kLegNotOfKind));
static_assert(Same(v1::OUTCOME_HOLD_SECONDS_INVALID, Outcome::kHoldSecondsInvalid));
static_assert(Same(v1::OUTCOME_RELATED_MISSING, Outcome::kRelatedMissing));
static_assert(Same(v1::OUTCOME_RELATED_IS_ITSELF, Outcome::kRelatedIsItself));
static_assert(Same(v1::OUTCOME_NOT_PERMITTED, Outcome::kNotPermitted));
static_assert(Same(v1::OUTCOME_SETTING_INVALID, Outcome::kSettingInvalid));
static_assert(Same(v1::OUTCOME_FIELD_NOT_OF_STEP, Outcome::kFieldNotOfStep));
static_assert(Same(v1::OUTCOME_ID_CONFLICT, Outcome::kIdConflict));
static_assert(Same(v1::OUTCOME_ORIGINAL_UNREADABLE, Outcome::kOriginalUnreadable));
static_assert(Same(v1::OUTCOME_FENCED, Outcome::kFenced));
static_assert(Same(v1::OUTCOME_COOPERATIVE_UNKNOWN, Outcome::kCooperativeUnknown));
static_assert(Same(v1::OUTCOME_BRANCH_UNKNOWN, Outcome::kBranchUnknown));
static_assert(Same(v1::OUTCOME_TERMINAL_UNKNOWN, Outcome::kTerminalUnknown));
static_assert(Same(v1::OUTCOME_RELATED_UNKNOWN, Outcome::kRelatedUnknown));
static_assert(Same(v1::OUTCOME_RELATED_NOT_HOLD, Outcome::kRelatedNotHold));
static_assert(Same(v1::OUTCOME_RELATED_NOT_POSTED, Outcome::kRelatedNotPosted));
static_assert(Same(v1::OUTCOME_HOLD_CAPTURED, Outcome::kHoldCaptured));
static_assert(Same(v1::OUTCOME_HOLD_VOIDED, Outcome::kHoldVoided));
static_assert(Same(v1::OUTCOME_HOLD_EXPIRED, Outcome::kHoldExpired));
static_assert(Same(v1::OUTCOME_CAPTURE_EXCEEDS_HOLD, Outcome::kCaptureExceedsHold));
static_assert(Same(v1::OUTCOME_CAPTURE_NOT_WHOLE, Outcome::kCaptureNotWhole));
static_assert(Same(v1::OUTCOME_ORIGINAL_REVERSED, Outcome::kOriginalReversed));
static_assert(Same(v1::OUTCOME_ORIGINAL_REFUNDED, Outcome::kOriginalRefunded));
static_assert(Same(v1::OUTCOME_REFUND_EXCEEDS_ORIGINAL, Outcome::kRefundExceedsOriginal));
static_assert(Same(v1::OUTCOME_DEBIT_ACCOUNT_UNKNOWN, Outcome::kDebitAccountUnknown));
static_assert(Same(v1::OUTCOME_CREDIT_ACCOUNT_UNKNOWN, Outcome::kCreditAccountUnknown));
static_assert(Same(v1::OUTCOME_ASSET_MISMATCH, Outcome::kAssetMismatch));
static_assert(Same(v1::OUTCOME_DEBIT_ACCOUNT_CLOSED, Outcome::kDebitAccountClosed));
static_assert(Same(v1::OUTCOME_CREDIT_ACCOUNT_CLOSED, Outcome::kCreditAccountClosed));
static_assert(Same(v1::OUTCOME_DEBIT_ACCOUNT_FROZEN, Outcome::kDebitAccountFrozen));
static_assert(Same(v1::OUTCOME_CREDIT_ACCOUNT_FROZEN, Outcome::kCreditAccountFrozen));
static_assert(Same(v1::OUTCOME_DEBIT_NOT_ALLOWED, Outcome::kDebitNotAllowed));
static_assert(Same(v1::OUTCOME_TRANSACTION_LIMIT, Outcome::kTransactionLimit));
static_assert(Same(v1::OUTCOME_DAILY_LIMIT, Outcome::kDailyLimit));
static_assert(Same(v1::OUTCOME_OVERFLOW, Outcome::kOverflow));
static_assert(Same(v1::OUTCOME_INSUFFICIENT_FUNDS, Outcome::kInsufficientFunds));
static_assert(Same(v1::OUTCOME_BALANCE_CEILING, Outcome::kBalanceCeiling));
static_assert(Same(v1::OUTCOME_ACCOUNT_NOT_EMPTY, Outcome::kAccountNotEmpty));
static_assert(v1::Outcome_MAX == v1::OUTCOME_ACCOUNT_NOT_EMPTY, "a new outcome needs its line");

// a - b, held within what 64 bits can say.
Amount Difference(Amount a, Amount b) {
  if (const auto difference = CheckedSubtract(a, b)) return *difference;
  return a.value() < 0 ? kMinAmount : kMaxAmount;
}

}  // namespace

void Encode(const TransactionId& id, v1::Uuid* uuid) {
  uuid->set_high(id.high);
  uuid->set_low(id.low);
}

void Encode(const Evidence& evidence, v1::Evidence* proto) {
  proto->set_branch(evidence.branch.value());
  proto->set_terminal(evidence.terminal.value());
  proto->set_operator_id(evidence.operator_id.value());
  proto->set_device_time_s(evidence.device_time);
  proto->set_terminal_sequence(evidence.terminal_sequence);
}

void Encode(const Limits& limits, v1::Limits* proto) {
  if (limits.floor != kMinAmount) proto->set_floor(limits.floor.value());
  if (limits.ceiling != kMaxAmount) proto->set_ceiling(limits.ceiling.value());
  if (limits.per_transaction != kMaxAmount) {
    proto->set_per_transaction(limits.per_transaction.value());
  }
  if (limits.per_day != kMaxAmount) proto->set_per_day(limits.per_day.value());
}

Limits ToLimits(const v1::Limits& proto) {
  Limits limits;
  if (proto.has_floor()) limits.floor = Amount{proto.floor()};
  if (proto.has_ceiling()) limits.ceiling = Amount{proto.ceiling()};
  if (proto.has_per_transaction()) limits.per_transaction = Amount{proto.per_transaction()};
  if (proto.has_per_day()) limits.per_day = Amount{proto.per_day()};
  return limits;
}

void Encode(const Policy& policy, v1::Policy* proto) {
  proto->set_vat_basis_points(policy.vat_basis_points);
  proto->set_platform_fee_basis_points(policy.platform_fee_basis_points);
  proto->set_mdr_basis_points(policy.mdr_basis_points);
  proto->set_mdr_free_up_to(policy.mdr_free_up_to.value());
  proto->set_transfer_fee(policy.transfer_fee.value());
}

void Encode(const Cooperative& cooperative, v1::Cooperative* proto) {
  proto->set_number(cooperative.id.value());
  proto->set_name(cooperative.name);
  proto->set_zone_minutes(cooperative.zone_minutes);
  Encode(cooperative.policy, proto->mutable_policy());
  proto->set_opened_sequence(cooperative.opened_sequence.value());
  proto->set_opened_ns(cooperative.opened_at.value());
}

void Encode(const Branch& branch, v1::Branch* proto) {
  proto->set_cooperative(branch.cooperative.value());
  proto->set_number(branch.id.value());
  proto->set_name(branch.name);
  proto->set_opened_sequence(branch.opened_sequence.value());
}

void Encode(const Terminal& terminal, v1::Terminal* proto) {
  proto->set_cooperative(terminal.cooperative.value());
  proto->set_branch(terminal.branch.value());
  proto->set_number(terminal.id.value());
  proto->set_name(terminal.name);
  proto->set_opened_sequence(terminal.opened_sequence.value());
}

Limits LimitsOf(const Account& account) {
  return {.floor = account.floor,
          .ceiling = account.ceiling,
          .per_transaction = account.per_transaction,
          .per_day = account.per_day};
}

Amount AvailableOf(const Account& account) {
  if (account.normal_side == Side::kDebit) {
    return Difference(Difference(account.ceiling, account.balance()), account.held);
  }
  return Difference(Difference(account.balance(), account.held), account.floor);
}

void Encode(const Account& account, v1::Account* proto) {
  proto->set_account(account.id.value());
  proto->set_asset(account.asset.value());
  proto->set_status(static_cast<v1::AccountStatus>(account.status));
  proto->set_credit_normal(account.normal_side == Side::kCredit);
  proto->set_debits_posted(account.debits_posted.value());
  proto->set_credits_posted(account.credits_posted.value());
  proto->set_held(account.held.value());
  proto->set_balance(account.balance().value());
  proto->set_available(AvailableOf(account).value());
  Encode(LimitsOf(account), proto->mutable_limits());
  proto->set_last_sequence(account.last_sequence.value());
  proto->set_last_timestamp_ns(account.last_timestamp.value());
  proto->set_last_business_date(ToString(account.last_date));
  if (const ChartLine* const line = FindChartLine(account.id.code())) {
    proto->set_name(line->name.data(), line->name.size());
  }
}

std::string_view FieldAtFault(Outcome outcome) {
  return IsRefused(outcome) && outcome != Outcome::kOriginalUnreadable ? "id" : "";
}

void Encode(const Result& result, v1::TransactionResult* proto) {
  proto->set_outcome(ToProto(result.outcome));
  if (result.outcome != Outcome::kAccepted) [[unlikely]] {
    const std::string_view why = Explain(result.outcome);
    proto->set_message(why.data(), why.size());
    const std::string_view field = FieldAtFault(result.outcome);
    proto->set_field(field.data(), field.size());
  }
  if (result.duplicate) proto->set_duplicate(true);
  proto->set_sequence(result.sequence.value());
  proto->set_leg_count(result.leg_count);
  proto->set_timestamp_ns(result.timestamp.value());
}

}  // namespace lumbung
