// Which step of a transaction takes which field: each one that is set but means nothing in its step
// is refused by name.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/api/decoding.h"
#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;

// The steps that a client may ask for.
const std::vector<v1::Step> kSteps = {v1::STEP_POST, v1::STEP_HOLD,   v1::STEP_CAPTURE,
                                      v1::STEP_VOID, v1::STEP_REFUND, v1::STEP_REVERSE};

// A transaction of the step that is as it should be.
v1::Transaction GoodOf(v1::Step step) {
  v1::Transaction transaction;
  if (step == v1::STEP_UNSPECIFIED || step == v1::STEP_POST || step == v1::STEP_HOLD) {
    transaction = Payment();
  } else {
    *transaction.mutable_id() = IdAhead(0);
    *transaction.mutable_related_id() = IdAhead(-1);
  }
  transaction.set_step(step);
  if (step == v1::STEP_HOLD) transaction.set_hold_seconds(60);
  return transaction;
}

// A field of Transaction that only some steps have a use for.
struct StepField {
  const char* name;
  std::function<void(v1::Transaction&)> set;
  std::vector<v1::Step> steps;  // that take it, beside those without a step, which are POSTs
};

std::vector<StepField> StepFields() {
  using T = v1::Transaction;
  return {
      {"kind", [](T& t) { t.set_kind(v1::KIND_PAYMENT); }, {v1::STEP_POST, v1::STEP_HOLD}},
      {"debit_account",
       [](T& t) { t.set_debit_account(AccountOf(7, code::kWallet, 55)); },
       {v1::STEP_POST, v1::STEP_HOLD}},
      {"credit_account",
       [](T& t) { t.set_credit_account(AccountOf(7, code::kSales, 2)); },
       {v1::STEP_POST, v1::STEP_HOLD}},
      {"further_legs",
       [](T& t) {
         v1::Leg& leg = *t.add_further_legs();
         leg.set_debit_account(AccountOf(7, code::kWallet, 55));
         leg.set_credit_account(AccountOf(7, code::kSales, 2));
         leg.set_amount(1);
       },
       {v1::STEP_POST, v1::STEP_HOLD}},
      {"amount",
       [](T& t) { t.set_amount(5); },
       {v1::STEP_POST, v1::STEP_HOLD, v1::STEP_CAPTURE, v1::STEP_REFUND}},
      {"by_rule", [](T& t) { t.set_by_rule(true); }, {v1::STEP_POST}},
      {"related_id",
       [](T& t) { *t.mutable_related_id() = IdAhead(-2); },
       {v1::STEP_CAPTURE, v1::STEP_VOID, v1::STEP_REFUND, v1::STEP_REVERSE}},
      {"hold_seconds", [](T& t) { t.set_hold_seconds(90); }, {v1::STEP_HOLD}},
      {"reference", [](T& t) { t.set_reference(9); }, kSteps},
      {"text", [](T& t) { t.set_text("INV-1"); }, kSteps},
      {"evidence", [](T& t) { t.mutable_evidence()->set_branch(2); }, kSteps},
  };
}

TEST(DecodeTransaction, RefusesByNameEachFieldThatItsStepHasNoUseFor) {
  std::vector<v1::Step> steps = kSteps;
  steps.push_back(v1::STEP_UNSPECIFIED);
  for (const v1::Step step : steps) {
    ASSERT_EQ(VerdictOf(GoodOf(step)).outcome, Outcome::kAccepted) << v1::Step_Name(step);
    const v1::Step read_as = step == v1::STEP_UNSPECIFIED ? v1::STEP_POST : step;
    for (const StepField& field : StepFields()) {
      v1::Transaction message = GoodOf(step);
      field.set(message);
      const Verdict verdict = VerdictOf(message);
      const std::string where = v1::Step_Name(step) + " with " + field.name;
      if (std::count(field.steps.begin(), field.steps.end(), read_as) > 0) {
        EXPECT_EQ(verdict.outcome, Outcome::kAccepted) << where << ": " << verdict.message;
        continue;
      }
      // Only this one had an outcome before there was one for all.
      const bool older = step == v1::STEP_HOLD && std::string_view(field.name) == "by_rule";
      EXPECT_EQ(Name(verdict.outcome), older ? "LEG_NOT_OF_KIND" : "FIELD_NOT_OF_STEP") << where;
      EXPECT_EQ(verdict.field, field.name) << where;
      EXPECT_THAT(verdict.message, HasSubstr("expected")) << where;
    }
  }
}

// The two outcomes that no command can have, since they are found before there is one: the rest of
// the table is counted by tests/model.
TEST(DecodeTransaction, RefusesFieldsAtRandomThatItsStepHasNoUseForAndThenWhoMayNotPay) {
  constexpr int kMessages = 5'000, kLeastOfEach = 100;
  std::mt19937_64 random(TestSeed());
  const auto chance = [&](int of) { return random() % of == 0; };
  const std::vector<StepField> fields = StepFields();
  std::map<std::string, int> hits;
  for (int i = 0; i < kMessages; ++i) {
    const v1::Step step = kSteps[random() % kSteps.size()];
    v1::Transaction message = GoodOf(step);
    std::set<std::string> useless;
    for (const StepField& field : fields) {
      if (!chance(6)) continue;
      // Legs of one's own beside a rule that makes them are another fault.
      if (std::string_view(field.name) == "by_rule" && message.further_legs_size() > 0) continue;
      field.set(message);
      if (std::count(field.steps.begin(), field.steps.end(), step) == 0) useless.insert(field.name);
    }
    const Role role = chance(3) ? Role::kAuditor : Role::kOperator;
    std::string expected = role == Role::kAuditor ? "NOT_PERMITTED" : "ACCEPTED";
    if (!useless.empty()) expected = "FIELD_NOT_OF_STEP";
    if (step == v1::STEP_HOLD && useless.contains("by_rule")) expected = "LEG_NOT_OF_KIND";

    Request request;
    request.legs.reserve(LegsOf(message));
    const Verdict verdict =
        Decode(message, {.principal = {.role = role, .scope = {}}, .now = kNow}, request);
    const std::string outcome(Name(verdict.outcome));
    ASSERT_EQ(outcome, expected) << message.DebugString() << verdict.field << verdict.message;
    ASSERT_TRUE(useless.empty() || useless.contains(verdict.field)) << message.DebugString();
    ++hits[outcome];
  }
  for (const char* const outcome : {"FIELD_NOT_OF_STEP", "NOT_PERMITTED"}) {
    std::printf("%8d %s\n", hits[outcome], outcome);
    EXPECT_GE(hits[outcome], kLeastOfEach) << outcome;
  }
}

TEST(DecodeTransaction, KnowsOfEachFieldWhichStepsTakeIt) {
  const google::protobuf::Descriptor& transaction = *v1::Transaction::descriptor();
  const std::vector<StepField> listed = StepFields();
  for (int i = 0; i < transaction.field_count(); ++i) {
    const std::string& name = transaction.field(i)->name();
    if (name == "id" || name == "step") continue;
    EXPECT_TRUE(std::any_of(listed.begin(), listed.end(),
                            [&](const StepField& field) { return field.name == name; }))
        << name << " is new: say in StepFields and in decode.cc which steps take it";
  }
}

TEST(DecodeTransaction, TakesAnIdOfZeroForNoRelatedId) {
  v1::Transaction message = Payment();
  message.mutable_related_id();
  EXPECT_EQ(VerdictOf(message).outcome, Outcome::kAccepted);
}

}  // namespace
}  // namespace lumbung
