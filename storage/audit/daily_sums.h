// Compares the stored daily balances with those that follow from the ledger, although the ones come
// in order of account and the others in order of time. Of those that must be there, each account
// keeps the count and the sum of their keyed hashes: two sets that differ have the same sum with a
// chance of one in 2^64, since nobody knows the key before. So memory goes by accounts.
//
// What was made behind the stored checkpoint may be there or not; it is kept as it is and must be
// right if it is there. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/daily_balance.h"
#include "engine/types.h"

namespace lumbung::audit {

class DailySums {
 public:
  DailySums();

  // What follows from the ledger, made by an entry up to the checkpoint, or behind it.
  void Expect(std::span<const DailyBalance> balances);
  void Allow(std::span<const DailyBalance> balances);
  // What is stored.
  void Take(const DailyBalance& stored);

  // The accounts of which the stored balances are not those that follow, in their order.
  std::vector<AccountId> Different() const;
  uint64_t expected() const { return expected_; }

 private:
  struct Sum {
    uint64_t hashes = 0;
    int64_t count = 0;  // expected, less stored
  };
  struct Day {
    uint64_t account;
    int32_t date;
    bool operator==(const Day&) const = default;
    template <typename H>
    friend H AbslHashValue(H state, const Day& day) {
      return H::combine(std::move(state), day.account, day.date);
    }
  };

  uint64_t HashOf(const DailyBalance& balance) const;

  uint64_t key_[2];
  uint64_t expected_ = 0;
  absl::flat_hash_map<uint64_t, Sum> sums_;  // by account
  absl::flat_hash_map<Day, uint64_t> allowed_;
};

}  // namespace lumbung::audit
