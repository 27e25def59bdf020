// Makes the transactions of each activity: parties, amounts, evidence, text. Keeps what later ones
// refer to: open holds, payouts in transit, sales that may be refunded. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/workload/decline_maker.h"
#include "bench/workload/expected_books.h"
#include "bench/workload/party_picker.h"
#include "bench/workload/planned_call.h"
#include "bench/workload/random.h"
#include "engine/types.h"

namespace lumbung {

// When and under which id a transaction is made.
struct Occasion {
  TransactionId id;
  int32_t second_of_day = 0;
  uint32_t device_time = 0;  // seconds since 1970 UTC
};

class TransactionMaker {
 public:
  // All must outlive the maker.
  TransactionMaker(const std::vector<CooperativePlan>& region, ExpectedBooks& books,
                   Random& random);

  PlannedCall Make(Activity activity, const Occasion& occasion);
  // A payment that must be declined.
  PlannedCall MakeDecline(const Occasion& occasion);
  // A cash sale at a terminal that the caller chose.
  PlannedCall MakeCashSale(const CooperativePlan& plan, const TerminalPlan& terminal,
                           const Occasion& occasion);
  PartyPicker& picker() { return picker_; }

 private:
  struct OpenHold {
    TransactionId id;
    AccountId wallet;
    Amount amount;
    int32_t second_of_day;
  };
  struct Sale {
    TransactionId id;
    AccountId payer;
    AccountId payee;
    Amount amount;
    int32_t second_of_day;
  };

  PlannedCall MakeSale(v1::Kind kind, const Occasion& occasion);
  PlannedCall MakeTransfer(const CooperativePlan& source, const CooperativePlan& target,
                           const Occasion& occasion);
  PlannedCall MakeTopUp(const Occasion& occasion);
  PlannedCall MakeDeposit(const Occasion& occasion);
  PlannedCall MakeWithdrawal(const Occasion& occasion);
  PlannedCall MakeInstalment(const Occasion& occasion);
  PlannedCall MakeHold(const Occasion& occasion);
  PlannedCall MakeCaptureOrVoid(const OpenHold& hold, const Occasion& occasion);
  PlannedCall MakeFromWallet(v1::Kind kind, AccountCode payee, Amount amount,
                             const Occasion& occasion);
  PlannedCall MakeRefund(const Occasion& occasion);
  PlannedCall MakePayout(const Occasion& occasion);
  PlannedCall MakeLoan(const Occasion& occasion);
  PlannedCall MakeDayEnd(const Occasion& occasion);
  // Moves the legs in the expected books, and completes the call.
  PlannedCall Finish(v1::Transaction transaction, const Occasion& occasion,
                     PlannedCall::Channel channel);
  // Fills in id, reference and text.
  PlannedCall Complete(v1::Transaction transaction, const Occasion& occasion,
                       PlannedCall::Channel channel);
  void AddEvidence(v1::Transaction& transaction, const CooperativePlan& plan,
                   const TerminalPlan& terminal, const Occasion& occasion);
  void Remember(const v1::Transaction& transaction, const Occasion& occasion);

  const std::vector<CooperativePlan>& region_;
  ExpectedBooks& books_;
  Random& random_;
  PartyPicker picker_;
  DeclineMaker declines_;
  std::vector<OpenHold> holds_;                            // oldest first
  std::vector<OpenHold> payouts_;                          // reserved, oldest first
  std::vector<Sale> sales_;                                // recent ones, in no order
  std::vector<std::vector<uint32_t>> terminal_sequences_;  // by cooperative and terminal
};

}  // namespace lumbung
