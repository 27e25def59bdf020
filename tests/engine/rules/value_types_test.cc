#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "engine/account_id.h"
#include "engine/business_date.h"
#include "engine/kind.h"
#include "engine/outcome.h"
#include "engine/transaction_id.h"
#include "engine/types.h"

namespace lumbung {
namespace {

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;

TEST(AccountId, ReadsWhatItWrites) {
  for (const char* text : {"1024.2101.55", "1.1101.0", "16777215.16383.67108863", "0.0.0"}) {
    const auto account = AccountId::Parse(text);
    ASSERT_TRUE(account.has_value()) << text;
    EXPECT_EQ(account->ToString(), text);
  }
}

TEST(AccountId, IsPackedFromTheMostSignificantBitDown) {
  const AccountId account = *AccountId::Parse("1024.2101.55");
  EXPECT_EQ(account.value(), uint64_t{1024} << 40 | uint64_t{2101} << 26 | 55);
  EXPECT_EQ(account.cooperative(), CooperativeId{1024});
  EXPECT_EQ(account.code(), AccountCode{2101});
  EXPECT_EQ(account.holder(), HolderNumber{55});
}

TEST(AccountId, RefusesWhatIsNotThreeNumbersInRange) {
  for (const char* text :
       {"", "1", "1.2", "1.2.", "1.2.3.4", ".2.3", "1..3", "01.2.3", "1.02.3", "1.2.03", "+1.2.3",
        "1.2.-3", " 1.2.3", "1.2.3 ", "a.2.3", "16777216.1.1", "1.16384.1", "1.1.67108864",
        "99999999999999999999.1.1"}) {
    EXPECT_FALSE(AccountId::Parse(text).has_value()) << text;
  }
}

TEST(TransactionId, ReadsWhatItWritesInEitherCase) {
  const std::string text = "01234567-89ab-7def-8123-456789abcdef";
  const auto id = TransactionId::Parse(text);
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->high, 0x0123456789ab7defu);
  EXPECT_EQ(id->low, 0x8123456789abcdefu);
  EXPECT_EQ(id->ToString(), text);
  EXPECT_EQ(TransactionId::Parse("01234567-89AB-7DEF-8123-456789ABCDEF"), id);
}

TEST(TransactionId, RefusesWhatIsNotTheTextFormOfAUuid) {
  for (const char* text :
       {"", "0123456789ab7def8123456789abcdef", "01234567-89ab-7def-8123-456789abcde",
        "01234567-89ab-7def-8123-456789abcdef0", "01234567089ab-7def-8123-456789abcdef",
        "g1234567-89ab-7def-8123-456789abcdef", "{1234567-89ab-7def-8123-456789abcdef"}) {
    EXPECT_FALSE(TransactionId::Parse(text).has_value()) << text;
  }
}

TEST(TransactionId, KnowsItsBirthTimeOnlyInVersion7) {
  // The example of RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC.
  const TransactionId id = *TransactionId::Parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_EQ(id.BirthTime(), Timestamp{1'645'557'742'000 * int64_t{1'000'000}});
  EXPECT_FALSE(
      TransactionId::Parse("919108f7-52d1-4320-9bac-f847db4148a8")->BirthTime().has_value());
}

TEST(TransactionId, IsWellFormedWithVariantAndVersionOfTheRfc) {
  EXPECT_TRUE(TransactionId::Parse("919108f7-52d1-4320-9bac-f847db4148a8")->IsWellFormed());
  EXPECT_FALSE(TransactionId::Parse("919108f7-52d1-4320-1bac-f847db4148a8")->IsWellFormed());
  EXPECT_FALSE(TransactionId::Parse("919108f7-52d1-0320-9bac-f847db4148a8")->IsWellFormed());
  EXPECT_FALSE(TransactionId::Parse("919108f7-52d1-9320-9bac-f847db4148a8")->IsWellFormed());
}

TEST(TransactionId, IsNotBornInThePastWhenItsTimeIsBeyondWhatATimestampHolds) {
  // 2262, where nanoseconds no longer fit into 64 bits, and the end of the 48 bits.
  for (const char* text :
       {"08637bd0-5af7-7fff-bfff-ffffffffffff", "10c70000-0000-7000-8000-000000000000",
        "7fffffff-ffff-7fff-bfff-ffffffffffff", "ffffffff-ffff-7fff-bfff-ffffffffffff"}) {
    EXPECT_EQ(TransactionId::Parse(text)->BirthTime(), Timestamp{INT64_MAX}) << text;
  }
}

TEST(BusinessDate, BeyondWhatATimestampHoldsStartsAtItsEnd) {
  EXPECT_EQ(StartOf(*ParseDate("2262-04-13"), 0), Timestamp{INT64_MAX});
  EXPECT_EQ(StartOf(*ParseDate("9999-12-31"), 420), Timestamp{INT64_MAX});
  EXPECT_EQ(StartOf(*ParseDate("0001-01-01"), 420), Timestamp{INT64_MIN});
  EXPECT_EQ(ToString(DateOf(Timestamp{INT64_MAX}, 840)), "2262-04-12");
  EXPECT_EQ(ToString(DateOf(Timestamp{INT64_MIN}, -720)), "1677-09-20");
}

TEST(BusinessDate, ChangesAtMidnightInTheCooperativesZone) {
  const BusinessDate date = *ParseDate("2026-11-24");
  for (const int16_t zone : {int16_t{420}, int16_t{480}, int16_t{540}, int16_t{-720}}) {
    const Timestamp start = StartOf(date, zone);
    EXPECT_EQ(DateOf(start, zone), date);
    EXPECT_EQ(DateOf(Timestamp{start.value() - 1}, zone), BusinessDate{date.value() - 1});
    EXPECT_EQ(DateOf(Timestamp{start.value() + 24 * kHourNs - 1}, zone), date);
  }
  EXPECT_EQ(StartOf(date, 0).value() - StartOf(date, 420).value(), 7 * kHourNs);
}

TEST(BusinessDate, IsRoundedTowardsThePastBefore1970) {
  EXPECT_EQ(DateOf(Timestamp{-1}, 0), BusinessDate{-1});
  EXPECT_EQ(DateOf(Timestamp{-24 * kHourNs}, 0), BusinessDate{-1});
  EXPECT_EQ(DateOf(Timestamp{-24 * kHourNs - 1}, 0), BusinessDate{-2});
}

TEST(BusinessDate, ReadsWhatItWrites) {
  for (const char* text : {"1970-01-01", "2024-02-29", "2026-11-24", "1969-12-31"}) {
    ASSERT_TRUE(ParseDate(text).has_value()) << text;
    EXPECT_EQ(ToString(*ParseDate(text)), text);
  }
  EXPECT_EQ(ParseDate("1970-01-02"), BusinessDate{1});
}

TEST(BusinessDate, RefusesDaysThatDoNotExist) {
  for (const char* text : {"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-1",
                           "26-01-01", "2026/01/01", "2026-01-01 ", "2026-0a-01"}) {
    EXPECT_FALSE(ParseDate(text).has_value()) << text;
  }
}

TEST(Outcome, HasANameAndASentenceForEachNumberInOrder) {
  std::set<std::string> names;
  Outcome last = Outcome::kNone;
  for (const Outcome outcome : AllOutcomes()) {
    EXPECT_GT(outcome, last);
    last = outcome;
    EXPECT_NE(Name(outcome), "?");
    EXPECT_FALSE(Explain(outcome).empty());
    EXPECT_TRUE(names.insert(std::string(Name(outcome))).second);
    const int groups = (outcome == Outcome::kAccepted ? 1 : 0) + (IsRefused(outcome) ? 1 : 0) +
                       (IsDeclined(outcome) ? 1 : 0);
    EXPECT_EQ(groups, 1) << Name(outcome);
  }
  EXPECT_EQ(Name(static_cast<Outcome>(99)), "?");
  EXPECT_TRUE(Explain(static_cast<Outcome>(99)).empty());
}

TEST(Kind, KeepsStepAndPurposeInOneNumber) {
  const EntryKind kind = EntryKind::Of(Step::kCapture, Purpose::kPayment);
  EXPECT_EQ(kind.packed, 0x0302);
  EXPECT_EQ(kind.step(), Step::kCapture);
  EXPECT_EQ(kind.purpose(), Purpose::kPayment);
  EXPECT_EQ(EntryKind::Of(Fact::kPolicySet).packed, 0x1007);
}

TEST(Kind, KnowsThePurposesThatAClientMaySend) {
  EXPECT_FALSE(IsKnownPurpose(0));
  for (uint32_t number = 1; number <= 30; ++number) {
    EXPECT_TRUE(IsKnownPurpose(number));
    EXPECT_NE(Name(static_cast<Purpose>(number)), "?");
  }
  EXPECT_FALSE(IsKnownPurpose(31));
  EXPECT_FALSE(IsKnownPurpose(256 + 2));
  EXPECT_EQ(Name(static_cast<Purpose>(31)), "?");
  EXPECT_EQ(Name(Purpose::kStoreCreditPayment), "STORE_CREDIT_PAYMENT");
}

TEST(Kind, NamesEachStepAndFactOnce) {
  std::set<std::string> names;
  for (const Step step :
       {Step::kNone, Step::kPost, Step::kHold, Step::kCapture, Step::kVoid, Step::kExpire,
        Step::kRefund, Step::kReverse, Step::kFence, Step::kFact}) {
    EXPECT_TRUE(names.insert(std::string(Name(step))).second) << Name(step);
  }
  for (const Fact fact :
       {Fact::kCooperativeOpened, Fact::kBranchOpened, Fact::kTerminalOpened, Fact::kAccountOpened,
        Fact::kAccountLimitsSet, Fact::kAccountStatusSet, Fact::kPolicySet}) {
    EXPECT_TRUE(names.insert(std::string(Name(fact))).second) << Name(fact);
  }
  EXPECT_FALSE(names.contains("?"));
  EXPECT_EQ(Name(Step::kPost), "POST");
  EXPECT_EQ(Name(Fact::kAccountOpened), "ACCOUNT_OPENED");
  EXPECT_EQ(Name(static_cast<Step>(9)), "?");
  EXPECT_EQ(Name(static_cast<Fact>(99)), "?");
}

TEST(Amount, SumsAreNothingIfTheyDoNotFit) {
  EXPECT_EQ(CheckedAdd(Amount{2}, Amount{3}), Amount{5});
  EXPECT_FALSE(CheckedAdd(kMaxAmount, Amount{1}).has_value());
  EXPECT_FALSE(CheckedSubtract(kMinAmount, Amount{1}).has_value());
}

}  // namespace
}  // namespace lumbung
