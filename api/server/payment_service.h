// PaymentService: decodes, authorises, hands to the pipeline, and answers when it is durable.
// See proto/lumbung/v1/payment_service.proto for what each call means.
#pragma once

#include <grpcpp/support/server_callback.h>

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

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  using ResultMessage = v1::TransactionResult;

  Unary* Pay(Context* context, const v1::PayRequest*, ResultMessage*) override;
  Unary* Transfer(Context* context, const v1::TransferRequest*, ResultMessage*) override;
  Unary* Deposit(Context* context, const v1::DepositRequest*, ResultMessage*) override;
  Unary* Withdraw(Context* context, const v1::WithdrawRequest*, ResultMessage*) override;
  Unary* Hold(Context* context, const v1::HoldRequest*, ResultMessage*) override;
  Unary* Capture(Context* context, const v1::CaptureRequest*, ResultMessage*) override;
  Unary* Void(Context* context, const v1::VoidRequest*, ResultMessage*) override;
  Unary* Refund(Context* context, const v1::RefundRequest*, ResultMessage*) override;
  Unary* Reverse(Context* context, const v1::ReverseRequest*, ResultMessage*) override;
  Unary* Submit(Context* context, const v1::Transaction*, ResultMessage*) override;
  Unary* SubmitBatch(Context* context, const v1::SubmitBatchRequest*,
                     v1::SubmitBatchReply*) override;
  Unary* Resolve(Context* context, const v1::ResolveRequest*, v1::ResolveReply*) override;

 private:
  // Serves SubmitStream in the place of the generated method: its reactor reads bytes.
  void ServeStream();
  // Serves SubmitBatch and Submit in the place of the generated methods: bounds their bytes.
  void ServeBounded();

  // One transaction from any of the messages that describe one.
  template <typename Message, typename Reply>
  Unary* Begin(Context* context);

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
