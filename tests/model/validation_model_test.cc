// Validate and the naive look at every fault must agree about spoilt commands.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <map>

#include "engine/outcome.h"
#include "engine/validate.h"
#include "tests/engine/core/seed.h"
#include "tests/engine/rules/books.h"
#include "tests/model/naive_validation.h"
#include "tests/model/spoilt_traffic.h"

namespace lumbung {
namespace {

constexpr int kMalformedOrNot = 200'000;
constexpr uint64_t kLeastRefusals = 100;

// What is refused for the caller's person, or for a message's field that its step has no use for,
// is refused where the message is read (tests/api).
bool IsOfCommands(Outcome outcome) {
  return outcome == Outcome::kAccepted ||
         (IsRefused(outcome) && outcome != Outcome::kNotPermitted &&
          outcome != Outcome::kFieldNotOfStep && outcome != Outcome::kIdConflict &&
          outcome != Outcome::kOriginalUnreadable);
}

TEST(ValidationModel, EngineAndNaiveLookAgreeOnTheLowestFaultOfEachCommand) {
  const uint64_t seed = TestSeed();
  SpoiltTraffic traffic(seed);
  std::map<Outcome, uint64_t> hits;
  for (int i = 0; i < kMalformedOrNot; ++i) {
    const Command& command = traffic.Next(kNoon);
    const Verdict verdict = Validate(command, kNoon);
    ASSERT_EQ(Name(verdict.outcome), Name(NaivelyValidated(command, kNoon)))
        << "seed " << seed << ", command " << i << " of kind " << command.index() << ": "
        << verdict.field << ": " << verdict.message;
    // Whoever is refused is told the field and what was expected.
    const bool refused = verdict.outcome != Outcome::kAccepted;
    ASSERT_EQ(refused, !verdict.field.empty() && verdict.message.starts_with("expected "))
        << Name(verdict.outcome) << ": " << verdict.field << ": " << verdict.message;
    ++hits[verdict.outcome];
  }
  for (const Outcome outcome : AllOutcomes()) {
    if (!IsOfCommands(outcome)) continue;
    std::printf("%8llu %s\n", static_cast<unsigned long long>(hits[outcome]),
                std::string(Name(outcome)).c_str());
    EXPECT_GE(hits[outcome], kLeastRefusals) << Name(outcome);
  }
}

}  // namespace
}  // namespace lumbung
