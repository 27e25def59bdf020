#include "engine/posting_rule.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "engine/chart.h"
#include "tests/engine/core/seed.h"
#include "tests/engine/rules/books.h"

namespace lumbung {
namespace {

constexpr Policy kFree{.mdr_basis_points = 0};

Leg Requested(const char* debit, const char* credit, int64_t amount) {
  return {.debit = AccountOf(debit), .credit = AccountOf(credit), .amount = Amount{amount}};
}

// `1024.2101.55 > 1024.4101.3 100`.
std::string Text(const ExpandedLeg& leg) {
  std::string text = leg.leg.debit.ToString() + " > " + leg.leg.credit.ToString() + " " +
                     std::to_string(leg.leg.amount.value());
  if ((leg.flags & kFlagPart) != 0) text += " part";
  if ((leg.flags & kFlagClearing) != 0) text += " clearing";
  if ((leg.flags & kFlagFee) != 0) text += " fee";
  return text;
}

std::vector<std::string> Legs(Purpose purpose, const Leg& requested, const Policy& policy) {
  const Expansion expansion = Expand(purpose, requested, policy);
  std::vector<std::string> texts;
  for (size_t i = 0; i < expansion.count; ++i) {
    EXPECT_NE(expansion.legs[i].flags & kFlagByRule, 0);
    texts.push_back(Text(expansion.legs[i]));
  }
  return texts;
}

TEST(Chart, KnowsEachCodeOfTheDomain) {
  for (const int code : {1101, 1102, 1110, 1120, 1130, 1140, 1150, 1190, 2101, 2110, 2120, 2121,
                         2130, 2140, 2150, 2160, 2190, 2199, 2201, 3101, 3102, 3201, 3301, 4101,
                         4201, 4202, 4301, 4302, 5101, 5201, 5301, 5401, 5402, 5901, 5902}) {
    const ChartLine* line = FindChartLine(AccountCode{static_cast<uint16_t>(code)});
    ASSERT_NE(line, nullptr) << code;
    EXPECT_EQ(line->code.value(), code);
    EXPECT_FALSE(line->name.empty());
    EXPECT_FALSE(line->name_id.empty());
    EXPECT_EQ(static_cast<int>(line->account_class), code / 1000);
    EXPECT_EQ(line->normal_side,
              code / 1000 == 1 || code / 1000 == 5 ? Side::kDebit : Side::kCredit);
  }
  EXPECT_EQ(StandardChart().size(), 35u);
  EXPECT_EQ(FindChartLine(AccountCode{9999}), nullptr);
  EXPECT_EQ(FindChartLine(AccountCode{65535}), nullptr);
}

TEST(Chart, LimitsWalletsAndStoreCreditByDefault) {
  const Limits& wallet = FindChartLine(code::kWallet)->limits;
  EXPECT_EQ(wallet.floor, Amount{0});
  EXPECT_EQ(wallet.ceiling, Amount{2'000'000'000});
  EXPECT_EQ(FindChartLine(code::kStoreCredit)->limits.ceiling, Amount{200'000'000});
  EXPECT_EQ(FindChartLine(code::kSuspense)->limits, Limits{});
}

TEST(PostingRule, EveryKindHasLegsAndOnlyThose) {
  EXPECT_TRUE(LegAllowed(Purpose::kPayment, code::kWallet, code::kSales));
  EXPECT_FALSE(LegAllowed(Purpose::kPayment, code::kSales, code::kWallet));
  EXPECT_FALSE(LegAllowed(Purpose::kPayment, code::kTill, code::kSales));
  EXPECT_TRUE(LegAllowed(Purpose::kInstalment, code::kTill, code::kLateFees));
  for (uint32_t number = 1; number <= 30; ++number) {
    const Purpose purpose = static_cast<Purpose>(number);
    bool any = false;
    bool by_rule = false;
    for (const ChartLine& debit : StandardChart()) {
      for (const ChartLine& credit : StandardChart()) {
        any |= LegAllowed(purpose, debit.code, credit.code);
        by_rule |= PartiesAllowed(purpose, debit.code, credit.code);
        if (PartiesAllowed(purpose, debit.code, credit.code)) {
          EXPECT_TRUE(LegAllowed(purpose, debit.code, credit.code));
        }
      }
    }
    EXPECT_TRUE(any) << Name(purpose);
    EXPECT_EQ(by_rule, purpose != Purpose::kGeneral && purpose != Purpose::kClosing)
        << Name(purpose);
  }
}

TEST(PostingRule, ClosingMovesIncomeAndExpenseIntoTheResultOfTheYear) {
  EXPECT_TRUE(LegAllowed(Purpose::kClosing, code::kSales, code::kShuOfYear));
  EXPECT_TRUE(LegAllowed(Purpose::kClosing, code::kShuOfYear, code::kCostOfGoods));
  EXPECT_FALSE(LegAllowed(Purpose::kClosing, code::kShuOfYear, code::kWallet));
  EXPECT_FALSE(LegAllowed(Purpose::kClosing, code::kSales, code::kReserve));
}

TEST(PostingRule, APaymentWithoutChargesIsOneLeg) {
  EXPECT_EQ(Legs(Purpose::kPayment, Requested("7.2101.5", "7.4101.2", 32'000), kFree),
            std::vector<std::string>({"7.2101.5 > 7.4101.2 32000"}));
}

TEST(PostingRule, ASaleSplitsVatOutOfThePriceAndAddsThePlatformFee) {
  const Policy policy{.vat_basis_points = 1100, .platform_fee_basis_points = 50};
  EXPECT_EQ(
      Legs(Purpose::kPayment, Requested("7.2101.5", "7.4101.2", 111'000), policy),
      std::vector<std::string>({"7.2101.5 > 7.4101.2 100000", "7.2101.5 > 7.2120.0 11000 part",
                                "7.5201.0 > 7.2130.2 555 fee"}));
}

TEST(PostingRule, QrisPaysTheMerchantDiscountAboveTheFreeAmount) {
  const Policy policy{};  // 0.3 % above Rp500,000
  EXPECT_EQ(Legs(Purpose::kQrisSale, Requested("7.1120.0", "7.4101.2", 50'000'000), policy),
            std::vector<std::string>({"7.1120.0 > 7.4101.2 50000000"}));
  EXPECT_EQ(
      Legs(Purpose::kQrisSale, Requested("7.1120.0", "7.4101.2", 50'000'100), policy),
      std::vector<std::string>({"7.1120.0 > 7.4101.2 50000100", "7.5301.0 > 7.1120.0 150000 fee"}));
}

TEST(PostingRule, TheLegThatIsLeftAfterVatIsNeverEmpty) {
  const Policy policy{.vat_basis_points = 10'000, .mdr_basis_points = 0};
  EXPECT_EQ(Legs(Purpose::kPayment, Requested("7.2101.5", "7.4101.2", 1), policy),
            std::vector<std::string>({"7.2101.5 > 7.4101.2 1"}));
}

TEST(PostingRule, ATransferToAnotherCooperativeGoesThroughTheClearingAccounts) {
  const Policy policy{.transfer_fee = Amount{250}};
  EXPECT_EQ(Legs(Purpose::kTransfer, Requested("7.2101.5", "7.2101.6", 900), policy),
            std::vector<std::string>({"7.2101.5 > 7.2101.6 900", "7.2101.5 > 7.4301.0 250 fee"}));
  EXPECT_EQ(Legs(Purpose::kTransfer, Requested("7.2101.5", "8.2101.5", 900), policy),
            std::vector<std::string>({"7.2101.5 > 7.2190.0 900", "8.1190.0 > 8.2101.5 900 clearing",
                                      "7.2101.5 > 7.4301.0 250 fee"}));
}

TEST(BasisPoints, AreRoundedHalfUpWithoutOverflow) {
  EXPECT_EQ(BasisPoints(Amount{50}, 100), Amount{1});  // 0.5
  EXPECT_EQ(BasisPoints(Amount{49}, 100), Amount{0});  // 0.49
  EXPECT_EQ(BasisPoints(Amount{10'000}, 30), Amount{30});
  EXPECT_EQ(BasisPoints(kMaxAmount, 10'000), kMaxAmount);
}

TEST(Split, GivesWhatIsLeftToTheLargestRemainders) {
  const std::vector<Amount> weights = {Amount{1}, Amount{1}, Amount{1}};
  std::vector<Amount> parts(3);
  Split(Amount{100}, weights, parts);
  EXPECT_EQ(parts, std::vector<Amount>({Amount{34}, Amount{33}, Amount{33}}));
  const std::vector<Amount> uneven = {Amount{4'700}, Amount{1'600}, Amount{3'700}};
  Split(Amount{10}, uneven, parts);
  EXPECT_EQ(parts, std::vector<Amount>({Amount{5}, Amount{1}, Amount{4}}));
}

TEST(Split, AddsUpExactlyAndStaysWithinOneUnitOfProportion) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 20'000; ++round) {
    const size_t count = 1 + random() % 8;
    std::vector<Amount> weights(count);
    __int128 sum = 0;
    for (Amount& weight : weights) {
      const int bits = static_cast<int>(random() % 58);
      weight = Amount{static_cast<int64_t>(random() % (uint64_t{1} << bits))};
      sum += weight.value();
    }
    if (sum == 0) continue;
    const Amount total{static_cast<int64_t>(random() >> (1 + random() % 60))};
    std::vector<Amount> parts(count);
    Split(total, weights, parts);
    int64_t added = 0;
    for (size_t i = 0; i < count; ++i) {
      added += parts[i].value();
      const __int128 exact = static_cast<__int128>(total.value()) * weights[i].value();
      const __int128 off = static_cast<__int128>(parts[i].value()) * sum - exact;
      EXPECT_LT(off < 0 ? -off : off, sum);
    }
    EXPECT_EQ(added, total.value());
  }
}

}  // namespace
}  // namespace lumbung
