// The administrative half of the naive ledger.
#include <type_traits>

#include "engine/chart.h"
#include "tests/model/naive_ledger.h"

namespace lumbung {

Result Unrecorded(Outcome outcome) {
  Result result;
  result.outcome = outcome;
  return result;
}

// Returns how many it opened. Their entries follow that of their holder.
int NaiveLedger::OpenAccounts(int holder_kind, CooperativeId cooperative, uint32_t holder,
                              Timestamp now) {
  int opened = 0;
  for (const ChartLine& line : StandardChart()) {
    if (static_cast<int>(line.holder) != holder_kind) continue;
    const AccountId id = AccountId::From(
        {.cooperative = cooperative, .code = line.code, .holder = HolderNumber{holder}});
    NaiveAccount account;
    account.debit_normal = line.normal_side == Side::kDebit;
    account.asset = kIdr;
    account.limits = line.limits;
    if (!accounts_.emplace(id, account).second) continue;
    ++opened;
    AddLine(id, Sequence{next_ + static_cast<uint64_t>(opened)}, now, 0);
  }
  return opened;
}

Result NaiveLedger::Administer(const OpenCooperative& open, Timestamp now) {
  const auto known = cooperatives_.find(open.cooperative);
  if (known != cooperatives_.end()) {
    const NaiveCooperative& cooperative = known->second;
    const bool other_policy = open.policy.has_value() && *open.policy != cooperative.policy;
    const bool same = cooperative.zone_minutes == open.zone_minutes && !other_policy &&
                      cooperative.name == open.name;
    return Unrecorded(same ? Outcome::kAccepted : Outcome::kIdConflict);
  }
  cooperatives_[open.cooperative] = {.zone_minutes = open.zone_minutes,
                                     .policy = open.policy ? *open.policy : Policy{},
                                     .name = std::string(open.name)};
  const int opened =
      OpenAccounts(static_cast<int>(HolderKind::kCooperative), open.cooperative, 0, now);
  return Recorded(Outcome::kAccepted, 1 + static_cast<size_t>(opened), now);
}

Result NaiveLedger::Administer(const OpenBranch& open, Timestamp now) {
  if (!cooperatives_.contains(open.cooperative)) return Unrecorded(Outcome::kCooperativeUnknown);
  const auto known = branches_.find({open.cooperative, open.branch});
  if (known != branches_.end()) {
    return Unrecorded(known->second == open.name ? Outcome::kAccepted : Outcome::kIdConflict);
  }
  branches_[{open.cooperative, open.branch}] = std::string(open.name);
  const int opened = OpenAccounts(static_cast<int>(HolderKind::kBranch), open.cooperative,
                                  open.branch.value(), now);
  return Recorded(Outcome::kAccepted, 1 + static_cast<size_t>(opened), now);
}

Result NaiveLedger::Administer(const OpenTerminal& open, Timestamp now) {
  if (!cooperatives_.contains(open.cooperative)) return Unrecorded(Outcome::kCooperativeUnknown);
  if (!branches_.contains({open.cooperative, open.branch})) {
    return Unrecorded(Outcome::kBranchUnknown);
  }
  const std::pair<BranchId, std::string> content{open.branch, std::string(open.name)};
  const auto known = terminals_.find({open.cooperative, open.terminal});
  if (known != terminals_.end()) {
    return Unrecorded(known->second == content ? Outcome::kAccepted : Outcome::kIdConflict);
  }
  terminals_[{open.cooperative, open.terminal}] = content;
  const int opened = OpenAccounts(static_cast<int>(HolderKind::kTerminal), open.cooperative,
                                  open.terminal.value(), now);
  return Recorded(Outcome::kAccepted, 1 + static_cast<size_t>(opened), now);
}

Result NaiveLedger::Administer(const OpenAccount& open, Timestamp now) {
  const auto known = accounts_.find(open.account);
  if (known != accounts_.end()) {
    const bool same = known->second.asset == open.asset &&
                      known->second.status != AccountStatus::kClosed &&
                      (!open.limits || *open.limits == known->second.limits);
    return Unrecorded(same ? Outcome::kAccepted : Outcome::kIdConflict);
  }
  const CooperativeId cooperative = open.account.cooperative();
  if (!cooperatives_.contains(cooperative)) return Unrecorded(Outcome::kCooperativeUnknown);
  const ChartLine& line = *FindChartLine(open.account.code());
  const uint16_t holder = static_cast<uint16_t>(open.account.holder().value());
  if (line.holder == HolderKind::kBranch && !branches_.contains({cooperative, BranchId{holder}})) {
    return Unrecorded(Outcome::kBranchUnknown);
  }
  if (line.holder == HolderKind::kTerminal &&
      !terminals_.contains({cooperative, TerminalId{holder}})) {
    return Unrecorded(Outcome::kTerminalUnknown);
  }
  NaiveAccount account;
  account.debit_normal = line.normal_side == Side::kDebit;
  account.asset = open.asset;
  account.limits = open.limits.value_or(line.limits);
  accounts_[open.account] = account;
  AddLine(open.account, next(), now, 0);
  return Recorded(Outcome::kAccepted, 1, now);
}

Result NaiveLedger::Administer(const SetLimits& set, Timestamp now) {
  const auto account = accounts_.find(set.account);
  if (account == accounts_.end()) {
    return Unrecorded(cooperatives_.contains(set.account.cooperative())
                          ? Outcome::kDebitAccountUnknown
                          : Outcome::kCooperativeUnknown);
  }
  if (account->second.status == AccountStatus::kClosed) {
    return Unrecorded(Outcome::kDebitAccountClosed);
  }
  if (account->second.limits == set.limits) return Unrecorded(Outcome::kAccepted);
  account->second.limits = set.limits;
  AddLine(set.account, next(), now, 0);
  return Recorded(Outcome::kAccepted, 1, now);
}

Result NaiveLedger::Administer(const SetStatus& set, Timestamp now) {
  const auto found = accounts_.find(set.account);
  if (found == accounts_.end()) {
    return Unrecorded(cooperatives_.contains(set.account.cooperative())
                          ? Outcome::kDebitAccountUnknown
                          : Outcome::kCooperativeUnknown);
  }
  NaiveAccount& account = found->second;
  if (account.status == set.status) return Unrecorded(Outcome::kAccepted);
  if (account.status == AccountStatus::kClosed) return Unrecorded(Outcome::kDebitAccountClosed);
  if (set.status == AccountStatus::kClosed && (account.balance() != 0 || account.held != 0)) {
    return Unrecorded(Outcome::kAccountNotEmpty);
  }
  account.status = set.status;
  AddLine(set.account, next(), now, 0);
  return Recorded(Outcome::kAccepted, 1, now);
}

Result NaiveLedger::Administer(const SetPolicy& set, Timestamp now) {
  const auto cooperative = cooperatives_.find(set.cooperative);
  if (cooperative == cooperatives_.end()) return Unrecorded(Outcome::kCooperativeUnknown);
  if (cooperative->second.policy == set.policy) return Unrecorded(Outcome::kAccepted);
  cooperative->second.policy = set.policy;
  return Recorded(Outcome::kAccepted, 1, now);
}

}  // namespace lumbung
