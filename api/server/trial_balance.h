// The trial balance (neraca saldo) of a cooperative: the sum of its accounts' balances by code and
// asset, each on the side where it stands.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "engine/account.h"
#include "engine/types.h"
#include "lumbung/v1/ledger_service.pb.h"

namespace lumbung {

// One thread.
class TrialBalance {
 public:
  // Adds an account with this balance, in its normal direction.
  void Add(const Account& account, Amount balance);
  // Writes lines and totals. OUT_OF_RANGE if a sum does not fit into 64 bits.
  absl::Status Encode(v1::GetTrialBalanceReply& reply) const;

 private:
  struct Line {
    uint64_t accounts = 0;
    __int128 debit_less_credit = 0;
  };
  std::map<std::pair<AccountCode, AssetCode>, Line> lines_;
};

}  // namespace lumbung
