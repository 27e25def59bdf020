// A unary call that ends in a callback, and all that must live until then.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <grpcpp/client_context.h>

#include "bench/day/flight.h"
#include "lumbung/v1/account_service.pb.h"
#include "lumbung/v1/payment_service.pb.h"

namespace lumbung {

// Long enough for a disk that is slow, short enough to notice a server that hangs.
inline constexpr std::chrono::seconds kPatienceOfCall{60};

template <typename Request, typename Reply>
struct UnaryCall {
  std::unique_ptr<Flight> flight;
  grpc::ClientContext context;
  Request request;
  Reply reply;
};

inline void TakeReply(v1::TransactionResult& reply, Flight& flight) {
  flight.results.push_back(std::move(reply));
}
inline void TakeReply(v1::SubmitBatchReply& reply, Flight& flight) {
  for (v1::TransactionResult& result : *reply.mutable_results()) {
    flight.results.push_back(std::move(result));
  }
}
inline void TakeReply(v1::ResolveReply& reply, Flight& flight) {
  flight.resolution = reply.resolution();
  flight.results.push_back(std::move(*reply.mutable_result()));
}
inline void TakeReply(v1::Account&, Flight&) {}
inline void TakeReply(v1::GetStatementReply&, Flight&) {}

// Starts `method` of a stub's callback interface; its end lands the flight.
template <typename Stub, typename Request, typename Reply>
void StartUnary(Stub* stub,
                void (Stub::*method)(grpc::ClientContext*, const Request*, Reply*,
                                     std::function<void(grpc::Status)>),
                std::unique_ptr<UnaryCall<Request, Reply>> call, Landing& landing) {
  auto* const state = call.release();
  state->context.set_deadline(std::chrono::system_clock::now() + kPatienceOfCall);
  state->flight->started_ns = SteadyNow();
  (stub->*method)(&state->context, &state->request, &state->reply,
                  [state, &landing](grpc::Status status) {
                    std::unique_ptr<UnaryCall<Request, Reply>> ended(state);
                    ended->flight->landed_ns = SteadyNow();
                    if (status.ok()) TakeReply(ended->reply, *ended->flight);
                    ended->flight->status = std::move(status);
                    landing.Landed(std::move(ended->flight));
                  });
}

template <typename Request, typename Reply>
std::unique_ptr<UnaryCall<Request, Reply>> CallOf(std::unique_ptr<Flight> flight) {
  auto call = std::make_unique<UnaryCall<Request, Reply>>();
  call->flight = std::move(flight);
  return call;
}

}  // namespace lumbung
