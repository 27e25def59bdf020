#include "api/books/balances.h"

#include <algorithm>

#include "engine/chart.h"

namespace lumbung::books {

namespace {

void Add(PeriodSums& sums, Side side, Amount amount, Phase phase) {
  Turnover& turnover = phase == Phase::kBefore ? sums.before : sums.within;
  (side == Side::kDebit ? turnover.debit : turnover.credit) += amount.value();
}

}  // namespace

Side NormalSideOf(AccountCode code) {
  const ChartLine* const line = FindChartLine(code);
  return line == nullptr ? Side::kDebit : line->normal_side;
}

Sum InNormalDirection(AccountCode code, Sum debit_less_credit) {
  return NormalSideOf(code) == Side::kDebit ? debit_less_credit : -debit_less_credit;
}

bool Balances::Post(AccountId account, Side side, Amount amount, Phase phase, Amount recorded) {
  AccountSums& sums = accounts_[account];
  Add(sums, side, amount, phase);
  Add(codes_[account.code()], side, amount, phase);
  sums.recorded = InNormalDirection(account.code(), recorded.value());
  return sums.recorded == sums.closing();
}

const AccountSums& Balances::of(AccountId account) const {
  static constexpr AccountSums kNone{};
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? kNone : found->second;
}

const PeriodSums& Balances::of(AccountCode code) const {
  static constexpr PeriodSums kNone{};
  const auto found = codes_.find(code);
  return found == codes_.end() ? kNone : found->second;
}

std::vector<AccountId> Balances::Accounts() const {
  std::vector<AccountId> accounts;
  accounts.reserve(accounts_.size());
  for (const auto& [account, sums] : accounts_) accounts.push_back(account);
  std::sort(accounts.begin(), accounts.end());
  return accounts;
}

Turnover Balances::AllWithin() const {
  Turnover all;
  for (const auto& [account, sums] : accounts_) {
    all.debit += sums.within.debit;
    all.credit += sums.within.credit;
  }
  return all;
}

}  // namespace lumbung::books
