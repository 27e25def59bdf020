#include "bench/day/content.h"

#include <gtest/gtest.h>

#include <vector>

#include "bench/workload/build_transaction.h"

namespace lumbung {
namespace {

const AccountId kWallet = *AccountId::Parse("1024.2101.55");
const AccountId kSales = *AccountId::Parse("1024.4101.2");

v1::Entry EntryOf(const Parties& parties) {
  v1::Entry entry;
  entry.set_step(v1::STEP_POST);
  entry.set_kind(v1::KIND_PAYMENT);
  entry.set_debit_account(parties.payer.value());
  entry.set_credit_account(parties.payee.value());
  entry.set_amount(parties.amount.value());
  return entry;
}

TEST(Content, OfASaleByRuleIsWhatWasAskedForWithoutFeesAndWithItsTax) {
  const v1::Transaction asked =
      ByRule(v1::KIND_PAYMENT, {.payer = kWallet, .payee = kSales, .amount = Amount{11'100}});
  v1::Entry sale = EntryOf({.payer = kWallet, .payee = kSales, .amount = Amount{10'000}});
  v1::Entry tax = EntryOf(
      {.payer = kWallet, .payee = *AccountId::Parse("1024.2120.0"), .amount = Amount{1'100}});
  tax.set_part(true);
  v1::Entry fee = EntryOf({.payer = *AccountId::Parse("1024.5201.0"),
                           .payee = *AccountId::Parse("1024.2130.2"),
                           .amount = Amount{22}});
  fee.set_fee(true);
  std::vector<v1::Entry> entries{sale, tax, fee};
  for (v1::Entry& entry : entries) entry.set_by_rule(true);
  EXPECT_EQ(ContentOf(entries, AmountIs::kGiven), ContentOf(asked));
}

TEST(Content, OfATransferToAnotherCooperativeHasBothMembers) {
  const AccountId other = *AccountId::Parse("1025.2101.7");
  const v1::Transaction asked =
      ByRule(v1::KIND_TRANSFER, {.payer = kWallet, .payee = other, .amount = Amount{500}});
  v1::Entry out =
      EntryOf({.payer = kWallet, .payee = *AccountId::Parse("1024.2190.0"), .amount = Amount{500}});
  v1::Entry in =
      EntryOf({.payer = *AccountId::Parse("1025.1190.0"), .payee = other, .amount = Amount{500}});
  in.set_clearing(true);
  std::vector<v1::Entry> entries{out, in};
  for (v1::Entry& entry : entries) {
    entry.set_by_rule(true);
    entry.set_kind(v1::KIND_TRANSFER);
  }
  EXPECT_EQ(ContentOf(entries, AmountIs::kGiven), ContentOf(asked));
}

TEST(Content, DiffersInAmountPartiesReferenceAndBranch) {
  const v1::Transaction asked =
      ByRule(v1::KIND_PAYMENT, {.payer = kWallet, .payee = kSales, .amount = Amount{1}});
  v1::Transaction amount = asked;
  amount.set_amount(2);
  v1::Transaction payee = asked;
  payee.set_credit_account(AccountId::Parse("1024.4101.3")->value());
  v1::Transaction reference = asked;
  reference.set_reference(3);
  v1::Transaction branch = asked;
  branch.mutable_evidence()->set_branch(1);
  for (const v1::Transaction& other : {amount, payee, reference, branch}) {
    EXPECT_NE(ContentOf(asked), ContentOf(other));
  }
}

TEST(Content, OfAWholeCaptureLeavesTheAmountOpen) {
  const TransactionId hold{.high = 1, .low = 2};
  const v1::Transaction whole = FollowUp(v1::STEP_CAPTURE, hold);
  v1::Transaction part = whole;
  part.set_amount(50);
  v1::Entry entry = EntryOf({.payer = kWallet, .payee = kSales, .amount = Amount{50}});
  entry.set_step(v1::STEP_CAPTURE);
  SetId(*entry.mutable_related_id(), hold);
  EXPECT_TRUE(AmountIsOpen(whole));
  EXPECT_FALSE(AmountIsOpen(part));
  EXPECT_EQ(ContentOf(std::vector{entry}, AmountIs::kOpen), ContentOf(whole));
  EXPECT_EQ(ContentOf(std::vector{entry}, AmountIs::kGiven), ContentOf(part));
}

}  // namespace
}  // namespace lumbung
