#include "bench/workload/expected_books.h"

#include "engine/chart.h"
#include "engine/check.h"

namespace lumbung {

namespace {

Amount* At(std::vector<Amount>& balances, uint32_t number) {
  return number < balances.size() ? &balances[number] : nullptr;
}

}  // namespace

ExpectedBooks::ExpectedBooks(const std::vector<CooperativePlan>& region)
    : first_(region.front().id) {
  for (const CooperativePlan& plan : region) {
    LUMBUNG_CHECK(plan.id.value() == first_.value() + books_.size());
    Books books;
    books.wallets.resize(plan.members + 1);
    books.loans.resize(plan.members + 1);
    books.tills.resize(plan.terminals.size() + 1);
    books_.push_back(std::move(books));
  }
}

Amount* ExpectedBooks::FindWatched(AccountId account) {
  const uint32_t rank = account.cooperative().value() - first_.value();
  if (rank >= books_.size()) return nullptr;
  Books& books = books_[rank];
  const AccountCode code = account.code();
  if (code == code::kWallet) return At(books.wallets, account.holder().value());
  if (code == code::kLoan) return At(books.loans, account.holder().value());
  if (code == code::kTill) return At(books.tills, account.holder().value());
  if (code == code::kMainCash) return &books.main_cash;
  if (code == code::kBank) return &books.bank;
  if (code == code::kQrisClearing) return &books.clearing;
  return nullptr;
}

const Amount* ExpectedBooks::Find(AccountId account) const {
  return const_cast<ExpectedBooks*>(this)->FindWatched(account);
}

Amount ExpectedBooks::Of(AccountId account) const {
  const Amount* balance = Find(account);
  LUMBUNG_CHECK(balance != nullptr);
  return *balance;
}

void ExpectedBooks::Set(AccountId account, Amount balance) {
  Amount* watched = FindWatched(account);
  LUMBUNG_CHECK(watched != nullptr);
  *watched = balance;
}

void ExpectedBooks::Move(Amount amount, AccountId debit, AccountId credit) {
  const auto add = [&](AccountId account, Side side) {
    Amount* balance = FindWatched(account);
    if (balance == nullptr) return;
    const bool grows = FindChartLine(account.code())->normal_side == side;
    *balance = Amount{balance->value() + (grows ? amount.value() : -amount.value())};
  };
  add(debit, Side::kDebit);
  add(credit, Side::kCredit);
}

}  // namespace lumbung
