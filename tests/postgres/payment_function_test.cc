// The functions of bench/postgres/schema.cc against a PostgreSQL of their own.
#include <gtest/gtest.h>

#include <filesystem>

#include <fmt/format.h>

#include "bench/postgres/payment_loop.h"
#include "bench/postgres/postgres_server.h"
#include "bench/postgres/schema.h"
#include "bench/workload/random.h"
#include "engine/outcome.h"
#include "tests/workload/seed.h"

namespace lumbung {
namespace {

struct Payment {
  int id = 0;
  int64_t debit = 0;
  int64_t credit = 0;
  int64_t amount = 0;
};

std::string IdText(int id) { return fmt::format("'00000000-0000-7000-8000-{:012}'::uuid", id); }

int Number(Outcome outcome) { return static_cast<int>(outcome); }

class PaymentFunction : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!PostgresServer::Installed()) return;
    auto started = PostgresServer::Start(std::filesystem::temp_directory_path().string(), 16);
    ASSERT_TRUE(started.ok()) << started.status().message();
    server_ = *std::move(started);
    auto session = PostgresSession::Connect(server_->socket_folder());
    ASSERT_TRUE(session.ok()) << session.status().message();
    session_ = std::make_unique<PostgresSession>(*std::move(session));
    Run(kPostgresSchema);
  }
  static void TearDownTestSuite() {
    session_.reset();
    server_.reset();
  }

  void SetUp() override {
    if (!PostgresServer::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    ASSERT_NE(session_, nullptr);
    Reset(10);
  }

  static void Run(const std::string& sql) {
    const absl::Status status = session_->Run(sql);
    ASSERT_TRUE(status.ok()) << status.message();
  }
  static std::string One(const std::string& sql) {
    const auto row = session_->Row(sql);
    return row.ok() ? row->front() : std::string(row.status().message());
  }
  // Accounts 1 … `count` with a balance of 0 and no limits.
  static void Reset(int count) {
    Run("TRUNCATE accounts, payments");
    Run(OpenAccountsSql(static_cast<uint32_t>(count)));
  }
  static std::string Pay(const Payment& payment) {
    return One(fmt::format("SELECT pay({}, {}, {}, {})", IdText(payment.id), payment.debit,
                           payment.credit, payment.amount));
  }
  // The outcomes as PostgreSQL writes an array: {1,231}.
  static std::string PayBatch(const std::vector<Payment>& payments) {
    std::string ids, debits, credits, amounts;
    for (const Payment& payment : payments) {
      const char* const comma = ids.empty() ? "" : ", ";
      ids += comma + IdText(payment.id);
      debits += fmt::format("{}{}", comma, payment.debit);
      credits += fmt::format("{}{}", comma, payment.credit);
      amounts += fmt::format("{}{}", comma, payment.amount);
    }
    return One(
        fmt::format("SELECT pay_batch(ARRAY[{}], ARRAY[{}]::bigint[], ARRAY[{}]::bigint[], "
                    "ARRAY[{}]::bigint[])",
                    ids, debits, credits, amounts));
  }
  static std::string Balance(int64_t account) {
    return One(fmt::format("SELECT balance FROM accounts WHERE id = {}", account));
  }
  static std::string Recorded() { return One("SELECT count(*) FROM payments"); }
  // All of it, to compare two ways to the same books.
  static std::string Books() {
    return One("SELECT string_agg(a::text, ';' ORDER BY id) FROM accounts AS a") + " / " +
           One("SELECT string_agg(concat_ws(',', id, debit_account, credit_account, amount, "
               "outcome), ';' ORDER BY id) FROM payments");
  }
  static void ExpectRightBooks() {
    const auto sums = session_->Row(kPostgresSums);
    ASSERT_TRUE(sums.ok());
    EXPECT_EQ((*sums)[0], "0") << "accounts that differ from their payments";
    EXPECT_EQ((*sums)[1], "0") << "the sum of all balances";
  }

  static inline std::unique_ptr<PostgresServer> server_;
  static inline std::unique_ptr<PostgresSession> session_;
};

TEST_F(PaymentFunction, MovesTheAmountFromDebitToCredit) {
  EXPECT_EQ(Pay({.id = 1, .debit = 2, .credit = 1, .amount = 70}), "1");
  EXPECT_EQ(Pay({.id = 2, .debit = 1, .credit = 3, .amount = 30}), "1");
  EXPECT_EQ(Balance(1), "40");
  EXPECT_EQ(Balance(2), "-70");
  EXPECT_EQ(Balance(3), "30");
  ExpectRightBooks();
}

TEST_F(PaymentFunction, AnswersARepeatAsBeforeAndRefusesAnIdWithOtherContent) {
  const Payment first = {.id = 1, .debit = 1, .credit = 2, .amount = 70};
  Payment other = first;
  other.amount = 71;
  EXPECT_EQ(Pay(first), "1");
  EXPECT_EQ(Pay(first), "-1");
  EXPECT_EQ(Pay(other), fmt::format("{}", Number(Outcome::kIdConflict)));
  EXPECT_EQ(PayBatch({first, other, {.id = 2, .debit = 1, .credit = 2, .amount = 5}}),
            "{-1,190,1}");
  EXPECT_EQ(Balance(2), "75");
  EXPECT_EQ(Recorded(), "2");
}

TEST_F(PaymentFunction, DeclinesInLumbungsOrderRecordsItAndMovesNothing) {
  struct Row {
    const char* state;  // of accounts 1 (debit) and 2 (credit); each row leaves out its first fault
    Outcome outcome;
  };
  constexpr const char* kAccounts =
      "SELECT string_agg(a::text, ';' ORDER BY id) FROM accounts AS a";
  const Row rows[] = {
      {"DELETE FROM accounts WHERE id IN (1, 2)", Outcome::kDebitAccountUnknown},
      {"UPDATE accounts SET status = 2 WHERE id = 1; DELETE FROM accounts WHERE id = 2",
       Outcome::kCreditAccountUnknown},
      {"UPDATE accounts SET status = 2 WHERE id IN (1, 2)", Outcome::kDebitAccountClosed},
      {"UPDATE accounts SET status = id WHERE id IN (1, 2)", Outcome::kCreditAccountClosed},
      {"UPDATE accounts SET status = 1, transaction_limit = 9", Outcome::kDebitAccountFrozen},
      {"UPDATE accounts SET status = id - 1, transaction_limit = 9 WHERE id IN (1, 2);"
       "UPDATE accounts SET status = 1 WHERE id = 2",
       Outcome::kCreditAccountFrozen},
      {"UPDATE accounts SET transaction_limit = 9, day_limit = 9", Outcome::kTransactionLimit},
      {"UPDATE accounts SET day_limit = 15, spent = 6, spent_day = business_day(), floor = 0",
       Outcome::kDailyLimit},
      {"UPDATE accounts SET floor = -9, ceiling = 9", Outcome::kInsufficientFunds},
      {"UPDATE accounts SET ceiling = 9", Outcome::kBalanceCeiling}};
  for (const Row& row : rows) {
    for (const bool in_a_batch : {false, true}) {
      Reset(2);
      Run(row.state);
      const Payment payment = {.id = 1, .debit = 1, .credit = 2, .amount = 10};
      const std::string before = One(kAccounts);
      const std::string expected = fmt::format("{}", Number(row.outcome));
      if (in_a_batch) {
        EXPECT_EQ(PayBatch({payment}), "{" + expected + "}") << row.state;
      } else {
        EXPECT_EQ(Pay(payment), expected) << row.state;
      }
      EXPECT_EQ(Pay(payment), "-" + expected) << row.state;
      EXPECT_EQ(One("SELECT outcome FROM payments"), expected);
      EXPECT_EQ(One(kAccounts), before) << row.state;
    }
  }
}

TEST_F(PaymentFunction, RecordsNothingOfWhatIsMalformed) {
  const Payment same = {.id = 1, .debit = 1, .credit = 1, .amount = 5};
  const Payment none = {.id = 2, .debit = 1, .credit = 2, .amount = 0};
  EXPECT_EQ(Pay(same), fmt::format("{}", Number(Outcome::kSameAccount)));
  EXPECT_EQ(Pay(none), fmt::format("{}", Number(Outcome::kAmountNotPositive)));
  EXPECT_EQ(PayBatch({same, none}), "{108,109}");
  EXPECT_EQ(Recorded(), "0");
}

TEST_F(PaymentFunction, CountsALimitADayFromZeroOnAnotherDay) {
  Run("UPDATE accounts SET day_limit = 100, spent = 95, spent_day = business_day() - 1");
  EXPECT_EQ(Pay({.id = 1, .debit = 1, .credit = 2, .amount = 60}), "1");
  EXPECT_EQ(PayBatch({{.id = 2, .debit = 1, .credit = 2, .amount = 41},
                      {.id = 3, .debit = 1, .credit = 2, .amount = 40}}),
            "{229,1}");
  EXPECT_EQ(Balance(2), "100");
}

TEST_F(PaymentFunction, LetsALaterPaymentOfABatchSpendWhatAnEarlierOneBrought) {
  Run("UPDATE accounts SET floor = 0 WHERE id > 1");
  EXPECT_EQ(PayBatch({{.id = 1, .debit = 2, .credit = 3, .amount = 10},
                      {.id = 2, .debit = 1, .credit = 2, .amount = 10},
                      {.id = 3, .debit = 2, .credit = 3, .amount = 10}}),
            "{231,1,1}");
  ExpectRightBooks();
}

// One by one is the oracle of the batch.
TEST_F(PaymentFunction, DecidesABatchAsItWouldDecideItsPaymentsOneByOne) {
  Random random(TestSeed());
  constexpr const char* kState =
      "UPDATE accounts SET floor = -60 * (id % 3), ceiling = 400, transaction_limit = 90,"
      " status = CASE id WHEN 6 THEN 1 WHEN 7 THEN 2 ELSE 0 END,"
      " day_limit = CASE id % 4 WHEN 0 THEN 150 END";
  for (int round = 0; round < 20; ++round) {
    std::vector<Payment> payments;
    for (int i = 0; i < 60; ++i) {
      if (random.Chance(1'000) && i > 0) {
        payments.push_back(payments[random.Below(payments.size())]);
        if (random.Chance(3'000)) ++payments.back().amount;
        continue;
      }
      payments.push_back({.id = i,
                          .debit = static_cast<int64_t>(1 + random.Below(11)),
                          .credit = static_cast<int64_t>(1 + random.Below(11)),
                          .amount = static_cast<int64_t>(random.Below(100))});
    }
    Reset(10);
    Run(kState);
    std::string expected;
    for (const Payment& payment : payments) {
      expected += (expected.empty() ? "" : ",") + Pay(payment);
    }
    const std::string books = Books();
    Reset(10);
    Run(kState);
    ASSERT_EQ(PayBatch(payments), "{" + expected + "}") << "round " << round;
    ASSERT_EQ(Books(), books) << "round " << round;
    ExpectRightBooks();
  }
}

TEST_F(PaymentFunction, NeverDeadlocksBetweenSessionsOnTheSameFewAccounts) {
  for (const uint32_t batch : {1U, 50U}) {
    Reset(4);
    auto loop = PaymentLoop::Make({.socket_folder = server_->socket_folder(),
                                   .sessions = 12,
                                   .plan = {.accounts = 4, .hot_percent = 30, .batch = batch},
                                   .seed = TestSeed()});
    ASSERT_TRUE(loop.ok()) << loop.status().message();
    const auto result = loop->Run(3'000);
    ASSERT_TRUE(result.ok()) << result.status().message();
    EXPECT_EQ(result->accepted, 3'000U);
    EXPECT_EQ(result->wrong, 0U);
    EXPECT_EQ(One("SELECT sum(amount) FROM payments"),
              fmt::format("{}", static_cast<int64_t>(result->amount)));
    ExpectRightBooks();
  }
}

TEST_F(PaymentFunction, TheCheckOfTheBooksSeesASenThatIsMissing) {
  EXPECT_EQ(Pay({.id = 1, .debit = 1, .credit = 2, .amount = 10}), "1");
  Run("UPDATE accounts SET balance = balance - 1 WHERE id = 2");
  const auto sums = session_->Row(kPostgresSums);
  ASSERT_TRUE(sums.ok());
  EXPECT_EQ((*sums)[0], "1");
  EXPECT_EQ((*sums)[1], "-1");
}

}  // namespace
}  // namespace lumbung
