#include "bench/day/transport.h"

#include <chrono>
#include <thread>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "bench/day/terminal_call.h"
#include "bench/day/unary_call.h"
#include "bench/day/upload.h"
#include "bench/workload/build_transaction.h"
#include "bench/workload/message_limit.h"

namespace lumbung {

namespace {

using Payments = v1::PaymentService::StubInterface::async_interface;
using Accounts = v1::AccountService::StubInterface::async_interface;

void StartBatch(Payments* stub, std::unique_ptr<Flight> flight, Landing& landing) {
  auto call = CallOf<v1::SubmitBatchRequest, v1::SubmitBatchReply>(std::move(flight));
  for (const PlannedCall& planned : call->flight->calls) {
    *call->request.add_transactions() = planned.transaction;
  }
  StartUnary(stub, &Payments::SubmitBatch, std::move(call), landing);
}

void StartResolve(Payments* stub, std::unique_ptr<Flight> flight, Landing& landing) {
  auto call = CallOf<v1::ResolveRequest, v1::ResolveReply>(std::move(flight));
  const v1::Transaction& transaction = call->flight->calls.front().transaction;
  *call->request.mutable_id() = transaction.id();
  if (call->flight->form == Flight::Form::kFence) {
    call->request.set_fence(true);
    call->request.set_cooperative(AccountId{transaction.debit_account()}.cooperative().value());
  }
  StartUnary(stub, &Payments::Resolve, std::move(call), landing);
}

void StartBalance(Accounts* stub, std::unique_ptr<Flight> flight, Landing& landing) {
  auto call = CallOf<v1::GetBalanceRequest, v1::Account>(std::move(flight));
  call->request.set_account(call->flight->calls.front().account.value());
  StartUnary(stub, &Accounts::GetBalance, std::move(call), landing);
}

void StartStatement(Accounts* stub, std::unique_ptr<Flight> flight, Landing& landing) {
  constexpr uint32_t kLinesOnAPhone = 20;
  auto call = CallOf<v1::GetStatementRequest, v1::GetStatementReply>(std::move(flight));
  call->request.set_account(call->flight->calls.front().account.value());
  call->request.set_page_size(kLinesOnAPhone);
  StartUnary(stub, &Accounts::GetStatement, std::move(call), landing);
}

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& server, size_t number) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("lumbung.connection", static_cast<int>(number));  // a connection of its own
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

Transport::Transport(const std::string& server, size_t connections) : server_(server) {
  for (size_t number = 0; number < connections; ++number) {
    const std::shared_ptr<grpc::Channel> channel = OpenChannel(server, number);
    lanes_.push_back({.payments = v1::PaymentService::NewStub(channel),
                      .accounts = v1::AccountService::NewStub(channel)});
  }
  const std::shared_ptr<grpc::Channel> channel = OpenChannel(server, connections);
  ledger_ = v1::LedgerService::NewStub(channel);
  admin_ = v1::AdminService::NewStub(channel);
}

void Transport::Start(std::unique_ptr<Flight> flight, Landing& landing) {
  Lane& lane = lanes_[next_lane_.fetch_add(1, std::memory_order_relaxed) % lanes_.size()];
  switch (flight->form) {
    case Flight::Form::kSubmit:
      return StartTerminalCall(*lane.payments->async(), std::move(flight), landing);
    case Flight::Form::kBatch:
      return StartBatch(lane.payments->async(), std::move(flight), landing);
    case Flight::Form::kUpload:
      return StartUpload(*lane.payments, std::move(flight), landing);
    case Flight::Form::kResolve:
    case Flight::Form::kFence:
      return StartResolve(lane.payments->async(), std::move(flight), landing);
    case Flight::Form::kBalance:
      return StartBalance(lane.accounts->async(), std::move(flight), landing);
    case Flight::Form::kStatement:
      return StartStatement(lane.accounts->async(), std::move(flight), landing);
  }
}

absl::Status Transport::WaitUntilServing(std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
    v1::GetStatusReply reply;
    const grpc::Status status = admin_->GetStatus(&context, {}, &reply);
    if (status.ok()) return absl::OkStatus();
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::UnavailableError("no server answers at " + server_ + ": " +
                                    status.error_message());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace lumbung
