#include "engine/state_machine.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <vector>

#include "tests/engine/rules/village.h"

namespace lumbung {
namespace {

TEST(Repeat, OfTheSameContentGetsTheOriginalOutcomeAndPostsNothing) {
  Village village;
  const Result first = village.Deposit(1, "7.2101.1", 1'000);
  const Sequence next = village.books.next();
  village.evidence.device_time = 77;  // a resend may renew the device's clock and counter
  village.evidence.terminal_sequence = 9;
  const Result second = village.Deposit(1, "7.2101.1", 1'000);
  EXPECT_EQ(second.outcome, Outcome::kAccepted);
  EXPECT_TRUE(second.duplicate);
  EXPECT_EQ(second.sequence, first.sequence);
  EXPECT_EQ(second.leg_count, 0);
  EXPECT_EQ(village.books.next(), next);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
}

TEST(Repeat, OfADeclineIsTheSameDeclineEvenIfTheMoneyIsThereNow) {
  Village village;
  const Result first = village.Post(1, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 500)});
  EXPECT_EQ(first.outcome, Outcome::kInsufficientFunds);
  village.Deposit(2, "7.2101.1", 1'000);
  const Result second = village.Post(1, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 500)});
  EXPECT_EQ(second.outcome, Outcome::kInsufficientFunds);
  EXPECT_TRUE(second.duplicate);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
}

TEST(Repeat, WithOtherContentIsAConflictAndRecordedNowhere) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  const Sequence next = village.books.next();
  const auto expect_conflict = [&](const Result& result) {
    EXPECT_EQ(result.outcome, Outcome::kIdConflict);
    EXPECT_FALSE(result.duplicate);
    EXPECT_EQ(result.sequence, kNoSequence);
  };
  expect_conflict(village.Deposit(1, "7.2101.1", 1'001));
  expect_conflict(village.Deposit(1, "7.2101.2", 1'000));
  expect_conflict(village.Post(1, Purpose::kPayment, {LegOf("7.1102.1", "7.2101.1", 1'000)}));
  expect_conflict(village.Reverse(1, 2));
  village.text = "bill 5";
  expect_conflict(village.Deposit(1, "7.2101.1", 1'000));
  village.text.clear();
  village.evidence.branch = BranchId{1};
  expect_conflict(village.Deposit(1, "7.2101.1", 1'000));
  EXPECT_EQ(village.books.next(), next);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
}

TEST(Repeat, IsFoundAfterTheIdLeftTheWindow) {
  Books books(16);
  OpenVillage(books, 7, 3);
  const Leg leg = LegOf("7.1102.1", "7.2101.1", 10);
  Post post;
  post.purpose = Purpose::kDepositSukarela;
  post.legs = {&leg, 1};
  for (uint64_t id = 1; id <= 200; ++id) {
    post.header.id = IdOf(id);
    ASSERT_FALSE(books.Apply(post).duplicate);
  }
  for (uint64_t id = 1; id <= 200; ++id) {
    post.header.id = IdOf(id);
    EXPECT_TRUE(books.Apply(post).duplicate);
  }
  EXPECT_EQ(books.balance(AccountOf("7.2101.1")), Amount{2'000});
}

TEST(Fence, SpendsAnUnknownIdSoThatTheLateOriginalIsRefused) {
  Village village;
  EXPECT_EQ(village.books.Resolve(IdOf(5), Resolve::IfUnknown::kReport).outcome, Outcome::kNone);
  const Result fence = village.books.Resolve(IdOf(5), Resolve::IfUnknown::kFence);
  EXPECT_EQ(fence.outcome, Outcome::kFenced);
  EXPECT_EQ(fence.leg_count, 1);
  EXPECT_EQ(village.books.Read(fence.sequence)[0].kind.step(), Step::kFence);
  const Result late = village.Deposit(5, "7.2101.1", 1'000);
  EXPECT_EQ(late.outcome, Outcome::kFenced);
  EXPECT_FALSE(late.duplicate);
  EXPECT_EQ(late.sequence, fence.sequence);
  EXPECT_EQ(village.Balance("7.2101.1"), 0);
  const Result again = village.books.Resolve(IdOf(5), Resolve::IfUnknown::kFence);
  EXPECT_EQ(again.outcome, Outcome::kFenced);
  EXPECT_EQ(again.leg_count, 0);
  EXPECT_EQ(village.Refund(6, 5).outcome, Outcome::kRelatedNotPosted);
  EXPECT_EQ(village.Capture(7, 5).outcome, Outcome::kRelatedNotHold);
}

TEST(Fence, OfACooperativeThatIsNotOpenIsRecordedNowhereAndLeavesItsIdFree) {
  Village village;
  const Sequence next = village.books.next();
  struct Resolve resolve;
  resolve.id = IdOf(5);
  resolve.if_unknown = Resolve::IfUnknown::kFence;
  resolve.cooperative = CooperativeId{77};
  const Result refused = village.books.Apply(resolve);
  EXPECT_EQ(refused.outcome, Outcome::kCooperativeUnknown);
  EXPECT_EQ(refused.sequence, kNoSequence);
  EXPECT_FALSE(refused.duplicate);
  EXPECT_EQ(village.books.next(), next);
  EXPECT_EQ(village.Deposit(5, "7.2101.1", 1'000).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.books.Apply(resolve).outcome, Outcome::kAccepted)
      << "what became of a spent id is told, whatever the cooperative";
  resolve.id = IdOf(6);
  resolve.cooperative = CooperativeId{7};
  EXPECT_EQ(village.books.Apply(resolve).outcome, Outcome::kFenced);
}

TEST(Resolve, TellsTheOutcomeOfASpentIdAndFencesNothing) {
  Village village;
  const Result deposit = village.Deposit(1, "7.2101.1", 1'000);
  const Result known = village.books.Resolve(IdOf(1), Resolve::IfUnknown::kFence);
  EXPECT_EQ(known.outcome, Outcome::kAccepted);
  EXPECT_EQ(known.sequence, deposit.sequence);
  EXPECT_TRUE(known.duplicate);
}

TEST(Id, FromTheFutureIsRefusedWhenItIsAppliedAndStaysFree) {
  Village village;
  const Leg leg = LegOf("7.1102.1", "7.2101.1", 10);
  Post post;
  const int64_t ms = village.books.now().value() / 1'000'000 + 5 * 60 * 1000 + 1000;
  post.header.id = {.high = static_cast<uint64_t>(ms) << 16 | 0x7000, .low = uint64_t{1} << 63};
  post.purpose = Purpose::kDepositSukarela;
  post.legs = {&leg, 1};
  EXPECT_EQ(village.books.Apply(post).outcome, Outcome::kIdFromTheFuture);
  struct Resolve resolve;
  resolve.id = post.header.id;
  resolve.if_unknown = Resolve::IfUnknown::kFence;
  EXPECT_EQ(village.books.Apply(resolve).outcome, Outcome::kIdFromTheFuture);
  village.books.Advance(2 * kSecond);
  EXPECT_EQ(village.books.Apply(post).outcome, Outcome::kAccepted);
}

TEST(Prefetch, TakesACommandThatWasRefusedBecauseItHasNoLegs) {
  Village village;
  village.books.machine().Prefetch(Post{});
  village.books.machine().Prefetch(Hold{});
  EXPECT_EQ(village.Deposit(1, "7.2101.1", 1'000).outcome, Outcome::kAccepted);
}

}  // namespace
}  // namespace lumbung
