// Picks who takes part in a transaction: cooperatives and members by Zipf's law, members who can
// afford it, branches by their share of sales. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/workload/expected_books.h"
#include "bench/workload/random.h"
#include "bench/workload/region.h"
#include "bench/workload/zipf.h"
#include "engine/types.h"

namespace lumbung {

// The most that a wallet may hold: the chart's ceiling, a registered user's electronic money.
inline constexpr Amount kWalletCeiling{20'000'000 * int64_t{100}};

class PartyPicker {
 public:
  // All must outlive the picker.
  PartyPicker(const std::vector<CooperativePlan>& region, const ExpectedBooks& books,
              Random& random);

  struct Payer {
    AccountId wallet;
    Amount amount;
  };

  const CooperativePlan& Cooperative();
  // Another one than `plan`; itself if there is no other.
  const CooperativePlan& Neighbour(const CooperativePlan& plan);
  // A member whose wallet is not frozen.
  uint32_t Member(const CooperativePlan& plan);
  // The wallet of a member who can pay `amount` and `fee`, or, if nobody that was asked can, less.
  Payer WhoCanPay(const CooperativePlan& plan, Amount amount, Amount fee);
  // The wallet of a member, rather a poorer one, that has room for `amount`.
  AccountId WhoReceives(const CooperativePlan& plan, Amount amount);
  // A member with a loan, or 0 after some vain attempts.
  uint32_t Borrower(const CooperativePlan& plan);
  // A terminal of a branch that sells.
  const TerminalPlan& SalesTerminal(const CooperativePlan& plan);
  // A terminal of the savings and loan branch: cash in and out.
  const TerminalPlan& CashTerminal(const CooperativePlan& plan);

 private:
  bool CanPay(AccountId wallet, Amount amount, Amount fee) const;

  const std::vector<CooperativePlan>& region_;
  const ExpectedBooks& books_;
  Random& random_;
  Zipf cooperatives_;
  std::vector<Zipf> members_;  // by cooperative, in the region's order
};

}  // namespace lumbung
