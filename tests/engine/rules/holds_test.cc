#include "engine/holds.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/attachment.h"
#include "tests/engine/rules/village.h"

namespace lumbung {
namespace {

// A village in which member 1 has 1,000.
class Holding : public testing::Test {
 protected:
  Holding() { village_.Deposit(1, "7.2101.1", 1'000); }
  Result HoldFor(uint64_t id, int64_t amount, uint32_t seconds) {
    return village_.Hold(id, {LegOf("7.2101.1", "7.4101.1", amount)}, seconds);
  }

  Village village_;
};

TEST_F(Holding, ReservesTheAmountAndTouchesOnlyTheDebitAccount) {
  const Account before = *village_.books.state().FindAccount(AccountOf("7.4101.1"));
  const Result result = HoldFor(2, 700, 60);
  EXPECT_EQ(result.outcome, Outcome::kAccepted);
  EXPECT_EQ(village_.Held("7.2101.1"), 700);
  EXPECT_EQ(village_.Balance("7.2101.1"), 1'000);
  EXPECT_EQ(village_.books.state().FindAccount(AccountOf("7.4101.1"))->last_sequence,
            before.last_sequence);
  const Entry entry = village_.books.Read(result.sequence)[0];
  EXPECT_EQ(entry.credit_previous, kNoSequence);
  EXPECT_EQ(entry.deadline, (village_.books.now().value() + kSecond - 1) / kSecond + 60);
  EXPECT_EQ(village_.Post(3, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 301)}).outcome,
            Outcome::kInsufficientFunds);
  EXPECT_EQ(HoldFor(4, 301, 60).outcome, Outcome::kInsufficientFunds);
}

TEST_F(Holding, CapturePostsAPartAndReleasesTheRest) {
  HoldFor(2, 700, 60);
  const Result result = village_.Capture(3, 2, 500);
  EXPECT_EQ(result.outcome, Outcome::kAccepted);
  EXPECT_EQ(village_.Held("7.2101.1"), 0);
  EXPECT_EQ(village_.Balance("7.2101.1"), 500);
  EXPECT_EQ(village_.Balance("7.4101.1"), 500);
  EXPECT_EQ(village_.Capture(4, 2).outcome, Outcome::kHoldCaptured);
  EXPECT_EQ(village_.Void(5, 2).outcome, Outcome::kHoldCaptured);
}

TEST_F(Holding, CaptureWithoutAnAmountTakesAllOfIt) {
  HoldFor(2, 700, 60);
  EXPECT_EQ(village_.Capture(3, 2).outcome, Outcome::kAccepted);
  EXPECT_EQ(village_.Balance("7.2101.1"), 300);
}

TEST_F(Holding, CaptureNeverTakesMoreThanWasHeld) {
  HoldFor(2, 700, 60);
  const Result result = village_.Capture(3, 2, 701);
  EXPECT_EQ(result.outcome, Outcome::kCaptureExceedsHold);
  EXPECT_EQ(village_.books.Read(result.sequence)[0].amount, Amount{701});
  EXPECT_EQ(village_.Held("7.2101.1"), 700);
  EXPECT_EQ(village_.Capture(4, 2, 700).outcome, Outcome::kAccepted);
}

TEST_F(Holding, OfSeveralLegsIsCapturedAsAWholeOnly) {
  village_.Hold(2, {LegOf("7.2101.1", "7.4101.1", 300), LegOf("7.2101.1", "7.4101.2", 200)}, 60);
  EXPECT_EQ(village_.Held("7.2101.1"), 500);
  EXPECT_EQ(village_.Capture(3, 2, 499).outcome, Outcome::kCaptureNotWhole);
  EXPECT_EQ(village_.Capture(4, 2, 500).outcome, Outcome::kAccepted);
  EXPECT_EQ(village_.Balance("7.4101.1"), 300);
  EXPECT_EQ(village_.Balance("7.4101.2"), 200);
  EXPECT_EQ(village_.Held("7.2101.1"), 0);
}

TEST_F(Holding, VoidReleasesEverything) {
  HoldFor(2, 700, 60);
  EXPECT_EQ(village_.Void(3, 2).outcome, Outcome::kAccepted);
  EXPECT_EQ(village_.Held("7.2101.1"), 0);
  EXPECT_EQ(village_.Balance("7.2101.1"), 1'000);
  EXPECT_EQ(village_.Capture(4, 2).outcome, Outcome::kHoldVoided);
  EXPECT_EQ(village_.books.state().open_hold_count(), 0u);
}

TEST_F(Holding, VoidWorksOnAFrozenAccount) {
  HoldFor(2, 700, 60);
  village_.Set("7.2101.1", AccountStatus::kFrozen);
  EXPECT_EQ(village_.Capture(3, 2).outcome, Outcome::kDebitAccountFrozen);
  EXPECT_EQ(village_.Void(4, 2).outcome, Outcome::kAccepted);
  EXPECT_EQ(village_.Held("7.2101.1"), 0);
}

TEST_F(Holding, ExpiresInOrderOfDeadlinesAndWithoutAnId) {
  const Result late = HoldFor(2, 100, 120);
  const Result early = HoldFor(3, 200, 60);
  EXPECT_EQ(village_.books.machine().NextDeadline(),
            Timestamp{village_.books.Read(early.sequence)[0].deadline * kSecond});
  village_.books.Advance(59 * kSecond);
  EXPECT_EQ(village_.books.ExpireHolds(), 0u);
  village_.books.Advance(200 * kSecond);
  const Sequence first = village_.books.next();
  EXPECT_EQ(village_.books.ExpireHolds(), 2u);
  const Entry expiry = village_.books.Read(first)[0];
  EXPECT_EQ(expiry.kind.step(), Step::kExpire);
  EXPECT_TRUE(expiry.id.IsZero());
  EXPECT_EQ(expiry.related, early.sequence);
  EXPECT_EQ(village_.books.Read(Sequence{first.value() + 1})[0].related, late.sequence);
  const std::vector<std::byte> attachment = village_.books.ReadAttachment(first);
  EXPECT_EQ(Attachment::Decode(attachment)->related, IdOf(3));
  EXPECT_EQ(village_.Held("7.2101.1"), 0);
  EXPECT_EQ(village_.Capture(4, 3).outcome, Outcome::kHoldExpired);
  EXPECT_FALSE(village_.books.machine().NextDeadline().has_value());
}

TEST_F(Holding, IsNotCapturedAtItsDeadlineEvenIfTheExpiryIsNotWrittenYet) {
  const Result hold = HoldFor(2, 700, 60);
  const int64_t deadline = village_.books.Read(hold.sequence)[0].deadline * kSecond;
  village_.books.Advance(deadline - village_.books.now().value());
  EXPECT_EQ(village_.Capture(3, 2).outcome, Outcome::kHoldExpired);
  EXPECT_EQ(village_.Held("7.2101.1"), 700);
}

TEST_F(Holding, CountsTowardsTheDayWhenPlacedAndGivesBackOnTheSameDay) {
  village_.Limit("7.2101.1", {.floor = Amount{0}, .per_day = Amount{800}});
  EXPECT_EQ(HoldFor(2, 700, 60).outcome, Outcome::kAccepted);
  EXPECT_EQ(HoldFor(3, 101, 60).outcome, Outcome::kDailyLimit);
  EXPECT_EQ(village_.Capture(4, 2, 300).outcome, Outcome::kAccepted);  // 400 are given back
  EXPECT_EQ(HoldFor(5, 501, 60).outcome, Outcome::kDailyLimit);
  EXPECT_EQ(HoldFor(6, 500, 24 * 3600).outcome, Outcome::kAccepted);
  village_.books.Advance(kDay - 3600 * kSecond);
  // A new day: what is given back belongs to the day before.
  EXPECT_EQ(village_.Post(7, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 100)}).outcome,
            Outcome::kAccepted);
  EXPECT_EQ(village_.Void(8, 6).outcome, Outcome::kAccepted);
  EXPECT_EQ(village_.Balance("7.2101.1"), 600);
  village_.Deposit(9, "7.2101.1", 1'000);
  EXPECT_EQ(village_.Post(10, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 701)}).outcome,
            Outcome::kDailyLimit);
  EXPECT_EQ(village_.Post(11, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 700)}).outcome,
            Outcome::kAccepted);
}

TEST_F(Holding, OnStoreCreditReservesRoomBelowTheCeiling) {
  village_.Limit("7.1140.1", {.floor = Amount{0}, .ceiling = Amount{500}});
  const auto buy = [&](uint64_t id, int64_t amount) {
    return village_.Post(id, Purpose::kStoreCreditSale, {LegOf("7.1140.1", "7.4101.1", amount)})
        .outcome;
  };
  EXPECT_EQ(village_.Hold(2, {LegOf("7.1140.1", "7.4101.1", 300)}, 60).outcome, Outcome::kAccepted);
  EXPECT_EQ(buy(3, 201), Outcome::kBalanceCeiling);
  EXPECT_EQ(buy(4, 200), Outcome::kAccepted);
  EXPECT_EQ(village_.Capture(5, 2).outcome, Outcome::kAccepted);
  EXPECT_EQ(village_.Balance("7.1140.1"), 500);
}

TEST_F(Holding, CaptureOfWhatIsNoHoldIsDeclined) {
  EXPECT_EQ(village_.Capture(2, 1).outcome, Outcome::kRelatedNotHold);
  EXPECT_EQ(village_.Void(3, 99).outcome, Outcome::kRelatedUnknown);
  HoldFor(4, 5'000, 60);  // declined
  EXPECT_EQ(village_.Capture(5, 4).outcome, Outcome::kRelatedNotHold);
}

}  // namespace
}  // namespace lumbung
