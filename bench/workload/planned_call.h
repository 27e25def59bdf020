// One call that a client is to make: a transaction, a copy of one, a fence or a read. Plain data.
#pragma once

#include <cstdint>

#include "bench/workload/activity.h"
#include "engine/account_id.h"
#include "engine/transaction_id.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

struct PlannedCall {
  enum class Action : uint8_t {
    kTransaction,  // send `transaction`
    kFence,        // resolve the id of `transaction`, and fence it
    kResolve,      // ask what became of the id of `transaction`
    kBalance,      // ask for the balance of `account`
    kStatement,    // ask for the statement of `account`
  };
  enum class Channel : uint8_t {
    kTerminal,  // one call by itself
    kBackend,   // in a batch with others
    kUpload,    // in a terminal's upload after it was offline, in order
  };
  enum class Fault : uint8_t {
    kNone,
    kResend,          // the reply was lost: the same again, 1 to 30 seconds later
    kConcurrentCopy,  // the same twice at once
    kAlteredCopy,     // the same id with another amount
    kLateOriginal,    // its reversal came first, and its id was fenced
  };

  Action action = Action::kTransaction;
  Channel channel = Channel::kTerminal;
  Fault fault = Fault::kNone;
  Activity activity = Activity::kWalletPayment;
  bool meant_to_decline = false;  // the plan is that it is declined
  // The only outcome that a right server can give it, whatever else is on its way; UNSPECIFIED: it
  // hangs on balances, which the plan does not know for certain.
  v1::Outcome expected = v1::OUTCOME_UNSPECIFIED;
  int32_t second_of_day = 0;  // simulated, in the cooperative's zone
  uint32_t upload = 0;        // kUpload: a number that all calls of one upload share
  TransactionId after;        // to be sent only when this id has been answered; zero: at once
  AccountId account;          // kBalance, kStatement
  v1::Transaction transaction;
};

}  // namespace lumbung
