// What the clients believe the balances to be: enough to send payments that people could make, and
// to know which could not be covered. Every planned transaction is taken as accepted, so it drifts
// a little from the truth. Filled in from the server's balances before a day begins. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/workload/region.h"
#include "engine/account_id.h"
#include "engine/types.h"

namespace lumbung {

class ExpectedBooks {
 public:
  // All balances are 0. The region must outlive the books.
  explicit ExpectedBooks(const std::vector<CooperativePlan>& region);

  // The balance of an account in its normal direction. Null for accounts that nobody watches: only
  // wallets, loans, tills and the cooperatives' cash, bank and clearing are kept.
  const Amount* Find(AccountId account) const;
  // REQUIRES: the account is watched.
  Amount Of(AccountId account) const;
  void Set(AccountId account, Amount balance);
  void Move(Amount amount, AccountId debit, AccountId credit);

 private:
  struct Books {
    std::vector<Amount> wallets;  // by member
    std::vector<Amount> loans;    // by member
    std::vector<Amount> tills;    // by terminal
    Amount main_cash;
    Amount bank;
    Amount clearing;
  };

  Amount* FindWatched(AccountId account);

  CooperativeId first_;
  std::vector<Books> books_;  // in order of the cooperatives' numbers
};

}  // namespace lumbung
