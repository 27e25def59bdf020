#include "engine/facts.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/chart.h"
#include "tests/engine/rules/village.h"

namespace lumbung {
namespace {

TEST(Facts, ACooperativeABranchAndATerminalComeWithTheirAccounts) {
  Books books;
  OpenVillage(books, 7, 0);
  for (const ChartLine& line : StandardChart()) {
    uint32_t holder = 0;
    switch (line.holder) {
      case HolderKind::kCooperative:
        break;
      case HolderKind::kBranch:
      case HolderKind::kTerminal:
        holder = 2;
        break;
      case HolderKind::kMember:
      case HolderKind::kLoan:
        continue;
    }
    const Account* account = books.state().FindAccount(AccountId::From(
        {.cooperative = CooperativeId{7}, .code = line.code, .holder = HolderNumber{holder}}));
    ASSERT_NE(account, nullptr) << line.name;
    EXPECT_EQ(account->normal_side, line.normal_side);
    EXPECT_EQ(account->ceiling, line.limits.ceiling);
    EXPECT_EQ(account->zone_minutes, 420);
  }
}

TEST(Facts, AreRepeatableAndRecordNothingTheSecondTime) {
  Books books;
  OpenVillage(books, 7, 1);
  const Sequence next = books.next();
  OpenVillage(books, 7, 1);
  EXPECT_EQ(books.next(), next);
  const Result again = books.Apply(
      OpenBranch{.cooperative = CooperativeId{7}, .branch = BranchId{1}, .name = "Sembako"});
  EXPECT_EQ(again.outcome, Outcome::kAccepted);
  EXPECT_EQ(again.sequence, kNoSequence);
}

TEST(Facts, WithOtherContentAreAConflict) {
  Books books;
  OpenVillage(books, 7, 1);
  const CooperativeId cooperative{7};
  const auto outcome = [&](const Command& command) { return books.Apply(command).outcome; };
  EXPECT_EQ(outcome(OpenCooperative{.cooperative = cooperative, .policy = {}, .name = "Ngawen"}),
            Outcome::kIdConflict);
  EXPECT_EQ(outcome(OpenBranch{.cooperative = cooperative, .branch = BranchId{1}, .name = "LPG"}),
            Outcome::kIdConflict);
  EXPECT_EQ(outcome(OpenTerminal{.cooperative = cooperative,
                                 .branch = BranchId{2},
                                 .terminal = TerminalId{1},
                                 .name = "Kasir"}),
            Outcome::kIdConflict);
  EXPECT_EQ(outcome(OpenAccount{
                .account = AccountOf("7.2101.1"), .asset = AssetCode{840}, .limits = std::nullopt}),
            Outcome::kIdConflict);
}

TEST(Facts, ACooperativeIsOpenedAgainWithoutItsPolicyThoughThatWasSetSince) {
  Books books;
  OpenVillage(books, 7, 1);
  const CooperativeId cooperative{7};
  const Policy policy{.vat_basis_points = 1100};
  ASSERT_EQ(books.Apply(SetPolicy{.cooperative = cooperative, .policy = policy}).outcome,
            Outcome::kAccepted);
  const auto open = [&](std::optional<Policy> told) {
    return books.Apply(
        OpenCooperative{.cooperative = cooperative, .policy = told, .name = "Bentangan"});
  };
  const Result again = open(std::nullopt);
  EXPECT_EQ(again.outcome, Outcome::kAccepted);
  EXPECT_EQ(again.sequence, kNoSequence);
  EXPECT_EQ(open(policy).outcome, Outcome::kAccepted);
  EXPECT_EQ(open(Policy{}).outcome, Outcome::kIdConflict);
  EXPECT_EQ(books.state().FindCooperative(cooperative)->policy, policy);
}

TEST(Facts, NeedWhatTheyBelongTo) {
  Books books;
  OpenVillage(books, 7, 1);
  const auto outcome = [&](const Command& command) { return books.Apply(command).outcome; };
  EXPECT_EQ(
      outcome(OpenBranch{.cooperative = CooperativeId{9}, .branch = BranchId{1}, .name = "x"}),
      Outcome::kCooperativeUnknown);
  EXPECT_EQ(outcome(OpenTerminal{.cooperative = CooperativeId{7},
                                 .branch = BranchId{9},
                                 .terminal = TerminalId{1},
                                 .name = "x"}),
            Outcome::kBranchUnknown);
  EXPECT_EQ(outcome(OpenAccount{.account = AccountOf("9.2101.1"), .limits = std::nullopt}),
            Outcome::kCooperativeUnknown);
  EXPECT_EQ(outcome(OpenAccount{.account = AccountOf("7.4101.9"), .limits = std::nullopt}),
            Outcome::kBranchUnknown);
  EXPECT_EQ(outcome(OpenAccount{.account = AccountOf("7.1102.9"), .limits = std::nullopt}),
            Outcome::kTerminalUnknown);
  EXPECT_EQ(outcome(SetLimits{.account = AccountOf("7.2101.9"), .limits = {}}),
            Outcome::kDebitAccountUnknown);
}

TEST(Facts, AnAccountKnowsTheEntryThatOpenedIt) {
  Village village;
  village.Deposit(1, "7.2101.1", 10);
  for (const Account& account :
       village.books.state().ListAccounts(CooperativeId{7}, AccountId{}, 1'000)) {
    ASSERT_NE(account.opened_sequence, kNoSequence);
    const Entry entry = village.books.Read(account.opened_sequence)[0];
    EXPECT_EQ(entry.kind, EntryKind::Of(Fact::kAccountOpened));
    EXPECT_EQ(entry.debit_account, account.id);
  }
}

TEST(Facts, AnAccountIsClosedOnlyEmptyAndThenForGood) {
  Village village;
  village.Deposit(1, "7.2101.1", 10);
  const AccountId account = AccountOf("7.2101.1");
  const auto set = [&](AccountStatus status) {
    return village.books.Apply(SetStatus{.account = account, .status = status}).outcome;
  };
  EXPECT_EQ(set(AccountStatus::kClosed), Outcome::kAccountNotEmpty);
  village.Post(2, Purpose::kWithdrawal, {LegOf("7.2101.1", "7.1102.1", 10)});
  EXPECT_EQ(set(AccountStatus::kClosed), Outcome::kAccepted);
  EXPECT_EQ(set(AccountStatus::kClosed), Outcome::kAccepted);
  EXPECT_EQ(set(AccountStatus::kOpen), Outcome::kDebitAccountClosed);
}

TEST(Facts, AnAccountsFactsStandInItsChain) {
  Village village;
  const Result deposit = village.Deposit(1, "7.2101.1", 10);
  const Result limits =
      village.books.Apply(SetLimits{.account = AccountOf("7.2101.1"), .limits = {}});
  const Entry entry = village.books.Read(limits.sequence)[0];
  EXPECT_EQ(entry.debit_previous, deposit.sequence);
  EXPECT_EQ(entry.debit_balance, Amount{10});
  EXPECT_EQ(village.books.state().FindAccount(AccountOf("7.2101.1"))->last_sequence,
            limits.sequence);
}

TEST(Facts, APolicyCountsFromTheNextTransactionOn) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  Policy policy = Village::FreePolicy();
  policy.transfer_fee = Amount{10};
  village.books.Apply(SetPolicy{.cooperative = CooperativeId{7}, .policy = policy});
  village.PostByRule(2, Purpose::kTransfer, LegOf("7.2101.1", "7.2101.2", 100));
  EXPECT_EQ(village.Balance("7.2101.1"), 890);
}

TEST(State, ListsTheAccountsOfOneCooperativeInOrderPageByPage) {
  Books books;
  OpenVillage(books, 8, 3);
  OpenVillage(books, 7, 3);
  std::vector<AccountId> found;
  AccountId after;
  while (true) {
    const std::vector<Account> page = books.state().ListAccounts(CooperativeId{7}, after, 4);
    if (page.empty()) break;
    for (const Account& account : page) found.push_back(account.id);
    after = page.back().id;
  }
  EXPECT_EQ(found.size(), books.state().account_count() / 2);
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
  // One that is opened later is found too.
  books.Apply(OpenAccount{.account = AccountOf("7.2101.2000"), .limits = std::nullopt});
  EXPECT_EQ(books.state().ListAccounts(CooperativeId{7}, {}, 1'000).size(), found.size() + 1);
  EXPECT_TRUE(books.state().ListAccounts(CooperativeId{9}, {}, 10).empty());
}

}  // namespace
}  // namespace lumbung
