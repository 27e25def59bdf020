#include "bench/workload/opening.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "bench/workload/amount_draw.h"
#include "bench/workload/build_transaction.h"
#include "bench/workload/expected_books.h"
#include "engine/chart.h"

namespace lumbung {
namespace {

TEST(Opening, IsTheSameEachTimeWithAnIdOfItsOwnForEachTransaction) {
  const CooperativePlan plan = KlatenRegion(1).front();
  const std::vector<v1::Transaction> once = OpeningTransactions(plan);
  const std::vector<v1::Transaction> again = OpeningTransactions(plan);
  ASSERT_EQ(once.size(), again.size());
  std::set<TransactionId> ids;
  for (size_t i = 0; i < once.size(); ++i) {
    EXPECT_EQ(once[i].SerializeAsString(), again[i].SerializeAsString());
    EXPECT_TRUE(ids.insert(IdOf(once[i].id())).second);
  }
}

TEST(Opening, GivesEachMemberOfBentanganSavingsAroundTheMedian) {
  const CooperativePlan plan = KlatenRegion(1).front();
  std::vector<int64_t> savings;
  for (const v1::Transaction& transaction : OpeningTransactions(plan)) {
    for (const v1::Leg& leg : transaction.further_legs()) {
      if (AccountId{leg.credit_account()}.code() == code::kWallet) savings.push_back(leg.amount());
    }
  }
  ASSERT_EQ(savings.size(), 1190u);
  std::sort(savings.begin(), savings.end());
  EXPECT_NEAR(static_cast<double>(savings[savings.size() / 2]), Rupiah(150'000).value(),
              0.15 * Rupiah(150'000).value());
}

TEST(Opening, NeverTakesMoreCashOrBankMoneyThanThereIs) {
  for (const CooperativePlan& plan : KlatenRegion(kMaxCooperatives)) {
    ExpectedBooks books({plan});
    const auto move = [&](uint64_t debit, uint64_t credit, int64_t amount) {
      books.Move(Amount{amount}, AccountId{debit}, AccountId{credit});
      ASSERT_GE(books.Of(plan.Own(code::kBank)).value(), 0) << plan.name;
      ASSERT_GE(books.Of(plan.Own(code::kMainCash)).value(), 0) << plan.name;
    };
    for (const v1::Transaction& transaction : OpeningTransactions(plan)) {
      move(transaction.debit_account(), transaction.credit_account(), transaction.amount());
      for (const v1::Leg& leg : transaction.further_legs()) {
        move(leg.debit_account(), leg.credit_account(), leg.amount());
      }
    }
  }
}

}  // namespace
}  // namespace lumbung
