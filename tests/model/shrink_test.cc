// A failing round becomes a short one that says what went wrong.
#include "tests/model/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/engine/core/seed.h"
#include "tests/model/round.h"

namespace lumbung {
namespace {

std::vector<size_t> Steps(size_t count) {
  std::vector<size_t> steps(count);
  std::iota(steps.begin(), steps.end(), size_t{0});
  return steps;
}

bool HasAll(const std::vector<size_t>& steps, std::initializer_list<size_t> wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](size_t step) {
    return std::find(steps.begin(), steps.end(), step) != steps.end();
  });
}

TEST(Shrink, KeepsNoStepThatCouldBeLeftOut) {
  const auto shrunk = Shrink(
      Steps(1000),
      [](const auto& steps) {
        return HasAll(steps, {3, 17, 980});
      },
      100'000);
  EXPECT_EQ(shrunk, (std::vector<size_t>{3, 17, 980}));
  EXPECT_EQ(Shrink(
                Steps(1), [](const auto& steps) { return HasAll(steps, {0}); }, 100),
            Steps(1));
  EXPECT_TRUE(Shrink(
                  Steps(99), [](const auto&) { return true; }, 1000)
                  .empty());
}

// Step 3 is needed while 0 is there, which is looked at after it.
TEST(Shrink, GoesOverTheStepsAgainUntilNoneCanGo) {
  const auto fails = [](const std::vector<size_t>& steps) {
    return HasAll(steps, {1}) && (HasAll(steps, {3}) || !HasAll(steps, {0}));
  };
  EXPECT_EQ(Shrink(Steps(4), fails, 1000), std::vector<size_t>{1});
}

TEST(Shrink, EndsAfterItsTriesWithWhatStillFails) {
  int tries = 0;
  const auto shrunk = Shrink(
      Steps(1000),
      [&](const auto& steps) {
        ++tries;
        return HasAll(steps, {1, 500, 999});
      },
      20);
  EXPECT_EQ(tries, 20);
  EXPECT_TRUE(HasAll(shrunk, {1, 500, 999}));
  EXPECT_LT(shrunk.size(), 1000u);
}

// An engine that answers an accepted refund as if it were a decline.
TEST(Round, ExplainsADifferenceByTheCommandsItNeeds) {
  Round::Settings settings;
  settings.seed = TestSeed();
  settings.commands = 2500;
  settings.spoil = [](const Command& command, Result& result) {
    if (std::holds_alternative<Refund>(command) && result.outcome == Outcome::kAccepted) {
      result.outcome = Outcome::kRelatedUnknown;
    }
  };
  const Round round(settings);
  Round::Counts counts;
  const auto difference = round.Play(counts);
  ASSERT_TRUE(difference);
  const Round::Numbers kept = round.ShrinkTo(*difference);
  // A cooperative, accounts on both sides, perhaps a branch, a payment, its refund.
  EXPECT_GE(kept.size(), 3u);
  EXPECT_LE(kept.size(), 30u);
  const std::string text = round.Explain(*difference);
  EXPECT_NE(text.find("open cooperative"), std::string::npos) << text;
  EXPECT_NE(text.find(": REFUND of "), std::string::npos) << text;
  EXPECT_NE(text.find("then RELATED_UNKNOWN at"), std::string::npos) << text;
}

}  // namespace
}  // namespace lumbung
