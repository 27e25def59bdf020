#include "bench/postgres/payment_source.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/workload/seed.h"

namespace lumbung {
namespace {

constexpr Timestamp kNow{1'790'000'000'000'000'000};
constexpr int64_t kAccounts = 1'000;
constexpr int kDebit = 1;
constexpr int kCredit = 2;
constexpr int kAmount = 3;

int64_t Bigint(const PaymentSource& source, int column, size_t place) {
  uint64_t big_endian = 0;
  std::memcpy(&big_endian, source.parameters()[column].bytes + place, sizeof big_endian);
  return static_cast<int64_t>(__builtin_bswap64(big_endian));
}

TEST(PaymentSource, MovesMoneyBetweenTwoAccountsAndCreditsTheHotOneAsOftenAsAsked) {
  PaymentSource source({.accounts = kAccounts, .hot_percent = 70}, TestSeed());
  int hot = 0;
  for (int i = 0; i < 10'000; ++i) {
    const int64_t sum = source.Fill(kNow);
    ASSERT_EQ(source.parameters()[0].size, 16);
    ASSERT_EQ(Bigint(source, kAmount, 0), sum);
    const int64_t debit = Bigint(source, kDebit, 0);
    const int64_t credit = Bigint(source, kCredit, 0);
    ASSERT_NE(debit, credit);
    for (const int64_t account : {debit, credit}) {
      ASSERT_GE(account, 1);
      ASSERT_LE(account, kAccounts);
    }
    if (credit == kAccounts) ++hot;
  }
  EXPECT_NEAR(hot / 10'000.0, 0.70, 0.02);
}

TEST(PaymentSource, KeepsItsParametersWhenItMoves) {
  PaymentSource first({.accounts = kAccounts}, TestSeed());
  PaymentSource source = std::move(first);
  const int64_t sum = source.Fill(kNow);
  EXPECT_EQ(Bigint(source, kAmount, 0), sum);
}

TEST(PaymentSource, LaysOutABatchAsArraysWhoseAmountsAddUp) {
  constexpr uint32_t kBatch = 100;
  constexpr size_t kFirst = 24;  // after the array's header and the first value's size
  PaymentSource source({.accounts = kAccounts, .batch = kBatch}, TestSeed());
  const int64_t expected = source.Fill(kNow);
  int64_t sum = 0;
  for (uint32_t row = 0; row < kBatch; ++row) sum += Bigint(source, kAmount, kFirst + row * 12);
  EXPECT_EQ(sum, expected);
  EXPECT_EQ(source.parameters()[kAmount].size, 20 + kBatch * 12);
}

}  // namespace
}  // namespace lumbung
