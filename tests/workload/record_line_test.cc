#include "bench/day/record_line.h"

#include <gtest/gtest.h>

#include "bench/day/record_file.h"
#include "bench/workload/build_transaction.h"
#include "bench/workload/day_generator.h"
#include "tests/workload/seed.h"

namespace lumbung {
namespace {

constexpr TransactionId kId{.high = 0x0123456789ab7def, .low = 0x8123456789abcdef};

std::string WithoutLineBreak(std::string line) {
  EXPECT_EQ(line.back(), '\n');
  line.pop_back();
  EXPECT_EQ(line.find('\n'), std::string::npos);
  return line;
}

TEST(RecordLine, GivesBackEveryTransactionOfADay) {
  const std::vector<CooperativePlan> region = KlatenRegion(3);
  ExpectedBooks books(region);
  DayGenerator day(region, books, {.transactions = 5'000, .seed = TestSeed(), .id_seed = 1},
                   [] { return Timestamp{1'790'000'000'000'000'000}; });
  while (const std::optional<PlannedCall> call = day.Next()) {
    if (call->action != PlannedCall::Action::kTransaction) continue;
    const auto read = ParseRecordLine(WithoutLineBreak(SentText(call->transaction)));
    ASSERT_TRUE(read.has_value()) << SentText(call->transaction);
    const auto* sent = std::get_if<SentLine>(&*read);
    ASSERT_NE(sent, nullptr);
    ASSERT_EQ(sent->transaction.SerializeAsString(), call->transaction.SerializeAsString());
  }
}

TEST(RecordLine, GivesBackTextWithAnyBytes) {
  v1::Transaction transaction = Explicit(v1::KIND_GENERAL, {.payer = *AccountId::Parse("1.1110.0"),
                                                            .payee = *AccountId::Parse("1.2201.0"),
                                                            .amount = Amount{1}});
  SetId(*transaction.mutable_id(), kId);
  transaction.set_text("a b%c=d>e,f\nüß\"");
  const auto read = ParseRecordLine(WithoutLineBreak(SentText(transaction)));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(std::get<SentLine>(*read).transaction.text(), transaction.text());
}

TEST(RecordLine, GivesBackAnswersAndFences) {
  v1::TransactionResult result;
  result.set_outcome(v1::OUTCOME_INSUFFICIENT_FUNDS);
  result.set_sequence(1234);
  result.set_duplicate(true);
  EXPECT_EQ(AnsweredText(kId, result),
            "answered 01234567-89ab-7def-8123-456789abcdef INSUFFICIENT_FUNDS 1234 duplicate\n");
  const auto answered = ParseRecordLine(WithoutLineBreak(AnsweredText(kId, result)));
  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(std::get<AnsweredLine>(*answered).outcome, v1::OUTCOME_INSUFFICIENT_FUNDS);
  EXPECT_EQ(std::get<AnsweredLine>(*answered).sequence, 1234u);
  const auto fencing = ParseRecordLine(WithoutLineBreak(FencingText(kId)));
  ASSERT_TRUE(fencing.has_value());
  EXPECT_EQ(std::get<FencingLine>(*fencing).id, kId);
}

TEST(RecordLine, RefusesWhatItDidNotWrite) {
  const std::string id = kId.ToString();
  for (const std::string& line :
       {std::string(""), std::string("sent"), "sent " + id, "sent " + id + " step=NEVER",
        "sent " + id + " step=POST legs=1.1110.0", "sent " + id + " step=POST colour=red",
        "sent " + id + " step=POST text=%4", "sent " + id + " step=POST amount=1x",
        "answered " + id + " ACCEPTED", "answered " + id + " PERHAPS 1", "fencing " + id + " x",
        // Numbers that it writes otherwise, or that their field can't hold.
        "sent " + id + " step=POST amount=-0318", "sent " + id + " step=POST amount=-0",
        "sent " + id + " step=POST amount=007", "sent " + id + " step=POST hold=01",
        "sent " + id + " step=POST hold=4294967297",
        "sent " + id + " step=POST amount=9223372036854775808",
        "sent " + id + " step=POST reference=-1", "sent " + id + " step=POST reference=1e3",
        "told " + id + " step=POST", std::string("fencing 0123")}) {
    EXPECT_FALSE(ParseRecordLine(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace lumbung
