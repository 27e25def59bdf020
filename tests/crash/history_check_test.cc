#include "tests/crash/history_check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bench/workload/build_transaction.h"
#include "engine/chart.h"
#include "tests/crash/payment_maker.h"

namespace lumbung {
namespace {

using Sort = Findings::Sort;

// A client's record and the ledger that fits it: two wallets, a few transfers between them.
// Each test spoils one thing, which must be noticed.
class HistoryCheckTest : public testing::Test {
 protected:
  HistoryCheckTest() {
    OpenCooperative();
    for (uint32_t holder = 1; holder <= 2; ++holder) OpenWallet(holder);
    for (uint32_t number = 0; number < 4; ++number) Transfer(number);
  }

  void OpenCooperative() {
    size_t facts = 1;
    for (const ChartLine& line : StandardChart()) {
      if (line.holder == HolderKind::kCooperative) ++facts;
    }
    const AccountId cooperative = AccountId::From({.cooperative = kFirstCooperative});
    for (size_t i = 0; i < facts; ++i) {
      v1::Entry& fact = AddEntry(v1::STEP_FACT);
      fact.set_fact(i == 0 ? v1::FACT_COOPERATIVE_OPENED : v1::FACT_ACCOUNT_OPENED);
      fact.set_debit_account(cooperative.value());
      fact.set_name("Under attack");
    }
    for (const ChartLine& line : StandardChart()) {
      if (line.holder != HolderKind::kCooperative) continue;
      const AccountId account =
          AccountId::From({.cooperative = kFirstCooperative, .code = line.code});
      accounts_.emplace_back().set_account(account.value());
    }
  }

  void OpenWallet(uint32_t holder) {
    v1::Entry& fact = AddEntry(v1::STEP_FACT);
    fact.set_fact(v1::FACT_ACCOUNT_OPENED);
    fact.set_debit_account(WalletOf(0, holder).value());
    accounts_.emplace_back().set_account(WalletOf(0, holder).value());
  }

  // Of 100 from the first wallet to the second; each is answered before the next is asked for.
  void Transfer(uint32_t number) {
    Sent sent;
    sent.payment = {.id = {.high = 0x0123456789ab4000, .low = uint64_t{0b10} << 62 | number},
                    .debit = WalletOf(0, 1),
                    .credit = WalletOf(0, 2),
                    .amount = 100,
                    .reference = number,
                    .purpose = Purpose::kTransfer};
    v1::Entry& entry = AddEntry(v1::STEP_POST);
    SetId(*entry.mutable_id(), sent.payment.id);
    entry.set_outcome(v1::OUTCOME_ACCEPTED);
    entry.set_debit_account(sent.payment.debit.value());
    entry.set_credit_account(sent.payment.credit.value());
    entry.set_amount(100);
    entry.set_reference(number);
    v1::Account& debit = accounts_[accounts_.size() - 2];
    v1::Account& credit = accounts_.back();
    Move(debit, -100);
    Move(credit, 100);
    debit.set_debits_posted(debit.debits_posted() + 100);
    credit.set_credits_posted(credit.credits_posted() + 100);
    entry.set_debit_balance(debit.balance());
    entry.set_credit_balance(credit.balance());
    sent.fate = Fate::kAnswered;
    sent.answer = {.outcome = v1::OUTCOME_ACCEPTED,
                   .sequence = entry.sequence(),
                   .timestamp_ns = entry.timestamp_ns(),
                   .invoked_ns = 10 * number,
                   .replied_ns = 10 * number + 5};
    record_.sent.push_back(sent);
  }

  v1::Entry& AddEntry(v1::Step step) {
    v1::Entry& entry = entries_.emplace_back();
    entry.set_sequence(entries_.size());
    entry.set_timestamp_ns(static_cast<int64_t>(entries_.size()));
    entry.set_step(step);
    entry.set_leg_count(1);
    return entry;
  }

  static void Move(v1::Account& account, int64_t amount) {
    account.set_balance(account.balance() + amount);
  }

  // What is found, all sorts together.
  std::string Check() {
    HistoryCheck check({&record_}, findings_);
    for (const v1::Entry& entry : entries_) check.Take(entry);
    check.Finish(accounts_);
    std::string all;
    for (const std::string& message : findings_.messages()) all += message + "\n";
    return all;
  }

  Record record_;
  std::vector<v1::Entry> entries_;
  std::vector<v1::Account> accounts_;
  Findings findings_;
};

TEST_F(HistoryCheckTest, FindsNothingInALedgerThatFits) { EXPECT_EQ(Check(), ""); }

TEST_F(HistoryCheckTest, NoticesAnAcknowledgedTransactionThatIsMissing) {
  entries_.pop_back();
  Check();
  EXPECT_EQ(findings_.count(Sort::kLost), 1u);
}

TEST_F(HistoryCheckTest, NoticesATransactionThatIsThereTwice) {
  v1::Entry again = entries_.back();
  again.set_sequence(entries_.size() + 1);
  entries_.push_back(again);
  Check();
  EXPECT_EQ(findings_.count(Sort::kDoubled), 1u);
}

TEST_F(HistoryCheckTest, NoticesATransactionThatNobodySent) {
  record_.sent.pop_back();
  Check();
  EXPECT_EQ(findings_.count(Sort::kForeign), 1u);
}

TEST_F(HistoryCheckTest, NoticesATransactionThatIsRecordedElsewhereThanAcknowledged) {
  --record_.sent.back().answer.sequence;
  Check();
  EXPECT_EQ(findings_.count(Sort::kLost), 1u);
}

TEST_F(HistoryCheckTest, NoticesADeclineThatTheLedgerHasAsAccepted) {
  record_.sent.back().answer.outcome = v1::OUTCOME_INSUFFICIENT_FUNDS;
  Check();
  EXPECT_EQ(findings_.count(Sort::kLost), 1u);
}

TEST_F(HistoryCheckTest, NoticesAnotherAmountThanWasSent) {
  entries_.back().set_amount(101);
  EXPECT_NE(Check().find("leg 0 is not what was sent"), std::string::npos);
}

TEST_F(HistoryCheckTest, NoticesAnotherReferenceThanWasSent) {
  entries_.back().set_reference(7);
  EXPECT_NE(Check().find("reference"), std::string::npos);
}

TEST_F(HistoryCheckTest, NoticesADeclineThatTheRulesDoNotKnow) {
  entries_.back().set_outcome(v1::OUTCOME_DAILY_LIMIT);
  record_.sent.back().answer.outcome = v1::OUTCOME_DAILY_LIMIT;
  EXPECT_NE(Check().find("the model says OUTCOME_ACCEPTED"), std::string::npos);
}

// Of version 7, made in 2009, in a ledger of 1970.
TEST_F(HistoryCheckTest, NoticesAnIdFromTheFuture) {
  Sent& sent = record_.sent.back();
  sent.payment.id.high = 0x0123456789ab7000;
  SetId(*entries_.back().mutable_id(), sent.payment.id);
  EXPECT_NE(Check().find("its id is from the future"), std::string::npos);
}

TEST_F(HistoryCheckTest, NoticesAnEntryWithAWrongBalance) {
  entries_.back().set_credit_balance(1);
  EXPECT_NE(Check().find("behind it is not that of the model"), std::string::npos);
}

TEST_F(HistoryCheckTest, NoticesAnAccountWithAWrongBalance) {
  Move(accounts_.back(), 1);
  const std::string found = Check();
  EXPECT_NE(found.find("other sums"), std::string::npos);
  EXPECT_NE(found.find("the sum of what the clients' records say"), std::string::npos);
}

TEST_F(HistoryCheckTest, NoticesAnAccountThatIsMissing) {
  accounts_.pop_back();
  EXPECT_NE(Check().find("accounts, the model has"), std::string::npos);
}

TEST_F(HistoryCheckTest, NoticesAGapInTheLedger) {
  entries_.erase(entries_.end() - 2);
  EXPECT_NE(Check().find("follows"), std::string::npos);
}

TEST_F(HistoryCheckTest, NoticesAnEntryThatIsOlderThanTheOneBeforeIt) {
  entries_.back().set_timestamp_ns(1);
  Check();
  EXPECT_EQ(findings_.count(Sort::kOrder), 1u);
}

TEST_F(HistoryCheckTest, NoticesATransactionBeforeOneThatWasAnsweredBeforeItWasAskedFor) {
  const size_t last = record_.sent.size() - 1;
  Answer& one = record_.sent[last - 1].answer;
  Answer& other = record_.sent[last].answer;
  std::swap(one.invoked_ns, other.invoked_ns);
  std::swap(one.replied_ns, other.replied_ns);
  Check();
  EXPECT_EQ(findings_.count(Sort::kOrder), 1u);
}

TEST_F(HistoryCheckTest, AllowsAnyOrderOfTransactionsThatWereUnderWayTogether) {
  for (Sent& sent : record_.sent) sent.answer.invoked_ns = 0;
  EXPECT_EQ(Check(), "");
}

TEST_F(HistoryCheckTest, NoticesAHoldThatExpiredBeforeItsDeadline) {
  v1::Entry& expiry = AddEntry(v1::STEP_EXPIRE);
  expiry.set_outcome(v1::OUTCOME_ACCEPTED);
  EXPECT_NE(Check().find("expired before its deadline"), std::string::npos);
}

}  // namespace
}  // namespace lumbung
