#include "bench/load/row_source.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "bench/load/load_target.h"
#include "bench/workload/build_transaction.h"
#include "engine/chart.h"
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

// Posts rows of the mix as a server without a policy does, each as often as `times` says, and says
// whether the sums show what the rows say that they post.
bool AddsUp(Mix mix, const std::function<int(int row, const v1::Transaction&)>& times) {
  RowSource source({.first_account = *AccountId::Parse("9.2101.1"), .accounts = 20, .mix = mix},
                   TestSeed());
  v1::Transaction row;
  RowSource::Prepare(row);
  std::map<TransactionId, v1::Transaction> earlier;
  const LoadTarget::Sums before;
  LoadTarget::Sums after;
  __int128 amount = 0;
  for (int number = 0; number < 3'000; ++number) {
    amount += source.Fill(kNow, row);
    earlier[IdOf(row.id())] = row;
    if (row.step() == v1::STEP_HOLD) continue;
    const bool back = row.step() == v1::STEP_REFUND;
    const v1::Transaction& legs = row.has_related_id() ? earlier[IdOf(row.related_id())] : row;
    const __int128 moved = __int128{row.amount()} * times(number, row);
    const auto move = [&](uint64_t account, __int128 by) {
      if (AccountId{account}.code() == code::kWallet) after.balances += by;
    };
    move(back ? legs.credit_account() : legs.debit_account(), -moved);
    move(back ? legs.debit_account() : legs.credit_account(), moved);
    after.credits += moved;
  }
  return LoadTarget::LiesBetween(mix, amount, before, after);
}

TEST(RowSource, SaysWhatEachRowPostsSoThatNoneCanBeLostOrDoubled) {
  for (const Mix mix : {Mix::kTransfer, Mix::kHolds, Mix::kWorkload}) {
    EXPECT_TRUE(AddsUp(mix, [](int, const v1::Transaction&) { return 1; }));
  }
  for (const v1::Kind kind :
       {v1::KIND_PAYMENT, v1::KIND_CASH_SALE, v1::KIND_QRIS_SALE, v1::KIND_TRANSFER,
        v1::KIND_TOP_UP, v1::KIND_DEPOSIT_SUKARELA, v1::KIND_WITHDRAWAL, v1::KIND_DUES,
        v1::KIND_BILL_PAYMENT, v1::KIND_UNSPECIFIED}) {  // the last are captures and refunds
    for (const int times : {0, 2}) {
      int wrong = 0;
      const auto one_is_wrong = [&](int, const v1::Transaction& row) {
        return row.kind() == kind && wrong++ == 0 ? times : 1;
      };
      EXPECT_FALSE(AddsUp(Mix::kWorkload, one_is_wrong)) << kind << " " << times;
      EXPECT_GT(wrong, 0) << kind;
    }
  }
}

TEST(RowSource, BooksThatDoNotBalanceDoNotAddUp) {
  EXPECT_FALSE(
      LoadTarget::LiesBetween(Mix::kWorkload, 5, {}, {.credits = 5, .debits_less_credits = 1}));
  EXPECT_FALSE(LoadTarget::LiesBetween(Mix::kTransfer, 5, {}, {.balances = 1, .credits = 5}));
  EXPECT_TRUE(LoadTarget::LiesBetween(Mix::kWorkload, 5, {}, {.balances = 1, .credits = 5}));
}

}  // namespace
}  // namespace lumbung
