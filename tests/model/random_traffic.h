// Random commands over a few cooperatives and accounts, dense enough that everything meets
// everything: all steps and kinds, repeated ids, altered content, unknown ids and accounts, frozen
// and closed accounts, limits. Every command is well formed (it passes Validate). The same seed
// gives the same commands, whatever becomes of them.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "engine/command.h"
#include "engine/types.h"

namespace lumbung {

class RandomTraffic {
 public:
  explicit RandomTraffic(uint64_t seed);

  // The next command; good as long as this object. `now` is the time at which it will be applied.
  const Command& Next(Timestamp now);
  // The time to pass before it: mostly none, sometimes hours.
  int64_t Pause();

 private:
  // A command with what its views point to.
  struct Sent {
    Command command;
    std::vector<Leg> legs;
    std::string text;
  };

  uint64_t Number(uint64_t below) { return random_() % below; }
  bool Chance(uint64_t percent) { return Number(100) < percent; }
  template <typename T>
  const T& AnyOf(const std::vector<T>& values) {
    return values[Number(values.size())];
  }

  void Fill(Sent& sent, Timestamp now);
  void FillPost(Sent& sent, Timestamp now);
  void FillHold(Sent& sent, Timestamp now);
  void FillFollowing(Sent& sent, Timestamp now);
  void FillRepeat(Sent& sent, Timestamp now);
  void AlterHeader(Header& header);
  void AlterAccount(AccountId& account);
  template <typename Operation>
  void AlterContent(Operation& operation, Sent& sent, Timestamp now);
  void FillFact(Sent& sent);
  void FillOpening(Sent& sent);
  void FillHeader(Header& header, Sent& sent, Timestamp now);

  TransactionId NewId(Timestamp now);
  TransactionId EarlierId(const std::vector<TransactionId>& ids, Timestamp now);
  AccountId RandomAccount(CooperativeId cooperative, AccountCode code);
  AccountId RandomAccount();
  Leg RandomLeg(Purpose purpose);
  Amount RandomAmount();
  Limits RandomLimits();
  Policy RandomPolicy();

  std::mt19937_64 random_;
  std::deque<Sent> sent_;
  std::vector<TransactionId> ids_;
  std::vector<TransactionId> holds_;
  std::vector<TransactionId> posts_;
  uint64_t spent_ = 0;
};

}  // namespace lumbung
