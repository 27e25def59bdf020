// Commands that are spoilt: those of the random traffic, with up to three things in them put wrong,
// many of them just at the edge of what is allowed. The same seed gives the same commands.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "engine/command.h"
#include "engine/types.h"
#include "tests/model/random_traffic.h"

namespace lumbung {

class SpoiltTraffic {
 public:
  explicit SpoiltTraffic(uint64_t seed) : random_(seed), traffic_(seed) {}

  // Good until the next call. Some are well formed nevertheless.
  const Command& Next(Timestamp now);

 private:
  uint64_t Number(uint64_t below) { return random_() % below; }
  template <typename T, size_t N>
  T AnyOf(const T (&values)[N]) {
    return values[Number(N)];
  }

  void Spoil(Timestamp now);
  void SpoilHeader(Header& header, Timestamp now);
  void SpoilLegs(Purpose& purpose);
  void SpoilLeg(Leg& leg);
  void SpoilPolicy(Policy& policy);
  void SpoilLimits(Limits& limits);
  TransactionId SpoiltId(Timestamp now);
  AccountId SpoiltAccount(AccountId account);
  CooperativeId SpoiltCooperative();
  std::string_view SpoiltName();
  Amount SpoiltAmount();

  std::mt19937_64 random_;
  RandomTraffic traffic_;
  // The command at hand, and what its views point to.
  Command command_;
  std::vector<Leg> legs_;
  std::string text_;
};

}  // namespace lumbung
