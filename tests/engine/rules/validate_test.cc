#include "engine/validate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/rules/books.h"

namespace lumbung {
namespace {

// A payment that is well formed, to be spoilt by each test.
class PostValidation : public testing::Test {
 protected:
  PostValidation() {
    post_.header.id = IdOf(1);
    post_.purpose = Purpose::kPayment;
    legs_.push_back(
        {.debit = AccountOf("7.2101.5"), .credit = AccountOf("7.4101.1"), .amount = Amount{100}});
  }
  Verdict Check() {
    post_.legs = legs_;
    return Validate(post_, kNoon);
  }
  void ExpectRefused(Outcome outcome, const std::string& field) {
    const Verdict verdict = Check();
    EXPECT_EQ(verdict.outcome, outcome) << Name(verdict.outcome);
    EXPECT_EQ(verdict.field, field);
    EXPECT_NE(verdict.message.find("expected"), std::string::npos) << verdict.message;
    EXPECT_NE(verdict.message.find("found"), std::string::npos) << verdict.message;
  }

  Post post_;
  std::vector<Leg> legs_;
};

TEST_F(PostValidation, LetsAWellFormedPaymentThrough) {
  const Verdict verdict = Check();
  EXPECT_EQ(verdict.outcome, Outcome::kAccepted);
  EXPECT_TRUE(verdict.field.empty());
}

TEST_F(PostValidation, RefusesAMissingId) {
  post_.header.id = {};
  ExpectRefused(Outcome::kIdMissing, "id");
}

TEST_F(PostValidation, RefusesAnIdThatIsNoUuid) {
  post_.header.id.low = 1;
  ExpectRefused(Outcome::kIdMalformed, "id");
}

TEST_F(PostValidation, RefusesAnIdFromTheFutureButAllowsTheSkew) {
  const auto born = [](int64_t ahead_ms) {
    const int64_t ms = kNoon.value() / 1'000'000 + ahead_ms;
    return TransactionId{.high = static_cast<uint64_t>(ms) << 16 | 0x7000,
                         .low = uint64_t{1} << 63};
  };
  post_.header.id = born(5 * 60 * 1000);
  EXPECT_EQ(Check().outcome, Outcome::kAccepted);
  post_.header.id = born(5 * 60 * 1000 + 1);
  ExpectRefused(Outcome::kIdFromTheFuture, "id");
}

TEST_F(PostValidation, RefusesAnUnknownKind) {
  post_.purpose = Purpose::kNone;
  ExpectRefused(Outcome::kKindUnknown, "kind");
  post_.purpose = static_cast<Purpose>(31);
  ExpectRefused(Outcome::kKindUnknown, "kind");
}

TEST_F(PostValidation, RefusesATextOf65Bytes) {
  const std::string text(65, 'x');
  post_.header.text = std::string_view(text).substr(0, 64);
  EXPECT_EQ(Check().outcome, Outcome::kAccepted);
  post_.header.text = text;
  ExpectRefused(Outcome::kTextTooLong, "text");
}

TEST_F(PostValidation, RefusesNoLegAndTooManyLegs) {
  legs_.resize(65, legs_[0]);
  ExpectRefused(Outcome::kTooManyLegs, "further_legs");
  legs_.resize(64);
  EXPECT_EQ(Check().outcome, Outcome::kAccepted);
  legs_.clear();
  ExpectRefused(Outcome::kLegsMissing, "debit_account");
}

TEST_F(PostValidation, RefusesMoreThanOneLegByRule) {
  post_.source = LegSource::kByRule;
  EXPECT_EQ(Check().outcome, Outcome::kAccepted);
  legs_.push_back(legs_[0]);
  ExpectRefused(Outcome::kTooManyLegs, "further_legs");
}

TEST_F(PostValidation, RefusesMalformedAccountsAndNamesTheLeg) {
  legs_.push_back(legs_[0]);
  legs_[1].credit = AccountOf("7.4199.1");
  ExpectRefused(Outcome::kAccountMalformed, "further_legs[0].credit_account");
  legs_[1].credit = AccountOf("7.4101.0");
  ExpectRefused(Outcome::kAccountMalformed, "further_legs[0].credit_account");
  legs_[1].credit = AccountOf("7.4101.65536");
  ExpectRefused(Outcome::kAccountMalformed, "further_legs[0].credit_account");
  legs_[0].debit = AccountOf("0.2101.5");
  ExpectRefused(Outcome::kAccountMalformed, "debit_account");
  legs_[0].debit = AccountId{};
  ExpectRefused(Outcome::kAccountMalformed, "debit_account");
  legs_[0].debit = AccountOf("7.1101.5");
  ExpectRefused(Outcome::kAccountMalformed, "debit_account");
}

TEST_F(PostValidation, RefusesALegFromAnAccountToItself) {
  post_.purpose = Purpose::kTransfer;
  legs_[0].credit = legs_[0].debit;
  ExpectRefused(Outcome::kSameAccount, "credit_account");
}

TEST_F(PostValidation, RefusesAmountsThatAreNotPositive) {
  legs_[0].amount = Amount{0};
  ExpectRefused(Outcome::kAmountNotPositive, "amount");
  legs_[0].amount = Amount{-5};
  ExpectRefused(Outcome::kAmountNotPositive, "amount");
}

TEST_F(PostValidation, RefusesALegBetweenCooperativesExceptInATransferByRule) {
  post_.purpose = Purpose::kTransfer;
  legs_[0].credit = AccountOf("8.2101.5");
  ExpectRefused(Outcome::kCooperativesMixed, "credit_account");
  post_.source = LegSource::kByRule;
  EXPECT_EQ(Check().outcome, Outcome::kAccepted);
}

TEST_F(PostValidation, RefusesALegThatIsNotOfTheKind) {
  post_.purpose = Purpose::kCashSale;
  ExpectRefused(Outcome::kLegNotOfKind, "debit_account");
  post_.purpose = Purpose::kGeneral;
  EXPECT_EQ(Check().outcome, Outcome::kAccepted);
  post_.source = LegSource::kByRule;
  ExpectRefused(Outcome::kLegNotOfKind, "debit_account");
}

TEST_F(PostValidation, ReportsOfSeveralFaultsTheOneWithTheLowestNumber) {
  // Each line mends the fault that was reported.
  const std::string text(65, 'x');
  post_.header.text = text;
  post_.purpose = static_cast<Purpose>(99);
  legs_.push_back({.debit = AccountOf("7.9999.1"), .credit = AccountOf("7.9999.1"), .amount = {}});
  ExpectRefused(Outcome::kKindUnknown, "kind");
  post_.purpose = Purpose::kPayment;
  ExpectRefused(Outcome::kTextTooLong, "text");
  post_.header.text = {};
  ExpectRefused(Outcome::kAccountMalformed, "further_legs[0].debit_account");
  legs_[1].debit = legs_[1].credit = AccountOf("8.2101.5");
  ExpectRefused(Outcome::kSameAccount, "further_legs[0].credit_account");
  legs_[1].debit = AccountOf("7.2101.5");
  ExpectRefused(Outcome::kAmountNotPositive, "further_legs[0].amount");
  legs_[1].amount = Amount{1};
  ExpectRefused(Outcome::kCooperativesMixed, "further_legs[0].credit_account");
  legs_[1].credit = AccountOf("7.2101.6");
  ExpectRefused(Outcome::kLegNotOfKind, "further_legs[0].debit_account");
}

TEST(Validation, RefusesHoldsOfNoDurationAndOfMoreThan30Days) {
  const Leg leg{
      .debit = AccountOf("7.2101.5"), .credit = AccountOf("7.4101.1"), .amount = Amount{100}};
  Hold hold;
  hold.header.id = IdOf(1);
  hold.purpose = Purpose::kPayment;
  hold.legs = {&leg, 1};
  for (const uint32_t seconds : {0u, 30u * 24 * 3600 + 1}) {
    hold.seconds = seconds;
    EXPECT_EQ(Validate(hold, kNoon).outcome, Outcome::kHoldSecondsInvalid);
    EXPECT_EQ(Validate(hold, kNoon).field, "hold_seconds");
  }
  hold.seconds = 30 * 24 * 3600;
  EXPECT_EQ(Validate(hold, kNoon).outcome, Outcome::kAccepted);
}

TEST(Validation, RefusesFollowersWithoutAnOriginalOrOfThemselves) {
  Refund refund;
  refund.header.id = IdOf(1);
  EXPECT_EQ(Validate(refund, kNoon).outcome, Outcome::kRelatedMissing);
  refund.original = IdOf(1);
  EXPECT_EQ(Validate(refund, kNoon).outcome, Outcome::kRelatedIsItself);
  EXPECT_EQ(Validate(refund, kNoon).field, "related_id");
  refund.original = {.high = 1, .low = 1};
  EXPECT_EQ(Validate(refund, kNoon).outcome, Outcome::kIdMalformed);
  EXPECT_EQ(Validate(refund, kNoon).field, "related_id");
  refund.original = IdOf(2);
  EXPECT_EQ(Validate(refund, kNoon).outcome, Outcome::kAccepted);
  refund.amount = Amount{0};
  EXPECT_EQ(Validate(refund, kNoon).outcome, Outcome::kAmountNotPositive);
  Capture capture;
  capture.header.id = IdOf(1);
  EXPECT_EQ(Validate(capture, kNoon).outcome, Outcome::kRelatedMissing);
}

TEST(Validation, RefusesSettingsOutOfTheirRange) {
  OpenCooperative open{.cooperative = CooperativeId{7}, .policy = Policy{}, .name = "Bentangan"};
  EXPECT_EQ(Validate(open, kNoon).outcome, Outcome::kAccepted);
  open.policy->vat_basis_points = 10'001;
  EXPECT_EQ(Validate(open, kNoon).field, "policy.vat_basis_points");
  open.policy = Policy{};
  open.policy->transfer_fee = Amount{-1};
  EXPECT_EQ(Validate(open, kNoon).outcome, Outcome::kSettingInvalid);
  open.policy = Policy{};
  open.zone_minutes = 841;
  EXPECT_EQ(Validate(open, kNoon).field, "zone_minutes");
  open.zone_minutes = 420;
  open.name = "";
  EXPECT_EQ(Validate(open, kNoon).field, "name");
  const std::string name(65, 'x');
  open.name = name;
  EXPECT_EQ(Validate(open, kNoon).outcome, Outcome::kTextTooLong);
  open.name = "x";
  open.cooperative = CooperativeId{1 << 24};
  EXPECT_EQ(Validate(open, kNoon).field, "number");

  SetLimits limits{.account = AccountOf("7.2101.5"), .limits = {}};
  EXPECT_EQ(Validate(limits, kNoon).outcome, Outcome::kAccepted);
  limits.limits.floor = Amount{2};
  limits.limits.ceiling = Amount{1};
  EXPECT_EQ(Validate(limits, kNoon).field, "limits.floor");
  limits.limits = Limits{.per_day = Amount{-1}};
  EXPECT_EQ(Validate(limits, kNoon).field, "limits.per_day");

  OpenAccount account{.account = AccountOf("7.2101.5"), .limits = std::nullopt};
  account.asset = AssetCode{1000};
  EXPECT_EQ(Validate(account, kNoon).field, "asset");
}

}  // namespace
}  // namespace lumbung
