// The engine and the naive ledger get the same random commands; after each they must agree on the
// outcome, on what was recorded, and on every balance.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <map>

#include "engine/outcome.h"
#include "tests/engine/core/seed.h"
#include "tests/engine/rules/books.h"
#include "tests/model/naive_ledger.h"
#include "tests/model/random_traffic.h"

namespace lumbung {
namespace {

// And how often each outcome must be met in all of them. Where a sanitizer checks each access a
// round takes five times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRounds = 60;
constexpr uint64_t kLeastHits = 10;
#else
constexpr int kRounds = 300;
constexpr uint64_t kLeastHits = 100;
#endif
constexpr int kCommands = 2500;

testing::AssertionResult SameAccounts(const Books& books, const NaiveLedger& model,
                                      const State& state) {
  if (state.account_count() != model.accounts().size()) {
    return testing::AssertionFailure()
           << state.account_count() << " accounts, " << model.accounts().size() << " expected";
  }
  for (const auto& [id, expected] : model.accounts()) {
    if (books.balance(id).value() != expected.balance() ||
        books.held(id).value() != expected.held) {
      return testing::AssertionFailure()
             << id.ToString() << ": balance " << books.balance(id).value() << " held "
             << books.held(id).value() << ", expected " << static_cast<int64_t>(expected.balance())
             << " held " << static_cast<int64_t>(expected.held);
    }
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult SameResult(const Result& found, const Result& expected) {
  if (found.outcome == expected.outcome && found.duplicate == expected.duplicate &&
      found.sequence == expected.sequence && found.leg_count == expected.leg_count &&
      found.timestamp == expected.timestamp) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << Name(found.outcome) << " at " << found.sequence.value() << " with "
         << int{found.leg_count} << " entries, expected " << Name(expected.outcome) << " at "
         << expected.sequence.value() << " with " << int{expected.leg_count};
}

// Malformed ones never reach the state machine.
bool IsReachable(Outcome outcome) {
  return outcome == Outcome::kAccepted || outcome == Outcome::kIdConflict || IsDeclined(outcome);
}

TEST(Model, EngineAndNaiveLedgerAgreeOnEveryCommand) {
  const uint64_t seed = TestSeed();
  std::map<Outcome, uint64_t> hits;
  uint64_t duplicates = 0;
  uint64_t expired = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    Books books(64);
    NaiveLedger model;
    RandomTraffic traffic(seed + round);
    for (int i = 0; i < kCommands; ++i) {
      books.Advance(traffic.Pause());
      // Not always, so that holds are met whose deadline has passed and which are still open.
      if (i % 3 == 0) {
        const size_t count = books.ExpireHolds();
        ASSERT_EQ(count, model.Expire(books.now()));
        expired += count;
      }
      const Command& command = traffic.Next(books.now());
      const Result result = books.Apply(command);
      ASSERT_TRUE(SameResult(result, model.Apply(command, books.now())))
          << "seed " << seed + round << ", command " << i << " of kind " << command.index();
      ASSERT_TRUE(SameAccounts(books, model, books.state()))
          << "seed " << seed + round << ", command " << i << " of kind " << command.index();
      ++hits[result.outcome];
      if (result.duplicate) ++duplicates;
    }
  }
  std::printf("%d commands, %llu duplicates, %llu holds expired\n", kRounds * kCommands,
              static_cast<unsigned long long>(duplicates),
              static_cast<unsigned long long>(expired));
  for (const Outcome outcome : AllOutcomes()) {
    if (!IsReachable(outcome)) continue;
    std::printf("%8llu %s\n", static_cast<unsigned long long>(hits[outcome]),
                std::string(Name(outcome)).c_str());
    EXPECT_GE(hits[outcome], kLeastHits) << Name(outcome);
  }
  EXPECT_GE(duplicates, kLeastHits);
  EXPECT_GE(expired, kLeastHits);
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
  ASSERT_TRUE(SameAccounts(books, model, books.state()));
  const Leg leg{
      .debit = AccountOf("1.1120.0"), .credit = AccountOf("1.2120.0"), .amount = Amount{1}};
  Post post;
  post.header.id = IdOf(1);
  post.purpose = Purpose::kGeneral;
  post.legs = {&leg, 1};
  ASSERT_EQ(books.Apply(post).outcome, Outcome::kAccepted);
  EXPECT_FALSE(SameAccounts(books, model, books.state()));
}

}  // namespace
}  // namespace lumbung
