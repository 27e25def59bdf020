#include "engine/posting.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/engine/rules/village.h"

namespace lumbung {
namespace {

TEST(Posting, MovesTheAmountAndRecordsBothBalances) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  const Sequence before = village.books.state().FindAccount(AccountOf("7.2101.1"))->last_sequence;
  const Result result = village.Post(2, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 300)});
  EXPECT_EQ(result.outcome, Outcome::kAccepted);
  EXPECT_EQ(result.leg_count, 1);
  EXPECT_EQ(result.timestamp, village.books.now());
  EXPECT_EQ(village.Balance("7.2101.1"), 700);
  EXPECT_EQ(village.Balance("7.4101.1"), 300);
  const Entry entry = village.books.Read(result.sequence)[0];
  EXPECT_EQ(entry.debit_balance, Amount{700});
  EXPECT_EQ(entry.credit_balance, Amount{300});
  EXPECT_EQ(entry.debit_previous, before);
  EXPECT_EQ(village.books.state().FindAccount(AccountOf("7.2101.1"))->last_sequence,
            result.sequence);
}

TEST(Posting, DeclinesWhatIsNotThereAndRecordsItWithoutPostings) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  const Result result = village.Post(2, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 1'001)});
  EXPECT_EQ(result.outcome, Outcome::kInsufficientFunds);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
  const Entry entry = village.books.Read(result.sequence)[0];
  EXPECT_EQ(entry.outcome, Outcome::kInsufficientFunds);
  EXPECT_EQ(entry.amount, Amount{1'001});
  EXPECT_EQ(entry.debit_balance, Amount{1'000});
  EXPECT_EQ(entry.debit_previous, kNoSequence);
  EXPECT_NE(entry.flags & kFlagCause, 0);
}

TEST(Posting, AppliesAllLegsOrNone) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  const Result result =
      village.Post(2, Purpose::kTransfer,
                   {LegOf("7.2101.1", "7.2101.2", 600), LegOf("7.2101.2", "7.2101.3", 500),
                    LegOf("7.2101.1", "7.2101.3", 401)});
  EXPECT_EQ(result.outcome, Outcome::kInsufficientFunds);
  EXPECT_EQ(result.leg_count, 3);
  EXPECT_EQ(village.Balance("7.2101.1"), 1'000);
  EXPECT_EQ(village.Balance("7.2101.2"), 0);
  EXPECT_EQ(village.Balance("7.2101.3"), 0);
  const std::vector<Entry> legs = village.books.Read(result.sequence);
  ASSERT_EQ(legs.size(), 3u);
  EXPECT_EQ(legs[0].flags & kFlagCause, 0);
  EXPECT_NE(legs[2].flags & kFlagCause, 0);
  EXPECT_EQ(legs[1].outcome, Outcome::kInsufficientFunds);
}

TEST(Posting, ALaterLegMaySpendWhatAnEarlierOneBrought) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  const Result result =
      village.Post(2, Purpose::kTransfer,
                   {LegOf("7.2101.1", "7.2101.2", 1'000), LegOf("7.2101.2", "7.2101.3", 1'000)});
  EXPECT_EQ(result.outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.2101.3"), 1'000);
  const std::vector<Entry> legs = village.books.Read(result.sequence);
  EXPECT_EQ(legs[0].credit_balance, Amount{1'000});
  EXPECT_EQ(legs[1].debit_balance, Amount{0});
  EXPECT_EQ(legs[1].debit_previous, result.sequence);
}

TEST(Posting, ATransferToAnotherCooperativeKeepsBothBooksBalanced) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  const Result result =
      village.PostByRule(2, Purpose::kTransfer, LegOf("7.2101.1", "8.2101.2", 400));
  EXPECT_EQ(result.outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.2101.1"), 600);
  EXPECT_EQ(village.Balance("7.2190.0"), 400);
  EXPECT_EQ(village.Balance("8.1190.0"), 400);
  EXPECT_EQ(village.Balance("8.2101.2"), 400);
}

TEST(Posting, ByRuleChargesThePoliciesFeesAndDeclinesThemTogetherWithTheSale) {
  Policy policy = Village::FreePolicy();
  policy.transfer_fee = Amount{100};
  Village village(policy);
  village.Deposit(1, "7.2101.1", 1'000);
  const Leg leg = LegOf("7.2101.1", "7.2101.2", 950);
  const Result declined = village.PostByRule(2, Purpose::kTransfer, leg);
  EXPECT_EQ(declined.outcome, Outcome::kInsufficientFunds);
  EXPECT_EQ(village.Balance("7.2101.2"), 0);
  EXPECT_EQ(village.PostByRule(3, Purpose::kTransfer, LegOf("7.2101.1", "7.2101.2", 900)).outcome,
            Outcome::kAccepted);
  EXPECT_EQ(village.Balance("7.2101.1"), 0);
  EXPECT_EQ(village.Balance("7.4301.0"), 100);
}

TEST(Posting, RefusesAboveTheCeiling) {
  Village village;
  EXPECT_EQ(village.Deposit(1, "7.2101.1", 2'000'000'000).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Deposit(2, "7.2101.1", 1).outcome, Outcome::kBalanceCeiling);
}

TEST(Posting, LimitsATransactionByAllThatItTakesFromAnAccount) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Limit("7.2101.1", {.floor = Amount{0}, .per_transaction = Amount{500}});
  const auto pay = [&](uint64_t id, int64_t first, int64_t second) {
    return village
        .Post(id, Purpose::kTransfer,
              {LegOf("7.2101.1", "7.2101.2", first), LegOf("7.2101.1", "7.2101.3", second)})
        .outcome;
  };
  EXPECT_EQ(pay(2, 300, 201), Outcome::kTransactionLimit);
  EXPECT_EQ(pay(3, 300, 200), Outcome::kAccepted);
}

TEST(Posting, LimitsADayUntilMidnightInTheCooperativesZone) {
  Village village;
  village.Deposit(1, "7.2101.1", 10'000);
  village.Limit("7.2101.1", {.floor = Amount{0}, .per_day = Amount{500}});
  const auto pay = [&](uint64_t id, int64_t amount) {
    return village.Post(id, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", amount)}).outcome;
  };
  EXPECT_EQ(pay(2, 500), Outcome::kAccepted);
  EXPECT_EQ(pay(3, 1), Outcome::kDailyLimit);
  village.books.Advance(12 * 3600 * kSecond - 1'000'000);  // a millisecond to midnight
  EXPECT_EQ(pay(4, 1), Outcome::kDailyLimit);
  // A command is applied a microsecond after the one before: the next at the last nanosecond of
  // the day, and the one after it at midnight itself.
  const int64_t midnight = kNoon.value() + 12 * 3600 * kSecond;
  village.books.Advance(midnight - 1 - 1'000 - village.books.now().value());
  EXPECT_EQ(pay(5, 1), Outcome::kDailyLimit);
  EXPECT_EQ(village.books.now().value(), midnight - 1);
  village.books.Advance(1 - 1'000);
  EXPECT_EQ(pay(6, 500), Outcome::kAccepted);
  EXPECT_EQ(village.books.now().value(), midnight);
  EXPECT_EQ(pay(7, 1), Outcome::kDailyLimit);
}

TEST(Posting, LimitsWhatATillPaysOut) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Limit("7.1102.1", {.floor = Amount{0}, .per_day = Amount{300}});
  const auto withdraw = [&](uint64_t id, int64_t amount) {
    return village.Post(id, Purpose::kWithdrawal, {LegOf("7.2101.1", "7.1102.1", amount)}).outcome;
  };
  EXPECT_EQ(withdraw(2, 301), Outcome::kDailyLimit);
  EXPECT_EQ(withdraw(3, 300), Outcome::kAccepted);
  EXPECT_EQ(withdraw(4, 1), Outcome::kDailyLimit);
}

TEST(Posting, TellsTheLimitOfATransactionBeforeThatOfADayWhicheverOfTheAccountsHasIt) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Limit("7.2101.1", {.floor = Amount{0}, .per_day = Amount{500}});
  village.Limit("7.1102.1", {.floor = Amount{0}, .per_transaction = Amount{300}});
  const auto withdraw = [&](uint64_t id, int64_t amount) {
    return village.Post(id, Purpose::kWithdrawal, {LegOf("7.2101.1", "7.1102.1", amount)}).outcome;
  };
  EXPECT_EQ(withdraw(2, 600), Outcome::kTransactionLimit) << "over the day's of the wallet too";
  EXPECT_EQ(withdraw(3, 300), Outcome::kAccepted);
  EXPECT_EQ(withdraw(4, 300), Outcome::kDailyLimit);
}

TEST(Posting, LimitsAQrisSaleToTenMillionRupiah) {
  Village village;
  const auto pay = [&](uint64_t id, int64_t amount) {
    return village.PostByRule(id, Purpose::kQrisSale, LegOf("7.1120.0", "7.4101.1", amount))
        .outcome;
  };
  EXPECT_EQ(pay(1, 1'000'000'000), Outcome::kAccepted);
  EXPECT_EQ(pay(2, 1'000'000'001), Outcome::kTransactionLimit);
}

TEST(Posting, DeclinesASumThatDoesNotFit) {
  Village village;
  const int64_t half = kMaxAmount.value() / 2 + 1;
  const auto post = [&](uint64_t id, std::vector<Leg> legs) {
    return village.Post(id, Purpose::kGeneral, std::move(legs)).outcome;
  };
  EXPECT_EQ(post(1, {LegOf("7.1120.0", "7.2120.0", half)}), Outcome::kAccepted);
  EXPECT_EQ(post(2, {LegOf("7.1120.0", "7.2121.0", half)}), Outcome::kOverflow);
  EXPECT_EQ(post(3, {LegOf("7.1190.0", "7.2120.0", half)}), Outcome::kOverflow);
  // Neither account overflows, but what was asked for as a whole does.
  EXPECT_EQ(post(4, {LegOf("7.1190.0", "7.2121.0", half), LegOf("7.5902.0", "7.2199.0", half)}),
            Outcome::kOverflow);
  EXPECT_EQ(village.Balance("7.1190.0"), 0);
}

TEST(Posting, NamesUnknownClosedAndFrozenAccountsInTheOrderOfOutcomes) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  const auto pay = [&](uint64_t id, const char* debit, const char* credit) {
    return village.Post(id, Purpose::kTransfer, {LegOf(debit, credit, 10)}).outcome;
  };
  EXPECT_EQ(pay(2, "9.2101.1", "9.2101.2"), Outcome::kCooperativeUnknown);
  EXPECT_EQ(pay(3, "7.2101.99", "7.2101.98"), Outcome::kDebitAccountUnknown);
  EXPECT_EQ(pay(4, "7.2101.1", "7.2101.98"), Outcome::kCreditAccountUnknown);
  village.Set("7.2101.1", AccountStatus::kFrozen);
  village.Set("7.2101.2", AccountStatus::kFrozen);
  EXPECT_EQ(pay(5, "7.2101.1", "7.2101.2"), Outcome::kDebitAccountFrozen);
  village.Set("7.2101.2", AccountStatus::kClosed);
  EXPECT_EQ(pay(6, "7.2101.1", "7.2101.2"), Outcome::kCreditAccountClosed);
  village.Set("7.2101.1", AccountStatus::kOpen);
  village.Set("7.2101.3", AccountStatus::kFrozen);
  EXPECT_EQ(pay(7, "7.2101.1", "7.2101.3"), Outcome::kCreditAccountFrozen);
}

TEST(Posting, DeclinesALegBetweenAssets) {
  Village village;
  village.books.Apply(OpenAccount{
      .account = AccountOf("7.2101.50"), .asset = AssetCode{840}, .limits = std::nullopt});
  EXPECT_EQ(village.Deposit(1, "7.2101.50", 10).outcome, Outcome::kAssetMismatch);
}

TEST(Posting, ShareCapitalLeavesOnlyWithItsMember) {
  Village village;
  village.Post(1, Purpose::kDepositPokok, {LegOf("7.1102.1", "7.3101.1", 100)});
  EXPECT_EQ(village.Post(2, Purpose::kGeneral, {LegOf("7.3101.1", "7.2101.1", 100)}).outcome,
            Outcome::kDebitNotAllowed);
  EXPECT_EQ(village.Refund(3, 1).outcome, Outcome::kDebitNotAllowed);
  EXPECT_EQ(village.Post(4, Purpose::kMemberExit, {LegOf("7.3101.1", "7.2101.1", 100)}).outcome,
            Outcome::kAccepted);
}

TEST(Posting, SalesAreDebitedOnlyByRefundReversalOrClosing) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Post(2, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 300)});
  EXPECT_EQ(village.Post(3, Purpose::kGeneral, {LegOf("7.4101.1", "7.2101.1", 1)}).outcome,
            Outcome::kDebitNotAllowed);
  EXPECT_EQ(village.Refund(4, 2, 100).outcome, Outcome::kAccepted);
  EXPECT_EQ(village.Post(5, Purpose::kClosing, {LegOf("7.4101.1", "7.3301.0", 200)}).outcome,
            Outcome::kAccepted);
}

TEST(Posting, ChecksTheEvidenceAgainstTheCooperative) {
  Village village;
  village.evidence.branch = BranchId{3};
  EXPECT_EQ(village.Deposit(1, "7.2101.1", 10).outcome, Outcome::kBranchUnknown);
  village.evidence.branch = BranchId{1};
  village.evidence.terminal = TerminalId{9};
  EXPECT_EQ(village.Deposit(2, "7.2101.1", 10).outcome, Outcome::kTerminalUnknown);
  village.evidence.terminal = TerminalId{2};  // stands at branch 2
  EXPECT_EQ(village.Deposit(3, "7.2101.1", 10).outcome, Outcome::kTerminalUnknown);
  village.evidence.terminal = TerminalId{1};
  EXPECT_EQ(village.Deposit(4, "7.2101.1", 10).outcome, Outcome::kAccepted);
}

TEST(Posting, KeepsTheClosingBalanceOfADayWhenTheAccountIsTouchedOnALaterOne) {
  Village village;
  const Result deposit = village.Deposit(1, "7.2101.1", 1'000);
  village.books.state().TakeDailyBalances();
  village.books.Advance(3 * kDay);
  village.Post(2, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 300)});
  village.Post(3, Purpose::kPayment, {LegOf("7.2101.1", "7.4101.1", 300)});
  bool found = false;
  for (const DailyBalance& day : village.books.state().TakeDailyBalances()) {
    if (day.account != AccountOf("7.2101.1")) continue;
    EXPECT_FALSE(found) << "one a day";
    found = true;
    EXPECT_EQ(day.date, DateOf(kNoon, 420));
    EXPECT_EQ(day.credits_posted, Amount{1'000});
    EXPECT_EQ(day.debits_posted, Amount{0});
    EXPECT_EQ(day.sequence, deposit.sequence);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace lumbung
