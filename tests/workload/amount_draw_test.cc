#include "bench/workload/amount_draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/workload/seed.h"

namespace lumbung {
namespace {

std::vector<int64_t> Drawn(Amount (*draw)(Random&), Random& random) {
  std::vector<int64_t> amounts;
  for (int i = 0; i < 40'000; ++i) amounts.push_back(draw(random).value());
  std::sort(amounts.begin(), amounts.end());
  return amounts;
}

TEST(AmountDraw, PaymentsAreLognormalAroundTheirMedianAndKeepTheirBounds) {
  Random random(TestSeed());
  const std::vector<int64_t> amounts = Drawn(DrawPayment, random);
  EXPECT_NEAR(static_cast<double>(amounts[amounts.size() / 2]), Rupiah(32'000).value(),
              0.05 * Rupiah(32'000).value());
  // One deviation above the median is e^0.9 of it.
  const int64_t one_up = amounts[amounts.size() * 8413 / 10'000];
  EXPECT_NEAR(static_cast<double>(one_up), 2.46 * Rupiah(32'000).value(),
              0.08 * 2.46 * Rupiah(32'000).value());
  EXPECT_GE(amounts.front(), Rupiah(500).value());
  EXPECT_LE(amounts.back(), Rupiah(5'000'000).value());
}

TEST(AmountDraw, MostPaymentsAreInStepsOf500Rupiah) {
  Random random(TestSeed());
  const std::vector<int64_t> amounts = Drawn(DrawPayment, random);
  const auto rounded = std::count_if(amounts.begin(), amounts.end(), [](int64_t amount) {
    return amount % Rupiah(500).value() == 0;
  });
  EXPECT_NEAR(static_cast<double>(rounded) / static_cast<double>(amounts.size()), 0.70, 0.02);
}

TEST(AmountDraw, EveryAmountIsWholeRupiahAndPositive) {
  Random random(TestSeed());
  for (const auto draw :
       {DrawPayment, DrawTransfer, DrawTopUp, DrawDeposit, DrawWithdrawal, DrawDues, DrawBill,
        DrawPayout, DrawLoan, DrawPrincipal, DrawOpeningSavings}) {
    for (int i = 0; i < 2'000; ++i) {
      const Amount amount = draw(random);
      ASSERT_GT(amount.value(), 0);
      ASSERT_EQ(amount.value() % kSenPerRupiah, 0);
    }
  }
}

TEST(AmountDraw, WithdrawalsAreMultiplesOf50000) {
  Random random(TestSeed());
  for (int i = 0; i < 2'000; ++i) {
    ASSERT_EQ(DrawWithdrawal(random).value() % Rupiah(50'000).value(), 0);
  }
}

TEST(AmountDraw, TopUpsHaveTheirSharesOfTheUsualDenominations) {
  Random random(TestSeed());
  const std::vector<int64_t> amounts = Drawn(DrawTopUp, random);
  const auto share = [&](int64_t rupiah) {
    return static_cast<double>(std::count(amounts.begin(), amounts.end(), Rupiah(rupiah).value())) /
           static_cast<double>(amounts.size());
  };
  EXPECT_NEAR(share(20'000), 0.15, 0.01);
  EXPECT_NEAR(share(50'000), 0.30, 0.01);
  EXPECT_NEAR(share(100'000), 0.30, 0.01);
  EXPECT_NEAR(share(1'000'000), 0.03, 0.005);
}

}  // namespace
}  // namespace lumbung
