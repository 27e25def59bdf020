#include "bench/load/row_source.h"

#include <gtest/gtest.h>

#include "bench/workload/build_transaction.h"
#include "tests/workload/seed.h"

namespace lumbung {
namespace {

constexpr Timestamp kNow{1'790'000'000'000'000'000};
constexpr uint32_t kAccounts = 10;

TEST(RowSource, MovesMoneyBetweenTwoOfItsAccountsOnly) {
  const AccountId first = *AccountId::Parse("9.2101.1");
  RowSource source({.first_account = first, .accounts = kAccounts}, TestSeed());
  v1::Transaction row;
  RowSource::Prepare(row);
  for (int i = 0; i < 10'000; ++i) {
    const int64_t amount = source.Fill(kNow, row);
    ASSERT_EQ(row.amount(), amount);
    ASSERT_GT(amount, 0);
    ASSERT_NE(row.debit_account(), row.credit_account());
    for (const uint64_t account : {row.debit_account(), row.credit_account()}) {
      ASSERT_GE(account, first.value());
      ASSERT_LT(account, first.value() + kAccounts);
    }
    ASSERT_TRUE(IdOf(row.id()).IsWellFormed());
  }
}

TEST(RowSource, CreditsTheHotAccountAsOftenAsAsked) {
  const AccountId first = *AccountId::Parse("9.2101.1");
  RowSource source({.first_account = first, .accounts = 1'000, .hot_percent = 70}, TestSeed());
  v1::Transaction row;
  RowSource::Prepare(row);
  int hot = 0;
  for (int i = 0; i < 10'000; ++i) {
    source.Fill(kNow, row);
    if (row.credit_account() == first.value()) ++hot;
  }
  EXPECT_NEAR(hot / 10'000.0, 0.70, 0.02);
}

}  // namespace
}  // namespace lumbung
