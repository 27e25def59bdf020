// Serves a unary method whose message is a list of rows: what exceeds its bounds is refused with
// INVALID_ARGUMENT before it is parsed (message_bounds.h). All else is as gRPC's handler does it.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <functional>
#include <string>
#include <utility>

#include "api/server/call.h"
#include "api/server/message_bounds.h"

namespace lumbung {

// Any thread, as gRPC says of its handlers.
template <typename RequestMessage, typename ReplyMessage, typename Scratch>
class BoundedHandler final : public grpc::internal::MethodHandler {
 public:
  using Allocator = CallAllocator<RequestMessage, ReplyMessage, Scratch>;
  using Handle = std::function<grpc::ServerUnaryReactor*(grpc::CallbackServerContext*,
                                                         const RequestMessage*, ReplyMessage*)>;

  // What the sender of too much is told.
  struct Refusal {
    std::string field;
    std::string message;
  };

  // The allocator must outlive the handler.
  BoundedHandler(Allocator& allocator, const MessageBounds& bounds, const Refusal& refusal,
                 Handle handle)
      : allocator_(allocator),
        bounds_(bounds),
        field_(refusal.field),
        refusal_(grpc::StatusCode::INVALID_ARGUMENT, refusal.field + ": " + refusal.message),
        within_(std::move(handle)),
        beyond_([this](grpc::CallbackServerContext* context, const RequestMessage*, ReplyMessage*) {
          grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
          context->AddTrailingMetadata("lumbung-field", field_);
          reactor->Finish(refusal_);
          return reactor;
        }) {
    within_.SetMessageAllocator(&allocator_);
  }

  void* Deserialize(grpc_call* call, grpc_byte_buffer* bytes, grpc::Status* status,
                    void** handler_data) override {
    if (bytes == nullptr || !Exceeds(*bytes, bounds_)) [[likely]] {
      return within_.Deserialize(call, bytes, status, handler_data);
    }
    grpc_byte_buffer_destroy(bytes);
    grpc::MessageHolder<RequestMessage, ReplyMessage>* const unused = allocator_.AllocateMessages();
    *handler_data = unused;
    *status = refusal_;
    return nullptr;
  }

  void RunHandler(const HandlerParameter& parameter) override {
    // A message that can't be parsed comes here with another status.
    if (parameter.status.error_code() != refusal_.error_code()) [[likely]] {
      return within_.RunHandler(parameter);
    }
    beyond_.RunHandler(HandlerParameter(parameter.call, parameter.server_context, nullptr,
                                        grpc::Status::OK, parameter.internal_data,
                                        parameter.call_requester));
  }

 private:
  using Inner = grpc::internal::CallbackUnaryHandler<RequestMessage, ReplyMessage>;

  Allocator& allocator_;
  const MessageBounds bounds_;
  const std::string field_;
  const grpc::Status refusal_;
  Inner within_;
  Inner beyond_;
};

}  // namespace lumbung
