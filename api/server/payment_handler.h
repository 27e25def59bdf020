// Serves a unary method of the PaymentService as gRPC's handler does, but for two kinds of message:
// one that can't be read is answered with Unreadable() (unreadable.h says why; its interceptor
// would cost every payment 4,000 instructions), and one that exceeds its bounds (message_bounds.h)
// is refused with INVALID_ARGUMENT before it is parsed.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "api/server/call.h"
#include "api/server/message_bounds.h"
#include "api/server/unreadable.h"

namespace lumbung {

// Any thread, as gRPC says of its handlers.
template <typename RequestMessage, typename ReplyMessage, typename Scratch>
class PaymentHandler final : public grpc::internal::MethodHandler {
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
  PaymentHandler(Allocator& allocator, Handle handle)
      : PaymentHandler(allocator, std::move(handle), std::nullopt, {}) {}
  PaymentHandler(Allocator& allocator, Handle handle, const std::optional<MessageBounds>& bounds,
                 const Refusal& refusal)
      : allocator_(allocator),
        bounds_(bounds),
        field_(refusal.field),
        refusal_(grpc::StatusCode::INVALID_ARGUMENT, refusal.field + ": " + refusal.message),
        readable_(std::move(handle)),
        beyond_([this](grpc::CallbackServerContext* context, const RequestMessage*, ReplyMessage*) {
          context->AddTrailingMetadata("lumbung-field", field_);
          return Refuse(*context, refusal_);
        }),
        unreadable_([](grpc::CallbackServerContext* context, const RequestMessage*, ReplyMessage*) {
          return Refuse(*context, Unreadable());
        }) {
    readable_.SetMessageAllocator(&allocator_);
  }

  void* Deserialize(grpc_call* call, grpc_byte_buffer* bytes, grpc::Status* status,
                    void** handler_data) override {
    if (!bounds_ || bytes == nullptr || !Exceeds(*bytes, *bounds_)) [[likely]] {
      return readable_.Deserialize(call, bytes, status, handler_data);
    }
    grpc_byte_buffer_destroy(bytes);
    grpc::MessageHolder<RequestMessage, ReplyMessage>* const unused = allocator_.AllocateMessages();
    *handler_data = unused;
    *status = refusal_;
    return nullptr;
  }

  void RunHandler(const HandlerParameter& parameter) override {
    if (parameter.status.ok()) [[likely]] {
      return readable_.RunHandler(parameter);
    }
    // The parser says it with another code.
    const bool too_much = parameter.status.error_code() == refusal_.error_code();
    (too_much ? beyond_ : unreadable_)
        .RunHandler(HandlerParameter(parameter.call, parameter.server_context, nullptr,
                                     grpc::Status::OK, parameter.internal_data,
                                     parameter.call_requester));
  }

 private:
  using Inner = grpc::internal::CallbackUnaryHandler<RequestMessage, ReplyMessage>;

  static grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext& context,
                                          const grpc::Status& status) {
    grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }

  Allocator& allocator_;
  const std::optional<MessageBounds> bounds_;
  const std::string field_;
  const grpc::Status refusal_;
  Inner readable_;
  Inner beyond_;
  Inner unreadable_;
};

}  // namespace lumbung
