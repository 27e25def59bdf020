#include "bench/day/ledger_check.h"

#include <gtest/gtest.h>

#include <string>

#include "bench/workload/build_transaction.h"

namespace lumbung {
namespace {

// A record and a ledger of a few payments, each of which can be spoilt.
class LedgerCheckTest : public testing::Test {
 protected:
  static TransactionId IdOfNumber(uint64_t number) {
    return {.high = 0x0123456789ab7000, .low = uint64_t{0b10} << 62 | number};
  }

  static v1::Transaction Payment(uint64_t number) {
    v1::Transaction transaction =
        ByRule(v1::KIND_CASH_SALE, {.payer = *AccountId::Parse("1024.1102.3"),
                                    .payee = *AccountId::Parse("1024.4101.2"),
                                    .amount = Amount{static_cast<int64_t>(1'000 * number)}});
    SetId(*transaction.mutable_id(), IdOfNumber(number));
    return transaction;
  }

  void Record(uint64_t number) {
    ASSERT_TRUE(book_.Take(SentLine{Payment(number)}).ok());
    ASSERT_TRUE(book_.Take(AnsweredLine{IdOfNumber(number), v1::OUTCOME_ACCEPTED, number}).ok());
  }

  static v1::Entry EntryOf(uint64_t number) {
    const v1::Transaction payment = Payment(number);
    v1::Entry entry;
    entry.set_sequence(number);
    *entry.mutable_id() = payment.id();
    entry.set_step(v1::STEP_POST);
    entry.set_kind(payment.kind());
    entry.set_outcome(v1::OUTCOME_ACCEPTED);
    entry.set_debit_account(payment.debit_account());
    entry.set_credit_account(payment.credit_account());
    entry.set_amount(payment.amount());
    entry.set_by_rule(true);
    entry.set_leg_count(1);
    return entry;
  }

  // Expects one difference that names the id.
  static void ExpectOne(const LedgerCheck& check, uint64_t number) {
    ASSERT_EQ(check.differences(), 1u);
    EXPECT_NE(check.messages().front().find(IdOfNumber(number).ToString()), std::string::npos)
        << check.messages().front();
  }

  RecordBook book_;
};

TEST_F(LedgerCheckTest, ConfirmsALedgerThatHoldsWhatWasAnswered) {
  Record(1);
  Record(2);
  LedgerCheck check(book_);
  check.Take(EntryOf(1));
  check.Take(EntryOf(2));
  check.Finish();
  EXPECT_EQ(check.differences(), 0u);
  EXPECT_EQ(check.twice(), 0u);
  EXPECT_EQ(check.confirmed(), 2u);
}

TEST_F(LedgerCheckTest, NamesATransactionThatIsMissing) {
  Record(1);
  Record(2);
  LedgerCheck check(book_);
  check.Take(EntryOf(1));
  check.Finish();
  ExpectOne(check, 2);
}

TEST_F(LedgerCheckTest, NamesATransactionThatIsDoubled) {
  Record(1);
  LedgerCheck check(book_);
  check.Take(EntryOf(1));
  v1::Entry again = EntryOf(1);
  again.set_sequence(2);
  check.Take(again);
  check.Finish();
  ExpectOne(check, 1);
  EXPECT_EQ(check.twice(), 1u);
  EXPECT_EQ(check.transactions(), 1u);
}

TEST(LedgerCheckText, SaysNoneTwiceOnlyWhereNoneIs) {
  EXPECT_EQ(TwiceText(0), "none twice");
  EXPECT_EQ(TwiceText(3), "3 TWICE");
}

TEST_F(LedgerCheckTest, NamesADoubledIdThatTheRecordDoesNotKnow) {
  LedgerCheck check(book_);
  check.Take(EntryOf(1));
  v1::Entry again = EntryOf(1);
  again.set_sequence(2);
  check.Take(again);
  check.Finish();
  ExpectOne(check, 1);
}

TEST_F(LedgerCheckTest, NamesATransactionWithAnotherAmount) {
  Record(1);
  LedgerCheck check(book_);
  v1::Entry entry = EntryOf(1);
  entry.set_amount(entry.amount() + 1);
  check.Take(entry);
  check.Finish();
  ExpectOne(check, 1);
}

TEST_F(LedgerCheckTest, NamesATransactionWithAnotherOutcome) {
  Record(1);
  LedgerCheck check(book_);
  v1::Entry entry = EntryOf(1);
  entry.set_outcome(v1::OUTCOME_INSUFFICIENT_FUNDS);
  check.Take(entry);
  check.Finish();
  ExpectOne(check, 1);
}

TEST_F(LedgerCheckTest, NamesATransactionAtAnotherPlace) {
  Record(2);
  LedgerCheck check(book_);
  check.Take(EntryOf(1));
  v1::Entry fact;
  fact.set_sequence(2);
  fact.set_step(v1::STEP_FACT);
  check.Take(fact);
  v1::Entry late = EntryOf(2);
  late.set_sequence(3);
  check.Take(late);
  check.Finish();
  ExpectOne(check, 2);
}

TEST_F(LedgerCheckTest, AllowsBothFatesToATransactionThatWasNeverAnswered) {
  ASSERT_TRUE(book_.Take(SentLine{Payment(1)}).ok());
  LedgerCheck without(book_);
  without.Finish();
  EXPECT_EQ(without.differences(), 0u);
  LedgerCheck with(book_);
  with.Take(EntryOf(1));
  with.Finish();
  EXPECT_EQ(with.differences(), 0u);
}

TEST_F(LedgerCheckTest, NamesAFenceThatNobodyAskedFor) {
  ASSERT_TRUE(book_.Take(SentLine{Payment(1)}).ok());
  v1::Entry fence = EntryOf(1);
  fence.set_step(v1::STEP_FENCE);
  fence.set_outcome(v1::OUTCOME_FENCED);
  LedgerCheck check(book_);
  check.Take(fence);
  check.Finish();
  ExpectOne(check, 1);
  ASSERT_TRUE(book_.Take(FencingLine{IdOfNumber(1)}).ok());
  LedgerCheck asked_for(book_);
  asked_for.Take(fence);
  asked_for.Finish();
  EXPECT_EQ(asked_for.differences(), 0u);
}

TEST_F(LedgerCheckTest, NamesAPaymentBeyondTheSavings) {
  const uint64_t wallet = AccountId::Parse("1024.2101.55")->value();
  LedgerCheck check(book_);
  const auto take = [&](uint64_t number, v1::Outcome outcome) {
    v1::Transaction payment = Payment(number);
    payment.set_debit_account(wallet);
    ASSERT_TRUE(book_.Take(SentLine{payment}).ok());
    v1::Entry entry = EntryOf(number);
    entry.set_debit_account(wallet);
    entry.set_outcome(outcome);
    check.Take(entry);
  };
  v1::Entry top_up = EntryOf(1);  // by somebody else, as the hold: the record does not know them
  top_up.set_credit_account(wallet);
  top_up.set_amount(5'000);
  check.Take(top_up);
  v1::Entry hold = EntryOf(2);  // moves nothing
  hold.set_step(v1::STEP_HOLD);
  hold.set_debit_account(wallet);
  check.Take(hold);
  take(3, v1::OUTCOME_ACCEPTED);
  take(4, v1::OUTCOME_INSUFFICIENT_FUNDS);
  EXPECT_EQ(check.differences(), 0u);
  take(5, v1::OUTCOME_ACCEPTED);  // 5,000 of the 2,000 that are left
  check.Finish();
  ExpectOne(check, 5);
  EXPECT_EQ(check.confirmed(), 2u);
}

TEST_F(LedgerCheckTest, NoticesAGapInTheLedger) {
  LedgerCheck check(book_);
  check.Take(EntryOf(1));
  check.Take(EntryOf(3));
  check.Finish();
  EXPECT_EQ(check.differences(), 1u);
}

}  // namespace
}  // namespace lumbung
