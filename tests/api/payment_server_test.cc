// PaymentService through a real channel, on the real engine and the real store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <atomic>
#include <chrono>
#include <thread>

#include "engine/limits.h"
#include "tests/api/bentangan.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;
using Payments = v1::PaymentService::Stub;

class PaymentServer : public ::testing::Test {
 protected:
  PaymentServer() : server_(TestConfig(folder_.path())) { OpenCooperatives(server_); }

  v1::TransactionResult Hold(uint32_t member, int64_t amount, uint32_t seconds, v1::Uuid* id) {
    v1::HoldRequest hold;
    *hold.mutable_id() = *id = NewId();
    hold.mutable_payer()->set_cooperative(kBentangan);
    hold.mutable_payer()->set_number(member);
    hold.set_branch(kGroceries);
    hold.set_amount(amount);
    hold.set_seconds(seconds);
    return Ask<v1::TransactionResult>(server_.payment(), &Payments::Hold, hold);
  }

  v1::TransactionResult Capture(const v1::Uuid& hold, std::optional<int64_t> amount) {
    v1::CaptureRequest capture;
    *capture.mutable_id() = NewId();
    *capture.mutable_hold_id() = hold;
    if (amount) capture.set_amount(*amount);
    return Ask<v1::TransactionResult>(server_.payment(), &Payments::Capture, capture);
  }

  v1::TransactionResult Void(const v1::Uuid& hold) {
    v1::VoidRequest release;
    *release.mutable_id() = NewId();
    *release.mutable_hold_id() = hold;
    return Ask<v1::TransactionResult>(server_.payment(), &Payments::Void, release);
  }

  v1::TransactionResult Refund(const v1::Uuid& original, std::optional<int64_t> amount) {
    v1::RefundRequest refund;
    *refund.mutable_id() = NewId();
    *refund.mutable_original_id() = original;
    if (amount) refund.set_amount(*amount);
    return Ask<v1::TransactionResult>(server_.payment(), &Payments::Refund, refund);
  }

  v1::TransactionResult Reverse(const v1::Uuid& original) {
    v1::ReverseRequest reverse;
    *reverse.mutable_id() = NewId();
    *reverse.mutable_original_id() = original;
    return Ask<v1::TransactionResult>(server_.payment(), &Payments::Reverse, reverse);
  }

  v1::ResolveReply Resolve(const v1::Uuid& id, bool fence) {
    v1::ResolveRequest resolve;
    *resolve.mutable_id() = id;
    resolve.set_fence(fence);
    return Ask<v1::ResolveReply>(server_.payment(), &Payments::Resolve, resolve);
  }

  TemporaryFolder folder_;
  RunningServer server_;
};

TEST_F(PaymentServer, MovesMoneyFromTheWalletToTheBranch) {
  const v1::TransactionResult result = Pay(server_, Payment(1, 125'000));
  EXPECT_EQ(result.outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_FALSE(result.duplicate());
  EXPECT_GT(result.sequence(), 0u);
  EXPECT_GE(result.leg_count(), 1u);
  EXPECT_GT(result.timestamp_ns(), 0);
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).balance(), kOpening - 125'000);
  EXPECT_EQ(BalanceOf(server_, AccountOf(kBentangan, code::kSales, kGroceries)).balance(), 125'000);
}

TEST_F(PaymentServer, AnswersARepeatWithTheOriginalOutcomeAndTime) {
  const v1::PayRequest pay = Payment(1, 125'000);
  const v1::TransactionResult first = Pay(server_, pay);
  const v1::TransactionResult second = Pay(server_, pay);
  EXPECT_EQ(second.outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_TRUE(second.duplicate());
  EXPECT_EQ(second.sequence(), first.sequence());
  EXPECT_EQ(second.timestamp_ns(), first.timestamp_ns());
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).balance(), kOpening - 125'000);
}

TEST_F(PaymentServer, RefusesTheSameIdWithAnotherAmount) {
  v1::PayRequest pay = Payment(1, 125'000);
  Pay(server_, pay);
  pay.set_amount(126'000);
  const v1::TransactionResult conflict = Pay(server_, pay);
  EXPECT_EQ(conflict.outcome(), v1::OUTCOME_ID_CONFLICT);
  EXPECT_FALSE(conflict.message().empty());
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).balance(), kOpening - 125'000);
}

TEST_F(PaymentServer, NamesTheIdThatIsInConflictAlsoInBatchesAndStreams) {
  v1::Transaction row = PaymentRow(1, 500);
  EXPECT_TRUE(Submit(server_, row).field().empty());
  row.set_amount(600);
  const v1::TransactionResult alone = Submit(server_, row);
  EXPECT_EQ(alone.outcome(), v1::OUTCOME_ID_CONFLICT);
  EXPECT_EQ(alone.field(), "id");

  v1::SubmitBatchRequest batch;
  *batch.add_transactions() = PaymentRow(1, 500);
  *batch.add_transactions() = row;
  const auto reply = Ask<v1::SubmitBatchReply>(server_.payment(), &Payments::SubmitBatch, batch);
  EXPECT_EQ(reply.results(0).field(), "");
  EXPECT_EQ(reply.results(1).outcome(), v1::OUTCOME_ID_CONFLICT);
  EXPECT_EQ(reply.results(1).field(), "transactions[1].id");

  grpc::ClientContext context;
  const auto stream = server_.payment().SubmitStream(&context);
  v1::TransactionResult streamed;
  ASSERT_TRUE(stream->Write(row) && stream->Read(&streamed));
  EXPECT_EQ(streamed.outcome(), v1::OUTCOME_ID_CONFLICT);
  EXPECT_EQ(streamed.field(), "id");
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(PaymentServer, RecordsADeclineAndRepeatsIt) {
  const v1::PayRequest pay = Payment(1, kOpening + 1);
  const v1::TransactionResult first = Pay(server_, pay);
  EXPECT_EQ(first.outcome(), v1::OUTCOME_INSUFFICIENT_FUNDS);
  EXPECT_FALSE(first.message().empty());
  EXPECT_GT(first.sequence(), 0u);
  const v1::TransactionResult second = Pay(server_, pay);
  EXPECT_EQ(second.outcome(), v1::OUTCOME_INSUFFICIENT_FUNDS);
  EXPECT_TRUE(second.duplicate());
}

TEST_F(PaymentServer, NamesTheFieldOfAMalformedCallAndLeavesItsIdFree) {
  v1::PayRequest pay = Payment(1, 0);
  grpc::ClientContext context;
  v1::TransactionResult result;
  const grpc::Status status = server_.payment().Pay(&context, pay, &result);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("amount"));
  const auto& trailers = context.GetServerTrailingMetadata();
  ASSERT_EQ(trailers.count("lumbung-outcome"), 1u);
  EXPECT_EQ(trailers.find("lumbung-outcome")->second, "AMOUNT_NOT_POSITIVE");
  EXPECT_EQ(trailers.find("lumbung-field")->second, "amount");
  pay.set_amount(5);
  EXPECT_EQ(Pay(server_, pay).outcome(), v1::OUTCOME_ACCEPTED);
}

TEST_F(PaymentServer, TellsTheTimeToAClientWhoseClockIsAhead) {
  v1::PayRequest pay = Payment(1, 5);
  pay.mutable_id()->set_high(pay.id().high() + (uint64_t{3'600'000} << 16));
  grpc::ClientContext context;
  v1::TransactionResult result;
  const grpc::Status status = server_.payment().Pay(&context, pay, &result);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto& trailers = context.GetServerTrailingMetadata();
  ASSERT_EQ(trailers.count("lumbung-server-time-ns"), 1u);
}

TEST_F(PaymentServer, LetsOneBadRowOfABatchFailAlone) {
  v1::SubmitBatchRequest batch;
  for (int i = 0; i < 10; ++i) *batch.add_transactions() = PaymentRow(1, 100 + i);
  batch.mutable_transactions(7)->set_amount(-1);
  *batch.mutable_transactions(9) = batch.transactions(2);
  const auto reply = Ask<v1::SubmitBatchReply>(server_.payment(), &Payments::SubmitBatch, batch);
  ASSERT_EQ(reply.results_size(), 10);
  for (int i = 0; i < 10; ++i) {
    if (i == 7) continue;
    EXPECT_EQ(reply.results(i).outcome(), v1::OUTCOME_ACCEPTED) << i;
  }
  EXPECT_EQ(reply.results(7).outcome(), v1::OUTCOME_AMOUNT_NOT_POSITIVE);
  EXPECT_EQ(reply.results(7).field(), "transactions[7].amount");
  EXPECT_THAT(reply.results(7).message(), HasSubstr("-1"));
  EXPECT_TRUE(reply.results(9).duplicate());
  EXPECT_EQ(reply.results(9).sequence(), reply.results(2).sequence());
  EXPECT_EQ(reply.results(9).timestamp_ns(), reply.results(2).timestamp_ns());
  EXPECT_LT(reply.results(0).sequence(), reply.results(8).sequence());
}

TEST_F(PaymentServer, AnswersARepeatedFullBatchWithTheOriginalResults) {
  v1::SubmitBatchRequest batch;
  for (size_t i = 0; i < kMaxBatch; ++i) *batch.add_transactions() = PaymentRow(1 + i % 4, 10);
  const auto first = Ask<v1::SubmitBatchReply>(server_.payment(), &Payments::SubmitBatch, batch);
  const auto second = Ask<v1::SubmitBatchReply>(server_.payment(), &Payments::SubmitBatch, batch);
  ASSERT_EQ(second.results_size(), first.results_size());
  for (int i = 0; i < first.results_size(); ++i) {
    ASSERT_EQ(first.results(i).outcome(), v1::OUTCOME_ACCEPTED);
    ASSERT_TRUE(second.results(i).duplicate());
    ASSERT_EQ(second.results(i).sequence(), first.results(i).sequence());
    ASSERT_EQ(second.results(i).timestamp_ns(), first.results(i).timestamp_ns());
  }
}

TEST_F(PaymentServer, RefusesABatchThatIsEmptyOrTooLong) {
  v1::SubmitBatchRequest batch;
  const auto refusal = [&] {
    return StatusOf<v1::SubmitBatchReply>(server_.payment(), &Payments::SubmitBatch, batch);
  };
  EXPECT_EQ(refusal().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  for (size_t i = 0; i <= kMaxBatch; ++i) *batch.add_transactions() = PaymentRow(1, 1);
  EXPECT_EQ(refusal().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(refusal().error_message(), HasSubstr("8190"));
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).balance(), kOpening);
}

TEST_F(PaymentServer, RefusesAMessageOverTheLimit) {
  v1::Transaction row = PaymentRow(1, 1);
  row.set_text(std::string(9 << 20, 'x'));
  const grpc::Status status =
      StatusOf<v1::TransactionResult>(server_.payment(), &Payments::Submit, row);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(PaymentServer, StreamsResultsInTheOrderOfTheTransactions) {
  constexpr int kCount = 2000;
  std::vector<v1::Transaction> rows;
  for (int i = 0; i < kCount; ++i) {
    rows.push_back(i % 10 == 9 ? rows[static_cast<size_t>(i) - 5] : PaymentRow(1, 1 + i % 7));
    if (i % 100 == 50) rows.back().set_amount(0);
  }
  grpc::ClientContext context;
  const auto stream = server_.payment().SubmitStream(&context);
  std::thread writer([&] {
    for (const v1::Transaction& row : rows) ASSERT_TRUE(stream->Write(row));
    stream->WritesDone();
  });
  std::vector<v1::TransactionResult> results;
  v1::TransactionResult result;
  while (stream->Read(&result)) results.push_back(result);
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_EQ(results.size(), rows.size());
  uint64_t last = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    if (i % 100 == 50) {
      EXPECT_EQ(results[i].outcome(), v1::OUTCOME_AMOUNT_NOT_POSITIVE);
      EXPECT_EQ(results[i].field(), "amount");
    } else if (i % 10 == 9) {
      EXPECT_EQ(results[i].sequence(), results[i - 5].sequence()) << i;
    } else {
      EXPECT_GT(results[i].sequence(), last) << i;
      last = results[i].sequence();
    }
  }
}

TEST_F(PaymentServer, CapturesPartOfAHoldAndReleasesTheRest) {
  v1::Uuid hold;
  ASSERT_EQ(Hold(1, 500, 60, &hold).outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).held(), 500);
  EXPECT_EQ(Capture(hold, 501).outcome(), v1::OUTCOME_CAPTURE_EXCEEDS_HOLD);
  EXPECT_EQ(Capture(hold, 200).outcome(), v1::OUTCOME_ACCEPTED);
  const v1::Account wallet = BalanceOf(server_, WalletOf(1));
  EXPECT_EQ(wallet.held(), 0);
  EXPECT_EQ(wallet.balance(), kOpening - 200);
  EXPECT_EQ(Capture(hold, std::nullopt).outcome(), v1::OUTCOME_HOLD_CAPTURED);
}

TEST_F(PaymentServer, VoidsAHold) {
  v1::Uuid hold;
  Hold(1, 500, 60, &hold);
  EXPECT_EQ(Void(hold).outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).held(), 0);
  EXPECT_EQ(Void(hold).outcome(), v1::OUTCOME_HOLD_VOIDED);
}

TEST_F(PaymentServer, ExpiresAHoldWithoutAnyOtherTraffic) {
  v1::Uuid hold;
  const v1::TransactionResult placed = Hold(1, 500, 1, &hold);
  v1::ReadEntriesRequest follow;
  follow.set_from_sequence(placed.sequence() + 1);
  follow.set_follow(true);
  follow.set_limit(1);
  // Only a reader waits, who sends nothing through the pipeline.
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  const auto reader = server_.ledger().ReadEntries(&context, follow);
  v1::ReadEntriesReply reply;
  ASSERT_TRUE(reader->Read(&reply));
  ASSERT_EQ(reply.entries_size(), 1);
  EXPECT_EQ(reply.entries(0).step(), v1::STEP_EXPIRE);
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).held(), 0);
  EXPECT_EQ(Capture(hold, std::nullopt).outcome(), v1::OUTCOME_HOLD_EXPIRED);
}

TEST_F(PaymentServer, DeclinesRefundsBeyondTheOriginalAndASecondReversal) {
  const v1::PayRequest pay = Payment(1, 1000);
  Pay(server_, pay);
  EXPECT_EQ(Refund(pay.id(), 1001).outcome(), v1::OUTCOME_REFUND_EXCEEDS_ORIGINAL);
  EXPECT_EQ(Refund(pay.id(), 400).outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_EQ(Refund(pay.id(), 601).outcome(), v1::OUTCOME_REFUND_EXCEEDS_ORIGINAL);
  EXPECT_EQ(Refund(pay.id(), std::nullopt).outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).balance(), kOpening);
  const v1::PayRequest other = Payment(1, 1000);
  Pay(server_, other);
  EXPECT_EQ(Reverse(other.id()).outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_EQ(Reverse(other.id()).outcome(), v1::OUTCOME_ORIGINAL_REVERSED);
}

TEST_F(PaymentServer, ResolvesWhatHappenedAndFencesWhatDidNot) {
  const v1::PayRequest paid = Payment(1, 100);
  const v1::TransactionResult original = Pay(server_, paid);
  const v1::ResolveReply accepted = Resolve(paid.id(), false);
  EXPECT_EQ(accepted.resolution(), v1::RESOLUTION_ACCEPTED);
  EXPECT_EQ(accepted.result().sequence(), original.sequence());
  EXPECT_EQ(accepted.result().timestamp_ns(), original.timestamp_ns());

  const v1::PayRequest declined = Payment(1, kOpening * 2);
  Pay(server_, declined);
  EXPECT_EQ(Resolve(declined.id(), true).resolution(), v1::RESOLUTION_DECLINED);

  const v1::PayRequest late = Payment(1, 100);
  EXPECT_EQ(Resolve(late.id(), false).resolution(), v1::RESOLUTION_UNKNOWN);
  EXPECT_EQ(Resolve(late.id(), true).resolution(), v1::RESOLUTION_FENCED);
  EXPECT_EQ(Resolve(late.id(), false).resolution(), v1::RESOLUTION_FENCED);
  EXPECT_EQ(Pay(server_, late).outcome(), v1::OUTCOME_FENCED);
  EXPECT_EQ(BalanceOf(server_, WalletOf(1)).balance(), kOpening - 100);
}

TEST_F(PaymentServer, FencesForNoCooperativeThatIsNotOpen) {
  const v1::PayRequest late = Payment(1, 100);
  v1::ResolveRequest fence;
  *fence.mutable_id() = late.id();
  fence.set_fence(true);
  fence.set_cooperative(77);
  grpc::ClientContext context;
  v1::ResolveReply reply;
  const grpc::Status status = server_.payment().Resolve(&context, fence, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("cooperative: expected"));
  const auto& trailers = context.GetServerTrailingMetadata();
  ASSERT_EQ(trailers.count("lumbung-outcome"), 1u);
  EXPECT_EQ(trailers.find("lumbung-outcome")->second, "COOPERATIVE_UNKNOWN");
  EXPECT_EQ(trailers.find("lumbung-field")->second, "cooperative");
  EXPECT_EQ(Resolve(late.id(), false).resolution(), v1::RESOLUTION_UNKNOWN);
  EXPECT_EQ(Pay(server_, late).outcome(), v1::OUTCOME_ACCEPTED);
  // Not to be confused with a payment that was declined for its unknown cooperative.
  v1::PayRequest strange = Payment(1, 100);
  strange.set_cooperative(77);
  EXPECT_EQ(Pay(server_, strange).outcome(), v1::OUTCOME_COOPERATIVE_UNKNOWN);
  *fence.mutable_id() = strange.id();
  EXPECT_EQ(Ask<v1::ResolveReply>(server_.payment(), &Payments::Resolve, fence).resolution(),
            v1::RESOLUTION_DECLINED);
}

TEST_F(PaymentServer, TransfersBetweenCooperativesAndKeepsBothBooksBalanced) {
  v1::TransferRequest transfer;
  *transfer.mutable_id() = NewId();
  transfer.mutable_source()->set_cooperative(kBentangan);
  transfer.mutable_source()->set_number(1);
  transfer.mutable_target()->set_cooperative(kNeighbour);
  transfer.mutable_target()->set_number(2);
  transfer.set_amount(75'000);
  const auto result = Ask<v1::TransactionResult>(server_.payment(), &Payments::Transfer, transfer);
  EXPECT_EQ(result.outcome(), v1::OUTCOME_ACCEPTED) << result.message();
  EXPECT_EQ(result.leg_count(), 2u);
  EXPECT_EQ(BalanceOf(server_, WalletOf(2, kNeighbour)).balance(), kOpening + 75'000);
  for (const uint32_t cooperative : {kBentangan, kNeighbour}) {
    const v1::GetTrialBalanceReply balance = TrialBalanceOf(server_, cooperative);
    EXPECT_GT(balance.total_debit(), 0);
    EXPECT_EQ(balance.total_debit(), balance.total_credit());
  }
}

TEST_F(PaymentServer, ReleasesHeldMoneyThroughAFloodOfPayments) {
  v1::Uuid hold;
  Hold(1, 500, 60, &hold);
  std::atomic<bool> stop{false};
  std::thread flood([&] {
    v1::SubmitBatchRequest batch;
    for (size_t i = 0; i < kMaxBatch; ++i) *batch.add_transactions() = PaymentRow(2, 1);
    while (!stop) {
      grpc::ClientContext context;
      v1::SubmitBatchReply reply;
      server_.payment().SubmitBatch(&context, batch, &reply);
    }
  });
  EXPECT_EQ(Void(hold).outcome(), v1::OUTCOME_ACCEPTED);
  stop = true;
  flood.join();
}

// Four slots are for payments: while large batches are applied, there is none for what comes
// meanwhile.
TEST(FullRing, RefusesWhatHasNoSlotAndRecordsNothingOfIt) {
  const TemporaryFolder folder;
  ServerConfig config = TestConfig(folder.path());
  config.ring_slots = 16;
  config.reserved_slots = 12;
  RunningServer server(config);
  OpenCooperatives(server);
  std::atomic<int> taken{0};  // rows
  std::atomic<int> refused{0};
  const auto send = [&](int rows) {
    v1::SubmitBatchRequest batch;
    for (int i = 0; i < rows; ++i) *batch.add_transactions() = PaymentRow(1 + i % kMembers, 1);
    const grpc::Status status =
        StatusOf<v1::SubmitBatchReply>(server.payment(), &Payments::SubmitBatch, batch);
    if (status.ok()) {
      taken += rows;
      return;
    }
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("16 slots"));
    ++refused;
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::vector<std::thread> clients;
  for (const int rows : {4000, 4000, 4000, 4000, 1, 1, 1, 1}) {
    clients.emplace_back([&, rows] {
      do send(rows);
      while (refused < 20 && std::chrono::steady_clock::now() < end);
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_GE(refused, 20);
  EXPECT_GT(taken, 0);
  EXPECT_EQ(BalanceOf(server, AccountOf(kBentangan, code::kSales, kGroceries)).balance(), taken);
}

}  // namespace
}  // namespace lumbung
