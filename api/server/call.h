// A unary call on its way through the engine: its messages in an arena, the engine's request, and
// what the answer needs. gRPC gets it from a CallAllocator before it decodes, and gives it back
// after the reply has been sent; then it is kept for the next call, with all its memory, so that a
// warm server neither allocates nor touches fresh pages for a call.
//
// Life: AllocateMessages → decode (gRPC thread) → handler (gRPC thread) → Pipeline → reply (reply
// or apply thread, a gRPC thread that helps, or a reader's) → Finish → Release. One thread at a
// time; each hand-over synchronises.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/message_allocator.h>
#include <grpcpp/support/server_callback.h>
#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "api/server/callback_thread.h"
#include "api/server/free_list.h"
#include "engine/request.h"

namespace lumbung {

// An arena whose first block is kept, and grows to what its messages have needed.
class RecycledArena {
 public:
  RecycledArena() { Renew(kLeastBytes); }

  google::protobuf::Arena& arena() { return *arena_; }

  // Frees all messages. If they needed more than the first block, the next ones get a larger one.
  void Reset() {
    const size_t used = arena_->SpaceAllocated();
    if (used > bytes_ && bytes_ < kMostBytes) {
      Renew(std::min(std::bit_ceil(used), kMostBytes));
    } else {
      arena_->Reset();
    }
  }

 private:
  static constexpr size_t kLeastBytes = 2048;
  // A full batch of payments with its results takes about 3 MiB.
  static constexpr size_t kMostBytes = size_t{8} << 20;

  void Renew(size_t bytes) {
    arena_.reset();
    bytes_ = bytes;
    block_ = std::make_unique_for_overwrite<char[]>(bytes);
    google::protobuf::ArenaOptions options;
    options.initial_block = block_.get();
    options.initial_block_size = bytes;
    arena_.emplace(options);
  }

  size_t bytes_ = 0;
  std::unique_ptr<char[]> block_;
  std::optional<google::protobuf::Arena> arena_;
};

template <typename RequestMessage, typename ReplyMessage, typename Scratch>
class CallAllocator;

struct NoScratch {};

// `Scratch` is what the method's query leaves for its reply.
template <typename RequestMessage, typename ReplyMessage, typename Scratch = NoScratch>
class Call final : public grpc::MessageHolder<RequestMessage, ReplyMessage> {
 public:
  using Allocator = CallAllocator<RequestMessage, ReplyMessage, Scratch>;

  // The call that belongs to the context of a method whose allocator is a CallAllocator.
  static Call& Of(grpc::CallbackServerContext* context) {
    Call& call = *static_cast<Call*>(context->GetRpcAllocatorState());
    call.context_ = context;
    call.reactor_ = context->DefaultReactor();
    return call;
  }

  Request& request() { return request_; }
  const RequestMessage& message() { return *MessageHolderType::request(); }
  ReplyMessage& reply() { return *MessageHolderType::response(); }
  Scratch& scratch() { return scratch_; }
  grpc::CallbackServerContext& context() { return *context_; }
  grpc::ServerUnaryReactor* reactor() { return reactor_; }

  // Sends the reply, or the status if it is not OK. Nothing of the call may be touched afterwards.
  // Any thread. A small reply is left to the callback thread, which is woken once for all replies
  // of a group; a large one is put into bytes here.
  void Finish(grpc::Status status) {
    if (CallbackThread::IsCurrent() || IsLarge()) return reactor_->Finish(std::move(status));
    finishing_.status = std::move(status);
    CallbackThread::Post(finishing_);
  }

  void Release() override;

 private:
  using MessageHolderType = grpc::MessageHolder<RequestMessage, ReplyMessage>;
  friend Allocator;

  // More than one thread can put into bytes while another would wake: a batch's results, a page of
  // a statement. Counted before it is measured, since a batch's bytes take long to count.
  static constexpr size_t kManyResults = 64;
  static constexpr size_t kManyBytes = 4096;
  bool IsLarge() {
    return request_.results.size() > kManyResults || reply().ByteSizeLong() > kManyBytes;
  }

  // A Finish that the callback thread does.
  struct Finishing : CallbackThread::Work {
    explicit Finishing(Call& owner) : call(owner) {
      run = [](CallbackThread::Work& work) {
        auto& self = static_cast<Finishing&>(work);
        self.call.reactor_->Finish(std::move(self.status));
      };
    }

    Call& call;
    grpc::Status status;
  };

  void Prepare() {
    auto& arena = arena_.arena();
    this->set_request(google::protobuf::Arena::CreateMessage<RequestMessage>(&arena));
    this->set_response(google::protobuf::Arena::CreateMessage<ReplyMessage>(&arena));
  }

  Allocator* home_ = nullptr;
  RecycledArena arena_;
  Request request_;
  Scratch scratch_{};
  grpc::CallbackServerContext* context_ = nullptr;
  grpc::ServerUnaryReactor* reactor_ = nullptr;
  Finishing finishing_{*this};
};

// Any thread. Must outlive the gRPC server.
template <typename RequestMessage, typename ReplyMessage, typename Scratch = NoScratch>
class CallAllocator final : public grpc::MessageAllocator<RequestMessage, ReplyMessage> {
 public:
  using CallType = Call<RequestMessage, ReplyMessage, Scratch>;

  grpc::MessageHolder<RequestMessage, ReplyMessage>* AllocateMessages() override {
    std::unique_ptr<CallType> call = kept_.Take();
    if (call == nullptr) {
      call = std::make_unique<CallType>();
      call->home_ = this;
    }
    call->Prepare();
    return call.release();
  }

  void TakeBack(CallType* call) {
    call->arena_.Reset();
    call->request_.Clear();
    call->scratch_ = Scratch{};
    kept_.Give(std::unique_ptr<CallType>(call));
  }

 private:
  // As many calls of one method as keep their memory; more may be in flight.
  static constexpr size_t kKept = 64;
  FreeList<CallType, kKept> kept_;
};

template <typename RequestMessage, typename ReplyMessage, typename Scratch>
void Call<RequestMessage, ReplyMessage, Scratch>::Release() {
  home_->TakeBack(this);
}

}  // namespace lumbung
