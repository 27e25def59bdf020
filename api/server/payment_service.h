// PaymentService: decodes, authorises, hands to the pipeline, and answers when it is durable.
// See proto/lumbung/v1/payment_service.proto for what each call means.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <string>

#include "api/server/call.h"
#include "api/server/engine_parts.h"
#include "api/server/open_streams.h"
#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

// What a payment's reply needs beside its request.
struct PaymentScratch {
  EngineParts* engine = nullptr;
};

template <typename Message, typename Reply>
using PaymentAllocator = CallAllocator<Message, Reply, PaymentScratch>;

// gRPC threads; must outlive the gRPC server.
class PaymentServiceImpl final : public v1::PaymentService::CallbackService {
 public:
  explicit PaymentServiceImpl(EngineParts& engine);

  // For a server that stops: the streams answer what they have taken and end. Any thread.
  void EndStreams() { streams_.End(); }

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  using ResultMessage = v1::TransactionResult;

  // Each serves methods in the place of the generated ones. Of the stream the reactor reads bytes;
  // of lists of rows the bytes are bounded.
  void ServeNamedKinds();
  void ServeRows();
  void ServeStream();

  template <typename Message, typename Reply>
  void Serve(const std::string& method, PaymentAllocator<Message, Reply>& allocator);
  // One transaction from any of the messages that describe one.
  template <typename Message, typename Reply>
  Unary* Begin(Context* context);
  Unary* BeginBatch(Context* context);

  EngineParts& engine_;
  OpenStreams streams_;
  PaymentAllocator<v1::PayRequest, ResultMessage> pay_;
  PaymentAllocator<v1::TransferRequest, ResultMessage> transfer_;
  PaymentAllocator<v1::DepositRequest, ResultMessage> deposit_;
  PaymentAllocator<v1::WithdrawRequest, ResultMessage> withdraw_;
  PaymentAllocator<v1::HoldRequest, ResultMessage> hold_;
  PaymentAllocator<v1::CaptureRequest, ResultMessage> capture_;
  PaymentAllocator<v1::VoidRequest, ResultMessage> void_;
  PaymentAllocator<v1::RefundRequest, ResultMessage> refund_;
  PaymentAllocator<v1::ReverseRequest, ResultMessage> reverse_;
  PaymentAllocator<v1::Transaction, ResultMessage> submit_;
  PaymentAllocator<v1::SubmitBatchRequest, v1::SubmitBatchReply> batch_;
  PaymentAllocator<v1::ResolveRequest, v1::ResolveReply> resolve_;
};

}  // namespace lumbung
