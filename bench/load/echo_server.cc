#include "bench/load/echo_server.h"

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/message_allocator.h>

#include <csignal>
#include <cstdio>
#include <fstream>

#include "bench/workload/message_limit.h"
#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

namespace {

template <typename Request, typename Reply>
class ArenaHolder : public grpc::MessageHolder<Request, Reply> {
 public:
  ArenaHolder() {
    this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
    this->set_response(google::protobuf::Arena::CreateMessage<Reply>(&arena_));
  }
  void Release() override { delete this; }

 private:
  google::protobuf::Arena arena_;
};

template <typename Request, typename Reply>
class ArenaAllocator : public grpc::MessageAllocator<Request, Reply> {
 public:
  grpc::MessageHolder<Request, Reply>* AllocateMessages() override {
    return new ArenaHolder<Request, Reply>;
  }
};

// What a real result is like, byte for byte in size.
void Fill(uint64_t sequence, v1::TransactionResult& result) {
  constexpr int64_t kSomeTime = 1'790'000'000'000'000'000;
  result.set_outcome(v1::OUTCOME_ACCEPTED);
  result.set_sequence(sequence);
  result.set_leg_count(1);
  result.set_timestamp_ns(kSomeTime);
}

class EchoService : public v1::PaymentService::CallbackService {
 public:
  EchoService() {
    SetMessageAllocatorFor_Submit(&submit_);
    SetMessageAllocatorFor_SubmitBatch(&batch_);
  }

  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const v1::Transaction*,
                                   v1::TransactionResult* reply) override {
    Fill(1, *reply);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerUnaryReactor* SubmitBatch(grpc::CallbackServerContext* context,
                                        const v1::SubmitBatchRequest* request,
                                        v1::SubmitBatchReply* reply) override {
    reply->mutable_results()->Reserve(request->transactions_size());
    for (int i = 0; i < request->transactions_size(); ++i) {
      Fill(static_cast<uint64_t>(i) + 1, *reply->add_results());
    }
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  ArenaAllocator<v1::Transaction, v1::TransactionResult> submit_;
  ArenaAllocator<v1::SubmitBatchRequest, v1::SubmitBatchReply> batch_;
};

}  // namespace

void ServeEcho(const std::string& ready_file) {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  // Before any thread starts, so that all inherit it and only the wait below takes it.
  sigprocmask(SIG_BLOCK, &end, nullptr);
  EchoService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const std::string unfinished = ready_file + ".new";
  std::ofstream file(unfinished);
  file << "127.0.0.1:" << port << "\n";
  file.close();
  if (file.fail() || std::rename(unfinished.c_str(), ready_file.c_str()) != 0) {
    std::fprintf(stderr, "%s can't be written\n", ready_file.c_str());
    std::exit(1);
  }
  int signal = 0;
  sigwait(&end, &signal);
  server->Shutdown();
}

}  // namespace lumbung
