// Makes payments that must be declined: for want of funds, over a limit, of an account that is
// unknown or frozen, in the workload's proportions. Not thread-safe.
#pragma once

#include <cstdint>

#include "bench/workload/expected_books.h"
#include "bench/workload/party_picker.h"
#include "bench/workload/random.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

// Of 10,000 transactions.
inline constexpr uint32_t kInsufficientFundsParts = 300;
inline constexpr uint32_t kLimitParts = 50;
inline constexpr uint32_t kUnknownAccountParts = 30;
inline constexpr uint32_t kFrozenParts = 10;
inline constexpr uint32_t kDeclineParts =
    kInsufficientFundsParts + kLimitParts + kUnknownAccountParts + kFrozenParts;

class DeclineMaker {
 public:
  // All must outlive the maker.
  DeclineMaker(const ExpectedBooks& books, Random& random, PartyPicker& picker)
      : books_(books), random_(random), picker_(picker) {}

  struct Decline {
    v1::Transaction transaction;  // a payment from a wallet, without an id
    v1::Outcome expected;         // as PlannedCall's
  };
  Decline Make(const CooperativePlan& plan, const TerminalPlan& terminal);

 private:
  const ExpectedBooks& books_;
  Random& random_;
  PartyPicker& picker_;
};

}  // namespace lumbung
