// What the tests of the server play with: a cooperative with a branch, a terminal and members with
// money, and the calls of everyday life in one line each. A call that gRPC does not answer with OK
// fails the test.
#pragma once

#include <gtest/gtest.h>
#include <cstdint>
#include <string>

#include "engine/chart.h"
#include "tests/api/running_server.h"

namespace lumbung {

inline constexpr uint32_t kBentangan = 1024;
inline constexpr uint32_t kNeighbour = 1025;
inline constexpr uint32_t kGroceries = 2;
inline constexpr uint32_t kTerminal = 3;
inline constexpr uint32_t kMembers = 4;  // numbers 1 … 4
// What each member has in the wallet at first, minor units.
inline constexpr int64_t kOpening = 1'000'000;

// A new UUIDv7.
v1::Uuid NewId();

uint64_t AccountOf(uint32_t cooperative, AccountCode code, uint32_t holder);
inline uint64_t WalletOf(uint32_t member, uint32_t cooperative = kBentangan) {
  return AccountOf(cooperative, code::kWallet, member);
}

// Calls a method with a message; expects OK.
template <typename Reply, typename Stub, typename Method, typename Message>
Reply Ask(Stub& stub, Method method, const Message& message) {
  grpc::ClientContext context;
  Reply reply;
  const grpc::Status status = (stub.*method)(&context, message, &reply);
  EXPECT_TRUE(status.ok()) << status.error_code() << " " << status.error_message();
  return reply;
}

// Calls a method with a message; returns the status.
template <typename Reply, typename Stub, typename Method, typename Message>
grpc::Status StatusOf(Stub& stub, Method method, const Message& message) {
  grpc::ClientContext context;
  Reply reply;
  return (stub.*method)(&context, message, &reply);
}

// Opens Bentangan and its neighbour, each with a branch, a terminal, and members with kOpening.
void OpenCooperatives(RunningServer& server);

v1::PayRequest Payment(uint32_t member, int64_t amount);
// The same as explicit legs, for batches and streams.
v1::Transaction PaymentRow(uint32_t member, int64_t amount);

v1::TransactionResult Pay(RunningServer& server, const v1::PayRequest& pay);
v1::TransactionResult Submit(RunningServer& server, const v1::Transaction& transaction);
v1::Account BalanceOf(RunningServer& server, uint64_t account);
v1::GetStatusReply StatusWithHash(RunningServer& server);
v1::GetTrialBalanceReply TrialBalanceOf(RunningServer& server, uint32_t cooperative,
                                        const std::string& date = "");

}  // namespace lumbung
