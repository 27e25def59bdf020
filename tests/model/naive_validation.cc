#include "tests/model/naive_validation.h"

#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "engine/chart.h"

namespace lumbung {

namespace {

using Faults = std::set<Outcome>;

// A kind's legs as in the table of engine/README.md: `debit>credit`, those that only go along in
// brackets.
struct KindRow {
  Purpose purpose;
  std::string_view legs;
};

constexpr KindRow kKinds[] = {
    {Purpose::kPayment, "2101>4101 [2101>2120] [5201>2130]"},
    {Purpose::kCashSale, "1102>4101 [1102>2120] [5201>2130]"},
    {Purpose::kQrisSale, "1120>4101 [1120>2120] [5301>1120] [5201>2130]"},
    {Purpose::kStoreCreditSale, "1140>4101 [1140>2120] [5201>2130]"},
    {Purpose::kBillPayment, "2101>2130"},
    {Purpose::kTransfer, "2101>2101 [2101>4301]"},
    {Purpose::kDepositPokok, "1102>3101"},
    {Purpose::kDepositWajib, "1102>3102"},
    {Purpose::kDepositSukarela, "1102>2101"},
    {Purpose::kDues, "2101>3102"},
    {Purpose::kWithdrawal, "2101>1102"},
    {Purpose::kTopUp, "1120>2101"},
    {Purpose::kSettlement, "1110>1120"},
    {Purpose::kPayoutReserve, "2101>2140"},
    {Purpose::kPayoutSuccess, "2140>1110"},
    {Purpose::kPayoutFailure, "2140>2101"},
    {Purpose::kLoanDisbursement, "1130>2101 [2101>4302]"},
    {Purpose::kInstalment, "2101>1130 2101>4201 2101>4202 1102>1130 1102>4201 1102>4202"},
    {Purpose::kStoreCreditPayment, "2101>1140 1102>1140"},
    {Purpose::kHarvestPurchase, "1150>2101"},
    {Purpose::kShuDeclaration, "3301>3201 3301>2150 3301>2160"},
    {Purpose::kShuPayment, "2150>2101"},
    {Purpose::kSavingsInterest, "5401>2101 [5401>2121]"},
    {Purpose::kTillToMainCash, "1101>1102"},
    {Purpose::kMainCashToTill, "1102>1101"},
    {Purpose::kCashShort, "5901>1102"},
    {Purpose::kCashOver, "1102>5901"},
    {Purpose::kMemberExit, "3101>1102 3101>2101 3102>1102 3102>2101"},
};

bool IsKind(Purpose purpose) {
  return purpose >= Purpose::kGeneral && purpose <= Purpose::kClosing;
}

bool MovesResult(AccountCode code) {
  const ChartLine* line = FindChartLine(code);
  return line != nullptr && (line->account_class == AccountClass::kIncome ||
                             line->account_class == AccountClass::kExpense);
}

bool IsLegOfKind(Purpose purpose, LegSource source, AccountCode debit, AccountCode credit) {
  const bool by_rule = source == LegSource::kByRule;
  if (purpose == Purpose::kGeneral) return !by_rule;
  if (purpose == Purpose::kClosing) {
    const AccountCode result{3301};
    return !by_rule &&
           ((debit == result && MovesResult(credit)) || (credit == result && MovesResult(debit)));
  }
  const std::string pair = std::to_string(debit.value()) + ">" + std::to_string(credit.value());
  for (const KindRow& row : kKinds) {
    if (row.purpose != purpose) continue;
    const size_t found = row.legs.find(pair);
    if (found == std::string_view::npos) return false;
    const bool goes_along = found > 0 && row.legs[found - 1] == '[';
    return !by_rule || !goes_along;
  }
  return false;
}

bool IsAccount(AccountId account) {
  const ChartLine* line = FindChartLine(account.code());
  if (line == nullptr || account.cooperative().value() == 0) return false;
  const uint32_t holder = account.holder().value();
  switch (line->holder) {
    case HolderKind::kCooperative:
      return holder == 0;
    case HolderKind::kBranch:
    case HolderKind::kTerminal:
      return holder >= 1 && holder <= 65'535;
    case HolderKind::kMember:
    case HolderKind::kLoan:
      return holder >= 1;
  }
  return false;
}

bool IsCooperative(CooperativeId cooperative) {
  return cooperative.value() >= 1 && cooperative.value() < (1u << 24);
}

bool IsUuid(const TransactionId& id) {
  const std::string text = id.ToString();
  return text[14] >= '1' && text[14] <= '8' &&
         std::string_view("89ab").find(text[19]) != std::string_view::npos;
}

// More than five minutes ahead.
bool IsFromTheFuture(const TransactionId& id, Timestamp now) {
  if (id.ToString()[14] != '7') return false;
  const __int128 born_ns = static_cast<__int128>(id.high >> 16) * 1'000'000;
  return born_ns > static_cast<__int128>(now.value()) + 300 * __int128{1'000'000'000};
}

void LookAtId(const TransactionId& id, Timestamp now, Faults& faults) {
  if (id == TransactionId{}) {
    faults.insert(Outcome::kIdMissing);
  } else if (!IsUuid(id)) {
    faults.insert(Outcome::kIdMalformed);
  } else if (IsFromTheFuture(id, now)) {
    faults.insert(Outcome::kIdFromTheFuture);
  }
}

void LookAtHeader(const Header& header, Timestamp now, Faults& faults) {
  LookAtId(header.id, now, faults);
  if (header.text.size() > 64) faults.insert(Outcome::kTextTooLong);
}

void LookAtLeg(Purpose purpose, LegSource source, const Leg& leg, Faults& faults) {
  if (!IsAccount(leg.debit) || !IsAccount(leg.credit)) faults.insert(Outcome::kAccountMalformed);
  if (leg.debit == leg.credit) faults.insert(Outcome::kSameAccount);
  if (leg.amount <= Amount{0}) faults.insert(Outcome::kAmountNotPositive);
  const bool may_join = purpose == Purpose::kTransfer && source == LegSource::kByRule;
  if (leg.debit.cooperative() != leg.credit.cooperative() && !may_join) {
    faults.insert(Outcome::kCooperativesMixed);
  }
  if (!IsLegOfKind(purpose, source, leg.debit.code(), leg.credit.code())) {
    faults.insert(Outcome::kLegNotOfKind);
  }
}

void LookAtLegs(Purpose purpose, LegSource source, std::span<const Leg> legs, Faults& faults) {
  if (!IsKind(purpose)) faults.insert(Outcome::kKindUnknown);
  if (legs.empty()) faults.insert(Outcome::kLegsMissing);
  if (legs.size() > (source == LegSource::kByRule ? 1 : 64)) faults.insert(Outcome::kTooManyLegs);
  for (const Leg& leg : legs) LookAtLeg(purpose, source, leg, faults);
}

void LookAtFollowing(const Header& header, const TransactionId& related,
                     std::optional<Amount> amount, Timestamp now, Faults& faults) {
  LookAtHeader(header, now, faults);
  if (related == TransactionId{}) {
    faults.insert(Outcome::kRelatedMissing);
  } else if (!IsUuid(related)) {
    faults.insert(Outcome::kIdMalformed);
  }
  if (related == header.id) faults.insert(Outcome::kRelatedIsItself);
  if (amount && *amount <= Amount{0}) faults.insert(Outcome::kAmountNotPositive);
}

void LookAtName(std::string_view name, Faults& faults) {
  if (name.size() > 64) faults.insert(Outcome::kTextTooLong);
}

void LookAtNeededName(std::string_view name, Faults& faults) {
  LookAtName(name, faults);
  if (name.empty()) faults.insert(Outcome::kSettingInvalid);
}

void LookAtPolicy(const Policy& policy, Faults& faults) {
  if (policy.vat_basis_points > 10'000 || policy.platform_fee_basis_points > 10'000 ||
      policy.mdr_basis_points > 10'000 || policy.mdr_free_up_to < Amount{0} ||
      policy.transfer_fee < Amount{0}) {
    faults.insert(Outcome::kSettingInvalid);
  }
}

void LookAtLimits(const Limits& limits, Faults& faults) {
  if (limits.floor > limits.ceiling || limits.per_transaction < Amount{0} ||
      limits.per_day < Amount{0}) {
    faults.insert(Outcome::kSettingInvalid);
  }
}

struct Look {
  Timestamp now;
  Faults& faults;

  void Malformed(bool is) const {
    if (is) faults.insert(Outcome::kAccountMalformed);
  }
  void Invalid(bool is) const {
    if (is) faults.insert(Outcome::kSettingInvalid);
  }

  void operator()(const Post& post) const {
    LookAtHeader(post.header, now, faults);
    LookAtLegs(post.purpose, post.source, post.legs, faults);
  }
  void operator()(const Hold& hold) const {
    LookAtHeader(hold.header, now, faults);
    LookAtLegs(hold.purpose, LegSource::kExplicit, hold.legs, faults);
    if (hold.seconds < 1 || hold.seconds > 30 * 24 * 3600) {
      faults.insert(Outcome::kHoldSecondsInvalid);
    }
  }
  void operator()(const Capture& capture) const {
    LookAtFollowing(capture.header, capture.hold, capture.amount, now, faults);
  }
  void operator()(const Void& release) const {
    LookAtFollowing(release.header, release.hold, std::nullopt, now, faults);
  }
  void operator()(const Refund& refund) const {
    LookAtFollowing(refund.header, refund.original, refund.amount, now, faults);
  }
  void operator()(const Reverse& reverse) const {
    LookAtFollowing(reverse.header, reverse.original, std::nullopt, now, faults);
  }
  void operator()(const Resolve& resolve) const {
    LookAtId(resolve.id, now, faults);
    Malformed(resolve.cooperative.value() != 0 && !IsCooperative(resolve.cooperative));
  }
  void operator()(const OpenCooperative& open) const {
    Malformed(!IsCooperative(open.cooperative));
    LookAtNeededName(open.name, faults);
    Invalid(open.zone_minutes < -12 * 60 || open.zone_minutes > 14 * 60);
    if (open.policy) LookAtPolicy(*open.policy, faults);
  }
  void operator()(const OpenBranch& open) const {
    Malformed(!IsCooperative(open.cooperative) || open.branch == BranchId{0});
    LookAtNeededName(open.name, faults);
  }
  void operator()(const OpenTerminal& open) const {
    Malformed(!IsCooperative(open.cooperative) || open.branch == BranchId{0} ||
              open.terminal == TerminalId{0});
    LookAtName(open.name, faults);
  }
  void operator()(const OpenAccount& open) const {
    Malformed(!IsAccount(open.account));
    Invalid(open.asset.value() < 1 || open.asset.value() > 999);
    if (open.limits) LookAtLimits(*open.limits, faults);
  }
  void operator()(const SetLimits& set) const {
    Malformed(!IsAccount(set.account));
    LookAtLimits(set.limits, faults);
  }
  void operator()(const SetStatus& set) const { Malformed(!IsAccount(set.account)); }
  void operator()(const SetPolicy& set) const {
    Malformed(!IsCooperative(set.cooperative));
    LookAtPolicy(set.policy, faults);
  }
};

}  // namespace

Outcome NaivelyValidated(const Command& command, Timestamp now) {
  Faults faults;
  std::visit(Look{.now = now, .faults = faults}, command);
  return faults.empty() ? Outcome::kAccepted : *faults.begin();
}

}  // namespace lumbung
