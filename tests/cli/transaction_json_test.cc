#include "api/cli/transaction_json.h"

#include <gtest/gtest.h>

#include "api/cli/format.h"

namespace lumbung::cli {
namespace {

constexpr char kId[] = R"("id":"01935d1c-8a00-7000-8000-000000000001")";

std::string Line(const std::string& rest) { return std::string("{") + kId + rest + "}"; }

TEST(TransactionJson, ReadsEveryField) {
  const auto transaction = ReadTransaction(Line(
      R"(,"step":"POST","kind":"payment","debit_account":"1024/55","credit_account":"1024.4101.2",
      "amount":2500000,"further_legs":[{"debit_account":"1024.5201.0",
      "credit_account":"1024.2130.2","amount":500}],"by_rule":false,
      "related_id":"01935d1c-8a00-7000-8000-000000000002","hold_seconds":900,"reference":42,
      "text":"bon 42","evidence":{"branch":2,"terminal":7,"operator_id":3,
      "device_time_s":1795435200,"terminal_sequence":9})"));
  ASSERT_TRUE(transaction.ok()) << std::string(transaction.status().message());
  EXPECT_EQ(FormatId(transaction->id()), "01935d1c-8a00-7000-8000-000000000001");
  EXPECT_EQ(transaction->step(), v1::STEP_POST);
  EXPECT_EQ(transaction->kind(), v1::KIND_PAYMENT);
  EXPECT_EQ(FormatAccount(transaction->debit_account()), "1024.2101.55");
  EXPECT_EQ(FormatAccount(transaction->credit_account()), "1024.4101.2");
  EXPECT_EQ(transaction->amount(), 2'500'000);
  ASSERT_EQ(transaction->further_legs_size(), 1);
  EXPECT_EQ(transaction->further_legs(0).amount(), 500);
  EXPECT_EQ(FormatId(transaction->related_id()), "01935d1c-8a00-7000-8000-000000000002");
  EXPECT_EQ(transaction->hold_seconds(), 900u);
  EXPECT_EQ(transaction->reference(), 42u);
  EXPECT_EQ(transaction->text(), "bon 42");
  EXPECT_EQ(transaction->evidence().terminal_sequence(), 9u);
}

TEST(TransactionJson, RefusesALineWithoutAnId) {
  EXPECT_FALSE(ReadTransaction(R"({"kind":"PAYMENT"})").ok());
}

TEST(TransactionJson, RefusesWhatItWouldHaveToGuess) {
  for (const char* rest :
       {R"(,"ammount":5)", R"(,"amount":1.5)", R"(,"amount":"25.000")", R"(,"amount":1e3)",
        R"(,"amount":9223372036854775808)", R"(,"hold_seconds":-1)",
        R"(,"hold_seconds":4294967296)", R"(,"kind":2)", R"(,"debit_account":1)",
        R"(,"by_rule":"yes")", R"(,"evidence":[])", R"(,"evidence":{"till":1})",
        R"(,"further_legs":{})", R"(,"further_legs":[1])", R"(,"further_legs":[{"fee":1}])",
        R"(,"reference":-1)", R"(,"amount":5,"amount":6)"}) {
    EXPECT_FALSE(ReadTransaction(Line(rest)).ok()) << rest;
  }
}

TEST(TransactionJson, RefusesWhatIsNotAnObject) {
  for (const char* line : {"", "null", "[]", "7", "{", "{}x", "\xFF"}) {
    EXPECT_FALSE(ReadTransaction(line).ok()) << line;
  }
}

TEST(TransactionJson, PassesOnWhatTheServerShouldJudge) {
  EXPECT_EQ(ReadTransaction(Line(R"(,"amount":-5)"))->amount(), -5);
  EXPECT_EQ(ReadTransaction(Line(R"(,"amount":0)"))->amount(), 0);
}

}  // namespace
}  // namespace lumbung::cli
