#include "api/cli/client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

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

// Takes connections and counts them. The first ones it breaks off; those after `broken` it greets
// as an HTTP/2 server does, with an empty SETTINGS frame (RFC 9113, 6.5).
class BreakingListener {
 public:
  explicit BreakingListener(int broken) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, broken] { Serve(broken); });
  }
  ~BreakingListener() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  Client MakeClient() const {
    return Client(
        {.server = "127.0.0.1:" + std::to_string(port_), .timeout = std::chrono::seconds(10)});
  }
  int taken() const { return taken_; }

 private:
  void Serve(int broken) {
    std::vector<int> greeted;
    for (int peer = 0; (peer = ::accept(socket_, nullptr, nullptr)) >= 0;) {
      if (++taken_ <= broken) {
        ::close(peer);
        continue;
      }
      const uint8_t settings[9] = {0, 0, 0, 4};
      EXPECT_EQ(::write(peer, settings, sizeof(settings)), 9);
      greeted.push_back(peer);
    }
    for (const int peer : greeted) ::close(peer);
  }

  const int socket_;
  int port_ = 0;
  std::atomic<int> taken_ = 0;
  std::thread thread_;
};

// There is a moment for it, which may be over too soon where others use the processors.
TEST(ClientConnection, IsTriedASecondTime) {
  for (int i = 0; i < 10; ++i) {
    const BreakingListener listener(/*broken=*/1);
    if (listener.MakeClient().Connect().has_value()) continue;
    EXPECT_EQ(listener.taken(), 2);
    return;
  }
  FAIL() << "no second attempt in 10 connections came in time";
}

TEST(ClientConnection, IsNotTriedForEver) {
  const BreakingListener listener(/*broken=*/100);
  const auto begin = std::chrono::steady_clock::now();
  const auto end = listener.MakeClient().Connect();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->sent);
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
