#include "api/cli/client.h"

#include <gtest/gtest.h>

#include <thread>

#include "api/cli/new_id.h"

namespace lumbung::cli {
namespace {

// Answers as told, and remembers that it was asked.
class ScriptedPayments : public v1::PaymentService::Service {
 public:
  grpc::Status Pay(grpc::ServerContext* context, const v1::PayRequest*,
                   v1::TransactionResult*) override {
    context->AddTrailingMetadata("lumbung-outcome", outcome);
    context->AddTrailingMetadata("lumbung-field", "amount");
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "must be positive");
  }

  // Holds the answer back until the caller has gone away.
  grpc::Status Transfer(grpc::ServerContext* context, const v1::TransferRequest*,
                        v1::TransactionResult*) override {
    while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return grpc::Status::OK;
  }

  std::string outcome;
};

class ServedClient : public testing::Test {
 protected:
  ServedClient() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&payments_);
    server_ = builder.BuildAndStart();
  }

  Client MakeClient(std::chrono::milliseconds timeout = std::chrono::seconds(10)) const {
    return Client({.server = "127.0.0.1:" + std::to_string(port_), .timeout = timeout});
  }

  ScriptedPayments payments_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ServedClient, ReadsOutcomeAndFieldOfARefusal) {
  Client client = MakeClient();
  for (const char* outcome : {"AMOUNT_NOT_POSITIVE", "OUTCOME_AMOUNT_NOT_POSITIVE", "109"}) {
    payments_.outcome = outcome;
    v1::TransactionResult result;
    const CallEnd end = client.Call(&v1::PaymentService::Stub::Pay, v1::PayRequest(), result);
    EXPECT_EQ(end.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_TRUE(end.sent);
    EXPECT_EQ(end.outcome, v1::OUTCOME_AMOUNT_NOT_POSITIVE) << outcome;
    EXPECT_EQ(end.field, "amount");
  }
}

TEST_F(ServedClient, KnowsThatNothingWasSentWhereNobodyListens) {
  server_->Shutdown();
  server_.reset();
  Client client = MakeClient();
  v1::TransactionResult result;
  const CallEnd end = client.Call(&v1::PaymentService::Stub::Pay, v1::PayRequest(), result);
  EXPECT_FALSE(end.ok());
  EXPECT_FALSE(end.sent);
}

TEST_F(ServedClient, KnowsThatItSentWhatIsNotAnsweredInTime) {
  Client client = MakeClient(std::chrono::milliseconds(500));
  v1::TransactionResult result;
  const CallEnd end =
      client.Call(&v1::PaymentService::Stub::Transfer, v1::TransferRequest(), result);
  EXPECT_EQ(end.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(end.sent);
}

TEST(NewTransactionId, IsAWellFormedUuidV7OfNow) {
  const TransactionId id = NewTransactionId();
  EXPECT_TRUE(id.IsWellFormed());
  ASSERT_TRUE(id.BirthTime());
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  EXPECT_NEAR(static_cast<double>(id.BirthTime()->value()), static_cast<double>(now), 5e9);
  EXPECT_NE(id, NewTransactionId());
}

}  // namespace
}  // namespace lumbung::cli
