#include "engine/reversals.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/engine/core/seed.h"
#include "tests/engine/rules/village.h"

namespace lumbung {
namespace {

Policy WithEverything() {
  return {.vat_basis_points = 1100,
          .platform_fee_basis_points = 50,
          .mdr_basis_points = 30,
          .mdr_free_up_to = Amount{0},
          .transfer_fee = Amount{25}};
}

TEST(Refund, PaysBackInPartsUpToTheOriginalAndNoFurther) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Post(2, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 600)});
  EXPECT_EQ(village.Refund(3, 2, 200).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Refund(4, 2, 401).outcome, Outcome::kRefundExceedsOriginal);
  EXPECT_EQ(village.Refund(5, 2).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
  EXPECT_EQ(village.Balance("7.4101.1"), 0);
  EXPECT_EQ(village.Refund(6, 2).outcome, Outcome::kRefundExceedsOriginal);
  EXPECT_EQ(village.Refund(7, 2, 1).outcome, Outcome::kRefundExceedsOriginal);
}

TEST(Refund, OfWhatTheLedgerDoesNotGiveBackIsRefusedAndItsIdStaysFree) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Post(2, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 600)});
  const Sequence next = village.books.next();
  village.books.MakeLedgerUnreadable(true);
  for (int i = 0; i < 2; ++i) {
    const Result refund = village.Refund(3, 2, 200);
    EXPECT_EQ(refund.outcome, Outcome::kOriginalUnreadable);
    EXPECT_EQ(refund.sequence, kNoSequence);
    EXPECT_EQ(village.Reverse(4, 2).outcome, Outcome::kOriginalUnreadable);
  }
  EXPECT_EQ(village.books.next(), next);
  EXPECT_EQ(village.Balance("7.2101.1"), 400);
  // Everything else goes on.
  EXPECT_EQ(village.Deposit(5, "7.2101.2", 1).outcome, Outcome::kAccepted);
  village.books.MakeLedgerUnreadable(false);
  EXPECT_EQ(village.Refund(3, 2, 200).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Reverse(4, 2).outcome, Outcome::kOriginalRefunded);
}

// Only the sum of refunds is remembered (reversals.cc), so this is what can come of it: the sum is
// right, and a leg's part is off by a unit for each refund that was reversed.
TEST(Refund, AfterReversedRefundsIsExactInSumAndOffByAUnitForEachInALegsPart) {
  Village village;
  village.Deposit(1, "7.2101.1", 100);
  village.Deposit(2, "7.2101.2", 100);
  village.Post(3, Purpose::kGeneral,
               {LegOf("7.2101.1", "7.2140.0", 3), LegOf("7.2101.2", "7.2140.0", 3)});
  constexpr int kReversed = 3;
  for (uint64_t id = 10; id < 16; ++id) {
    ASSERT_EQ(village.Refund(id, 3, 1).outcome, Outcome::kAccepted);
  }
  for (uint64_t id = 10; id < 16; id += 2) {
    ASSERT_EQ(village.Reverse(100 + id, id).outcome, Outcome::kAccepted);
    ASSERT_EQ(village.Refund(200 + id, 3, 1).outcome, Outcome::kAccepted);
  }
  EXPECT_EQ(village.Balance("7.2140.0"), 0);
  EXPECT_EQ(village.Balance("7.2101.1") + village.Balance("7.2101.2"), 200);
  EXPECT_LE(std::abs(village.Balance("7.2101.1") - 100), kReversed);
  EXPECT_EQ(village.Refund(300, 3, 1).outcome, Outcome::kRefundExceedsOriginal);
}

TEST(Refund, SplitsOffTheTaxButKeepsTheFees) {
  Village village(WithEverything());
  village.Deposit(1, "7.2101.1", 111'000);
  village.PostByRule(2, Purpose::kPayment, LegOf("7.2101.1", "7.4101.1", 111'000));
  EXPECT_EQ(village.Balance("7.2120.0"), 11'000);
  EXPECT_EQ(village.Refund(3, 2, 11'100).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.4101.1"), 90'000);
  EXPECT_EQ(village.Balance("7.2120.0"), 9'900);
  EXPECT_EQ(village.Balance("7.2130.1"), 555);
}

TEST(Refund, InManyPartsGivesEachLegBackExactly) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 50; ++round) {
    Village village(WithEverything());
    const int64_t total = static_cast<int64_t>(1'000 + random() % 100'000);
    village.Deposit(1, "7.2101.1", 1'000'000);
    // Three legs of random weight.
    const int64_t first = static_cast<int64_t>(1 + random() % 500);
    const int64_t second = static_cast<int64_t>(1 + random() % 400);
    village.Post(2, Purpose::kPayment,
                 {LegOf("7.2101.1", "7.4101.1", first), LegOf("7.2101.1", "7.4101.2", second),
                  LegOf("7.2101.1", "7.2120.0", total - first - second)});
    int64_t left = total;
    uint64_t id = 3;
    while (left > 0) {
      const int64_t part = std::min<int64_t>(left, static_cast<int64_t>(1 + random() % 300));
      ASSERT_EQ(village.Refund(id++, 2, part).outcome, Outcome::kAccepted);
      left -= part;
      EXPECT_GE(village.Balance("7.4101.1"), 0);
      EXPECT_GE(village.Balance("7.4101.2"), 0);
      EXPECT_GE(village.Balance("7.2120.0"), 0);
    }
    EXPECT_EQ(village.Balance("7.2101.1"), 1'000'000);
    EXPECT_EQ(village.Balance("7.4101.1"), 0);
    EXPECT_EQ(village.Balance("7.4101.2"), 0);
    EXPECT_EQ(village.Balance("7.2120.0"), 0);
  }
}

TEST(Refund, OfATransferBetweenCooperativesMirrorsTheClearingInBoth) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.PostByRule(2, Purpose::kTransfer, LegOf("7.2101.1", "8.2101.2", 400));
  EXPECT_EQ(village.Refund(3, 2, 150).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.2101.1"), 750);
  EXPECT_EQ(village.Balance("7.2190.0"), 250);
  EXPECT_EQ(village.Balance("8.1190.0"), 250);
  EXPECT_EQ(village.Balance("8.2101.2"), 250);
}

TEST(Refund, OfACaptureGivesBackWhatWasCaptured) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Hold(2, {LegOf("7.2101.1", "7.4101.1", 700)}, 60);
  EXPECT_EQ(village.Refund(3, 2).outcome, Outcome::kRelatedNotPosted);
  village.Capture(4, 2, 500);
  EXPECT_EQ(village.Refund(5, 4, 501).outcome, Outcome::kRefundExceedsOriginal);
  EXPECT_EQ(village.Refund(6, 4).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
}

TEST(Refund, IsExemptFromTheDaysLimitButNotFromTheFloor) {
  Village village;
  village.Post(1, Purpose::kCashSale, {LegOf("7.1102.1", "7.4101.1", 500)});
  village.Limit("7.1102.1", {.floor = Amount{0}, .per_transaction = Amount{10}});
  EXPECT_EQ(village.Refund(2, 1, 100).outcome, Outcome::kAccepted);
  village.Limit("7.1102.1", {.floor = Amount{350}});
  EXPECT_EQ(village.Refund(3, 1, 100).outcome, Outcome::kInsufficientFunds);
}

TEST(Reverse, MirrorsEveryLegFeesIncludedOnce) {
  Village village(WithEverything());
  village.Deposit(1, "7.2101.1", 111'000);
  village.PostByRule(2, Purpose::kPayment, LegOf("7.2101.1", "7.4101.1", 111'000));
  const Result result = village.Reverse(3, 2);
  EXPECT_EQ(result.outcome, Outcome::kAccepted);
  EXPECT_EQ(result.leg_count, 3);
  for (const char* account : {"7.4101.1", "7.2120.0", "7.2130.1", "7.5201.0"}) {
    EXPECT_EQ(village.Balance(account), 0) << account;
  }
  EXPECT_EQ(village.Balance("7.2101.1"), 111'000);
  EXPECT_EQ(village.Reverse(4, 2).outcome, Outcome::kOriginalReversed);
  EXPECT_EQ(village.Refund(5, 2).outcome, Outcome::kOriginalReversed);
  EXPECT_EQ(village.Reverse(6, 3).outcome, Outcome::kRelatedNotPosted);
}

TEST(Reverse, FlowsBackFromTheLastLegToTheFirst) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Post(2, Purpose::kTransfer,
               {LegOf("7.2101.1", "7.2101.2", 1'000), LegOf("7.2101.2", "7.2101.3", 1'000)});
  EXPECT_EQ(village.Reverse(3, 2).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
}

TEST(Reverse, OfATransferBeginsInThePayersCooperativeSoThatItsBranchCanAskForIt) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.PostByRule(2, Purpose::kTransfer, LegOf("7.2101.1", "8.2101.2", 400));
  const Result result = village.Reverse(3, 2);
  const std::vector<Entry> legs = village.books.Read(result.sequence);
  ASSERT_EQ(legs.size(), 2u);
  EXPECT_EQ(legs[0].debit_account, AccountOf("7.2190.0"));
  EXPECT_EQ(legs[1].debit_account, AccountOf("8.2101.2"));
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
  EXPECT_EQ(village.Balance("8.1190.0"), 0);
}

TEST(Reverse, IsNotForAnOriginalThatHasRefundsUntilTheseAreReversed) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Post(2, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 600)});
  village.Refund(3, 2, 200);
  EXPECT_EQ(village.Reverse(4, 2).outcome, Outcome::kOriginalRefunded);
  EXPECT_EQ(village.Reverse(5, 3).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.4101.1"), 600);
  EXPECT_EQ(village.Reverse(6, 3).outcome, Outcome::kOriginalReversed);
  EXPECT_EQ(village.Reverse(7, 2).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
}

TEST(Reverse, OfADeclineIsDeclined) {
  Village village;
  village.Post(1, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 600)});
  EXPECT_EQ(village.Reverse(2, 1).outcome, Outcome::kRelatedNotPosted);
  EXPECT_EQ(village.Refund(3, 1).outcome, Outcome::kRelatedNotPosted);
  EXPECT_EQ(village.Refund(4, 99).outcome, Outcome::kRelatedUnknown);
}

}  // namespace
}  // namespace lumbung
