// The engine and the naive ledger get the same random commands; after each they must agree on the
// outcome, on what was recorded, and on every balance. What they say of the past is compared in
// tests/api/history_model_test.cc.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <variant>

#include "engine/outcome.h"
#include "tests/engine/core/seed.h"
#include "tests/engine/rules/books.h"
#include "tests/model/naive_ledger.h"
#include "tests/model/random_traffic.h"
#include "tests/model/round.h"

namespace lumbung {
namespace {

// And how often each outcome must be met in all of them. Where a sanitizer checks each access a
// round takes five times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRounds = 90;
constexpr uint64_t kLeastHits = 10;
#else
constexpr int kRounds = 450;
constexpr uint64_t kLeastHits = 100;
#endif
constexpr int kCommands = 2500;
// Of more, an accepted one is rare.
constexpr size_t kMostLegsTried = 4;

// Malformed ones never reach the state machine.
bool IsReachable(Outcome outcome) {
  return outcome == Outcome::kAccepted || outcome == Outcome::kIdConflict ||
         outcome == Outcome::kOriginalUnreadable || IsDeclined(outcome);
}

// Each step and fact, each number of legs, and what depends on the day or on two cooperatives.
void ExpectAllWasTried(Round::Counts& counts) {
  for (size_t kind = 0; kind < std::variant_size_v<Command>; ++kind) {
    if (kind == Command(Resolve{}).index()) continue;  // it asks; a fence is an outcome
    EXPECT_GE(counts.accepted[kind], kLeastHits) << "accepted, of kind " << kind;
  }
  for (const auto& [legs, count] : counts.legs) {
    std::printf("%8llu accepted of %zu legs\n", static_cast<unsigned long long>(count), legs);
  }
  std::printf("%8llu accepted between cooperatives\n%8llu only since a limit began anew\n",
              static_cast<unsigned long long>(counts.between_cooperatives),
              static_cast<unsigned long long>(counts.limits_begun_anew));
  for (size_t legs = 1; legs <= kMostLegsTried; ++legs) {
    EXPECT_GE(counts.legs[legs], kLeastHits) << "accepted, of " << legs << " legs";
  }
  EXPECT_GE(counts.between_cooperatives, kLeastHits);
  EXPECT_GE(counts.limits_begun_anew, kLeastHits);
}

TEST(Model, EngineAndNaiveLedgerAgreeOnEveryCommand) {
  const uint64_t seed = TestSeed();
  Round::Counts counts;
  for (uint64_t i = 0; i < kRounds; ++i) {
    const Round round({.seed = seed + i, .commands = kCommands});
    const auto difference = round.Play(counts);
    ASSERT_FALSE(difference) << round.Explain(*difference);
  }
  std::printf("%d commands, %llu duplicates, %llu holds expired\n", kRounds * kCommands,
              static_cast<unsigned long long>(counts.duplicates),
              static_cast<unsigned long long>(counts.expired));
  for (const Outcome outcome : AllOutcomes()) {
    if (!IsReachable(outcome)) continue;
    std::printf("%8llu %s\n", static_cast<unsigned long long>(counts.outcomes[outcome]),
                std::string(Name(outcome)).c_str());
    EXPECT_GE(counts.outcomes[outcome], kLeastHits) << Name(outcome);
  }
  EXPECT_GE(counts.duplicates, kLeastHits);
  EXPECT_GE(counts.expired, kLeastHits);
  ExpectAllWasTried(counts);
}

// The canary: the comparison must be able to fail.
TEST(Model, NoticesAPaymentThatOnlyTheEngineMade) {
  Books books;
  NaiveLedger model;
  RandomTraffic traffic(1);
  for (int i = 0; i < 200; ++i) {
    const Command& command = traffic.Next(books.now());
    books.Apply(command);
    model.Apply(command, books.now());
  }
  ASSERT_EQ(DifferenceOf(books, model), "");
  const Leg leg{
      .debit = AccountOf("1.1120.0"), .credit = AccountOf("1.2120.0"), .amount = Amount{1}};
  Post post;
  post.header.id = IdOf(1);
  post.purpose = Purpose::kGeneral;
  post.legs = {&leg, 1};
  ASSERT_EQ(books.Apply(post).outcome, Outcome::kAccepted);
  EXPECT_NE(DifferenceOf(books, model), "");
}

}  // namespace
}  // namespace lumbung
