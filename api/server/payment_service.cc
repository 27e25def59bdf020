#include "api/server/payment_service.h"

#include <google/protobuf/descriptor.h>
#include <string>

#include "absl/strings/str_cat.h"
#include "api/server/convert.h"
#include "api/server/decode.h"
#include "api/server/fact_call.h"
#include "api/server/original_times.h"
#include "api/server/payment_handler.h"
#include "api/server/submit.h"
#include "api/server/submit_stream.h"
#include "engine/check.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

using TransactionReply = v1::TransactionResult;

bool IsRefusedForGood(const Result& result) {
  return IsRefused(result.outcome) && result.outcome != Outcome::kIdConflict;
}

v1::Resolution ResolutionOf(Outcome outcome) {
  if (outcome == Outcome::kNone) return v1::RESOLUTION_UNKNOWN;
  if (outcome == Outcome::kAccepted) return v1::RESOLUTION_ACCEPTED;
  if (outcome == Outcome::kFenced) return v1::RESOLUTION_FENCED;
  return v1::RESOLUTION_DECLINED;
}

void Fill(const Request& request, TransactionReply& reply) {
  Encode(request.results.front(), &reply);
}

void Fill(const Request& request, v1::ResolveReply& reply) {
  const Result& result = request.results.front();
  reply.set_resolution(ResolutionOf(result.outcome));
  if (result.outcome != Outcome::kNone) Encode(result, reply.mutable_result());
}

// A row as a whole if no field of it is at fault.
std::string FieldOfRow(size_t row, const std::string& field) {
  return absl::StrCat("transactions[", row, field.empty() ? "]" : "].", field);
}

void Fill(const Request& request, v1::SubmitBatchReply& reply) {
  for (size_t i = 0; i < request.results.size(); ++i) {
    TransactionReply& result = *reply.mutable_results(static_cast<int>(i));
    // Refused ones were filled in when they were decoded.
    if (result.outcome() != v1::OUTCOME_UNSPECIFIED) continue;
    Encode(request.results[i], &result);
    if (IsRefused(request.results[i].outcome)) [[unlikely]] {
      result.set_field(FieldOfRow(i, result.field()));
    }
  }
}

// A fence that is not recorded, since its cooperative is not open. The id stays free, so this must
// not be told as a decline, which is for ever.
bool IsFenceOfNobody(const Result& result) {
  return result.outcome == Outcome::kCooperativeUnknown && result.sequence == kNoSequence;
}

grpc::Status FenceOfNobody(grpc::ServerContextBase& context) {
  return CooperativeUnknown(context, ", or 0; the id is not fenced and stays free");
}

// A unary call whose one transaction the engine refused ends with a status, not with a value.
template <typename CallType>
void Conclude(CallType& call) {
  Request& request = call.request();
  if constexpr (!std::is_same_v<std::decay_t<decltype(call.reply())>, v1::SubmitBatchReply>) {
    if (IsRefusedForGood(request.results.front())) {
      const Outcome outcome = request.results.front().outcome;
      const Verdict verdict{.outcome = outcome,
                            .field = std::string(FieldAtFault(outcome)),
                            .message = std::string(Explain(outcome))};
      const Timestamp now = call.scratch().engine->clock.Now();
      return call.Finish(Refused(verdict, now, call.context()));
    }
  }
  if constexpr (std::is_same_v<std::decay_t<decltype(call.reply())>, v1::ResolveReply>) {
    if (IsFenceOfNobody(request.results.front())) return call.Finish(FenceOfNobody(call.context()));
  }
  Fill(request, call.reply());
  call.Finish(grpc::Status::OK);
}

template <typename CallType>
void Answer(CallType& call) {
  if (!NeedsOriginalTime(call.request().results)) [[likely]] {
    return Conclude(call);
  }
  call.scratch().engine->readers.Run(
      [&call] {
        ReadOriginalTimes(call.scratch().engine->ledger, call.request().results);
        Conclude(call);
      },
      Admission::kAlways);
}

// Methods are numbered as in the proto. The service takes the handlers that are marked for them.
int IndexOf(const std::string& method) {
  const google::protobuf::MethodDescriptor* const found =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          "lumbung.v1.PaymentService." + method);
  LUMBUNG_CHECK(found != nullptr);
  return found->index();
}

DecodeContext ContextOf(const EngineParts& engine, const grpc::ServerContextBase& context) {
  return {.principal = engine.authenticator.Authenticate(context), .now = engine.clock.Now()};
}

// Decodes a batch and begins its reply: a result for each row, complete for those that are refused.
void DecodeBatch(const v1::SubmitBatchRequest& batch, const DecodeContext& context,
                 Request& request, v1::SubmitBatchReply& reply) {
  const auto rows = static_cast<size_t>(batch.transactions_size());
  size_t legs = 0;
  for (const v1::Transaction& row : batch.transactions()) legs += LegsOf(row);
  request.commands.reserve(rows);
  request.legs.reserve(legs);
  request.results.reserve(rows);
  reply.mutable_results()->Reserve(batch.transactions_size());
  for (int i = 0; i < batch.transactions_size(); ++i) {
    const Verdict verdict = Decode(batch.transactions(i), context, request);
    TransactionReply& result = *reply.add_results();
    if (verdict.outcome == Outcome::kAccepted) [[likely]] {
      continue;
    }
    result.set_outcome(ToProto(verdict.outcome));
    result.set_field(FieldOfRow(static_cast<size_t>(i), verdict.field));
    result.set_message(verdict.message);
  }
}

}  // namespace

PaymentServiceImpl::PaymentServiceImpl(EngineParts& engine) : engine_(engine) {
  ServeNamedKinds();
  ServeRows();
  ServeStream();
}

template <typename Message, typename Reply>
grpc::ServerUnaryReactor* PaymentServiceImpl::Begin(Context* context) {
  using CallType = Call<Message, Reply, PaymentScratch>;
  CallType& call = CallType::Of(context);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  call.scratch().engine = &engine_;
  call.request().legs.reserve(LegsOf(call.message()));
  const DecodeContext decode = ContextOf(engine_, *context);
  const Verdict verdict = Decode(call.message(), decode, call.request());
  if (verdict.outcome == Outcome::kAccepted) [[likely]] {
    const Room room = RoomOf(call.request().commands.front());
    Send<Answer<CallType>>(engine_, call, room);
  } else {
    call.Finish(Refused(verdict, decode.now, *context));
  }
  return reactor;
}

grpc::ServerUnaryReactor* PaymentServiceImpl::BeginBatch(Context* context) {
  using CallType = Call<v1::SubmitBatchRequest, v1::SubmitBatchReply, PaymentScratch>;
  CallType& call = CallType::Of(context);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  call.scratch().engine = &engine_;
  const auto rows = static_cast<size_t>(call.message().transactions_size());
  if (rows == 0 || rows > kMaxBatch) {
    context->AddTrailingMetadata("lumbung-field", "transactions");
    call.Finish({grpc::StatusCode::INVALID_ARGUMENT,
                 absl::StrCat("transactions: expected 1 to ", kMaxBatch, " in a batch, found ",
                              rows, "; nothing was recorded")});
    return reactor;
  }
  DecodeBatch(call.message(), ContextOf(engine_, *context), call.request(), call.reply());
  Send<Answer<CallType>>(engine_, call, Room::kOrdinary);
  return reactor;
}

template <typename Message, typename Reply>
void PaymentServiceImpl::Serve(const std::string& method,
                               PaymentAllocator<Message, Reply>& allocator) {
  MarkMethodCallback(IndexOf(method),
                     new PaymentHandler<Message, Reply, PaymentScratch>(
                         allocator, [this](Context* context, const Message*, Reply*) {
                           return Begin<Message, Reply>(context);
                         }));
}

void PaymentServiceImpl::ServeNamedKinds() {
  Serve("Pay", pay_);
  Serve("Transfer", transfer_);
  Serve("Deposit", deposit_);
  Serve("Withdraw", withdraw_);
  Serve("Hold", hold_);
  Serve("Capture", capture_);
  Serve("Void", void_);
  Serve("Refund", refund_);
  Serve("Reverse", reverse_);
  Serve("Resolve", resolve_);
}

void PaymentServiceImpl::ServeRows() {
  using BatchHandler = PaymentHandler<v1::SubmitBatchRequest, v1::SubmitBatchReply, PaymentScratch>;
  MarkMethodCallback(
      IndexOf("SubmitBatch"),
      new BatchHandler(
          batch_, [this](Context* context, const auto*, auto*) { return BeginBatch(context); },
          MessageBounds{.rows = kMaxBatch, .fields_of_row = kMaxRowFields},
          {.field = "transactions",
           .message = absl::StrCat("expected 1 to ", kMaxBatch, " in a batch, each of at most ",
                                   kMaxRowFields, " fields, found more; nothing was recorded")}));
  using RowHandler = PaymentHandler<v1::Transaction, ResultMessage, PaymentScratch>;
  MarkMethodCallback(
      IndexOf("Submit"),
      new RowHandler(submit_,
                     [this](Context* context, const auto*, auto*) {
                       return Begin<v1::Transaction, ResultMessage>(context);
                     },
                     MessageBounds{.rows = kMaxRowFields, .fields_of_row = kMaxRowFields},
                     {.field = "further_legs",
                      .message = absl::StrCat("expected a transaction of at most ", kMaxRowFields,
                                              " fields, found more; nothing was recorded")}));
}

void PaymentServiceImpl::ServeStream() {
  MarkMethodRawCallback(
      IndexOf("SubmitStream"),
      new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, v1::TransactionResult>(
          [this](Context* context) {
            return new SubmitStreamReactor(engine_, streams_,
                                           engine_.authenticator.Authenticate(*context));
          }));
}

}  // namespace lumbung
