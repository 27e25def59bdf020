// The sums of one cooperative's accounts up to a moment: what was posted before a period, within
// it, and what is held. Each posting is counted twice over, by account and by code, so that the two
// can be compared. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "api/books/row.h"
#include "engine/account.h"
#include "engine/account_id.h"
#include "engine/entry.h"
#include "engine/types.h"

namespace lumbung::books {

struct Turnover {
  Sum debit = 0;
  Sum credit = 0;
  Sum net() const { return debit - credit; }  // on the debit side
};

struct PeriodSums {
  Turnover before;  // the period
  Turnover within;
  Sum opening() const { return before.net(); }  // on the debit side, as the next
  Sum closing() const { return before.net() + within.net(); }
  bool touched() const {
    return before.debit != 0 || before.credit != 0 || within.debit != 0 || within.credit != 0;
  }
};

struct AccountSums : PeriodSums {
  Sum held = 0;      // at the end
  Sum recorded = 0;  // balance that the account's last entry recorded, on the debit side
};

enum class Phase : uint8_t { kBefore, kWithin };

// The side on which an account of the code normally stands.
Side NormalSideOf(AccountCode code);
// A balance on the debit side, turned into the code's normal direction, and back.
Sum InNormalDirection(AccountCode code, Sum debit_less_credit);

class Balances {
 public:
  void Open(AccountId account) { accounts_.try_emplace(account); }
  // `recorded`: the balance in the normal direction that the entry says the account has after it.
  // False if it is another than the one that the sums give.
  bool Post(AccountId account, Side side, Amount amount, Phase phase, Amount recorded);
  void Hold(AccountId account, Sum amount) { accounts_[account].held += amount; }

  // Zeros for one that was never seen.
  const AccountSums& of(AccountId account) const;
  const PeriodSums& of(AccountCode code) const;
  // In order of their ids.
  std::vector<AccountId> Accounts() const;
  // In order.
  const std::map<AccountCode, PeriodSums>& codes() const { return codes_; }

  // Both sides of all that was posted within the period, added up by account.
  Turnover AllWithin() const;

 private:
  absl::flat_hash_map<AccountId, AccountSums> accounts_;
  std::map<AccountCode, PeriodSums> codes_;
};

}  // namespace lumbung::books
