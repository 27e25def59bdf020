// Draws what a client asks for: top-ups, transfers within and between cooperatives, transactions of
// several legs, holds and what follows them, refunds, reversals; more than the wallets hold, over
// their limit, on a wallet that there is not. The same seed and clock give the same payments. Not
// thread-safe; each client has its own.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/workload/id_maker.h"
#include "bench/workload/random.h"
#include "engine/types.h"
#include "tests/crash/payment.h"

namespace lumbung {

// The books that all clients share; set_up.h opens them.
inline constexpr CooperativeId kFirstCooperative{9'000'101};
inline constexpr uint32_t kCooperatives = 2;
inline constexpr uint32_t kWallets = 300;              // in each cooperative, holders 1 …
inline constexpr int64_t kMostAtOnce = 9'500'000;      // sen: a wallet's limit of one transaction
inline constexpr int64_t kMostInADay = 1'000'000'000;  // of every fourth wallet

AccountId WalletOf(uint32_t cooperative, uint32_t holder);

class PaymentMaker {
 public:
  PaymentMaker(uint64_t seed, uint32_t client)
      : random_(seed), ids_(random_.Next()), client_(client) {}

  // The next one. `number` is its place in the client's record, counted from 0.
  Payment Next(uint32_t number, Timestamp now);

 private:
  struct Earlier {
    uint32_t number;
    TransactionId id;
    int64_t amount;
  };

  void DrawParties(Payment& payment);
  void MakePost(Payment& payment);
  void MakeHold(Payment& payment);
  void MakeFollowUp(Payment& payment, const Earlier& earlier);
  // Takes one of the last ones out.
  Earlier Draw(std::vector<Earlier>& earlier);
  TransactionId NewId(Timestamp now);
  AccountId RandomWallet(uint32_t cooperative);
  AccountId WalletElsewhere(AccountId wallet);
  int64_t RandomAmount() { return 1 + static_cast<int64_t>(random_.Below(10'000'000)); }

  Random random_;
  IdMaker ids_;
  const uint32_t client_;
  std::vector<Earlier> holds_;  // that may still be open
  std::vector<Earlier> posts_;  // of one leg, neither refunded nor reversed
};

}  // namespace lumbung
