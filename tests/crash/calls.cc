#include "tests/crash/calls.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <thread>

#include "bench/measure/clocks.h"
#include "bench/workload/build_transaction.h"

namespace lumbung {

namespace {

void SetDeadline(grpc::ClientContext& context, Patience patience) {
  context.set_deadline(std::chrono::system_clock::now() + patience);
}

Answer AnswerOf(const v1::TransactionResult& result, int64_t invoked_ns) {
  return {.outcome = result.outcome(),
          .duplicate = result.duplicate(),
          .sequence = result.sequence(),
          .timestamp_ns = result.timestamp_ns(),
          .invoked_ns = invoked_ns,
          .replied_ns = SteadyNowNs()};
}

// A unary call's refusal, which travels as a status.
std::optional<v1::Outcome> RefusalIn(const grpc::Status& status,
                                     const grpc::ClientContext& context) {
  if (status.error_code() != grpc::StatusCode::INVALID_ARGUMENT) return std::nullopt;
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find("lumbung-outcome");
  if (found == metadata.end()) return std::nullopt;
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  const std::string name = "OUTCOME_" + std::string(found->second.data(), found->second.size());
  if (!v1::Outcome_Parse(name, &outcome)) return std::nullopt;
  return outcome;
}

Ending EndingOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return Ending::kComplete;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return Ending::kNotTaken;
    // INTERNAL and UNKNOWN are gRPC's own, for a stream that was reset or cut in mid-message.
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
      return Ending::kUnknown;
    default:
      return Ending::kUnheard;
  }
}

void Conclude(const grpc::Status& status, size_t rows, CallResult& result) {
  result.ending = EndingOf(status);
  result.message = std::to_string(status.error_code()) + " " + status.error_message();
  if (result.ending == Ending::kComplete && result.answers.size() != rows) {
    result.ending = Ending::kUnheard;
    result.message = std::to_string(result.answers.size()) + " results of " + std::to_string(rows) +
                     ", and the status OK";
  }
}

}  // namespace

CallResult SubmitOne(v1::PaymentService::Stub& stub, const Payment& row, Patience patience) {
  CallResult result;
  v1::Transaction request;
  v1::TransactionResult reply;
  Fill(row, request);
  grpc::ClientContext context;
  SetDeadline(context, patience);
  const int64_t invoked_ns = SteadyNowNs();
  const grpc::Status status = stub.Submit(&context, request, &reply);
  if (const std::optional<v1::Outcome> refusal = RefusalIn(status, context)) {
    reply.set_outcome(*refusal);
    result.answers.push_back(AnswerOf(reply, invoked_ns));
    return result;
  }
  if (status.ok()) result.answers.push_back(AnswerOf(reply, invoked_ns));
  Conclude(status, 1, result);
  return result;
}

CallResult SubmitBatch(v1::PaymentService::Stub& stub, const std::vector<Payment>& rows,
                       Patience patience) {
  CallResult result;
  v1::SubmitBatchRequest request;
  v1::SubmitBatchReply reply;
  for (const Payment& row : rows) Fill(row, *request.add_transactions());
  grpc::ClientContext context;
  SetDeadline(context, patience);
  const int64_t invoked_ns = SteadyNowNs();
  const grpc::Status status = stub.SubmitBatch(&context, request, &reply);
  if (status.ok()) {
    for (const v1::TransactionResult& each : reply.results()) {
      result.answers.push_back(AnswerOf(each, invoked_ns));
    }
  }
  Conclude(status, rows.size(), result);
  return result;
}

CallResult SubmitStream(v1::PaymentService::Stub& stub, const std::vector<Payment>& rows,
                        Patience patience, Reading reading) {
  CallResult result;
  grpc::ClientContext context;
  SetDeadline(context, patience);
  const auto stream = stub.SubmitStream(&context);
  std::vector<int64_t> invoked_ns;
  for (const Payment& row : rows) {
    v1::Transaction request;
    Fill(row, request);
    invoked_ns.push_back(SteadyNowNs());
    if (!stream->Write(request)) break;
  }
  stream->WritesDone();
  if (reading != Reading::kAtOnce) std::this_thread::sleep_for(patience / 2);
  if (reading == Reading::kNever) context.TryCancel();
  v1::TransactionResult reply;
  while (stream->Read(&reply) && result.answers.size() < invoked_ns.size()) {
    result.answers.push_back(AnswerOf(reply, invoked_ns[result.answers.size()]));
  }
  const grpc::Status status = stream->Finish();
  Conclude(status, rows.size(), result);
  // Whatever its status: all that was sent has its answer.
  if (result.answers.size() == rows.size()) result.ending = Ending::kComplete;
  return result;
}

CallResult ResolveOne(v1::PaymentService::Stub& stub, TransactionId id, IfUnknown if_unknown,
                      Patience patience) {
  CallResult result;
  v1::ResolveRequest request;
  v1::ResolveReply reply;
  SetId(*request.mutable_id(), id);
  request.set_fence(if_unknown == IfUnknown::kFence);
  grpc::ClientContext context;
  SetDeadline(context, patience);
  const int64_t invoked_ns = SteadyNowNs();
  const grpc::Status status = stub.Resolve(&context, request, &reply);
  if (const std::optional<v1::Outcome> refusal = RefusalIn(status, context)) {
    reply.mutable_result()->set_outcome(*refusal);
    result.answers.push_back(AnswerOf(reply.result(), invoked_ns));
    return result;
  }
  if (status.ok()) result.answers.push_back(AnswerOf(reply.result(), invoked_ns));
  Conclude(status, 1, result);
  return result;
}

}  // namespace lumbung
