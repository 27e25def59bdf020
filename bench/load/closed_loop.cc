#include "bench/load/closed_loop.h"

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <vector>

#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

namespace {

constexpr int kMaxMessageBytes = 16 << 20;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Timestamp SystemNow() {
  return Timestamp{std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count()};
}

// What all slots of a run share.
struct SharedRun {
  std::atomic<int64_t> calls_left;
  std::latch running_slots;
};

// One call in flight: fills, sends, checks, and again until no calls are left. `Call` says which.
template <typename Call>
class Slot {
 public:
  Slot(const LoopOptions& options, uint64_t seed, v1::PaymentService::Stub& stub, SharedRun& run)
      : stub_(stub),
        run_(run),
        source_(options.rows, seed),
        request_(google::protobuf::Arena::CreateMessage<typename Call::Request>(&arena_)),
        reply_(google::protobuf::Arena::CreateMessage<typename Call::Reply>(&arena_)),
        amounts_(options.batch) {
    Call::Prepare(options.batch, *request_);
  }

  void SendNext() {
    if (run_.calls_left.fetch_sub(1, std::memory_order_relaxed) <= 0) {
      run_.running_slots.count_down();
      return;
    }
    const Timestamp now = SystemNow();
    for (size_t i = 0; i < amounts_.size(); ++i) {
      amounts_[i] = source_.Fill(now, Call::Row(i, *request_));
    }
    context_.emplace();
    started_ns_ = NowNs();
    Call::Start(stub_, *context_, *request_, *reply_, [this](const grpc::Status& status) {
      Check(status);
      SendNext();
    });
  }

  const LoopResult& result() const { return result_; }

 private:
  void Check(const grpc::Status& status) {
    result_.latency.Add(NowNs() - started_ns_);
    result_.transactions += amounts_.size();
    if (!status.ok()) return Wrong(amounts_.size(), status.error_message());
    if (Call::Rows(*reply_) != amounts_.size())
      return Wrong(amounts_.size(), "results are missing");
    uint64_t sequence = 0;
    for (size_t i = 0; i < amounts_.size(); ++i) {
      const v1::TransactionResult& row = Call::Result(i, *reply_);
      if (row.outcome() != v1::OUTCOME_ACCEPTED || row.duplicate() || row.sequence() <= sequence)
          [[unlikely]] {
        Wrong(1, row.ShortDebugString());
        continue;
      }
      sequence = row.sequence();
      ++result_.accepted;
      result_.amount += amounts_[i];
    }
  }

  void Wrong(uint64_t rows, const std::string& why) {
    if (result_.wrong == 0) result_.first_wrong = why;
    result_.wrong += rows;
  }

  // Set at construction.
  v1::PaymentService::Stub& stub_;
  SharedRun& run_;
  // The callback of this slot only.
  RowSource source_;
  google::protobuf::Arena arena_;
  typename Call::Request* request_;
  typename Call::Reply* reply_;
  std::vector<int64_t> amounts_;
  std::optional<grpc::ClientContext> context_;
  int64_t started_ns_ = 0;
  LoopResult result_;
};

struct UnaryCall {
  using Request = v1::Transaction;
  using Reply = v1::TransactionResult;

  static void Prepare(uint32_t, Request& request) { RowSource::Prepare(request); }
  static v1::Transaction& Row(size_t, Request& request) { return request; }
  static size_t Rows(const Reply&) { return 1; }
  static const v1::TransactionResult& Result(size_t, const Reply& reply) { return reply; }
  template <typename Callback>
  static void Start(v1::PaymentService::Stub& stub, grpc::ClientContext& context,
                    const Request& request, Reply& reply, Callback callback) {
    stub.async()->Submit(&context, &request, &reply, callback);
  }
};

struct BatchCall {
  using Request = v1::SubmitBatchRequest;
  using Reply = v1::SubmitBatchReply;

  static void Prepare(uint32_t batch, Request& request) {
    request.mutable_transactions()->Reserve(static_cast<int>(batch));
    for (uint32_t i = 0; i < batch; ++i) RowSource::Prepare(*request.add_transactions());
  }
  static v1::Transaction& Row(size_t row, Request& request) {
    return *request.mutable_transactions(static_cast<int>(row));
  }
  static size_t Rows(const Reply& reply) { return static_cast<size_t>(reply.results_size()); }
  static const v1::TransactionResult& Result(size_t row, const Reply& reply) {
    return reply.results(static_cast<int>(row));
  }
  template <typename Callback>
  static void Start(v1::PaymentService::Stub& stub, grpc::ClientContext& context,
                    const Request& request, Reply& reply, Callback callback) {
    stub.async()->SubmitBatch(&context, &request, &reply, callback);
  }
};

std::vector<std::unique_ptr<v1::PaymentService::Stub>> Connect(const LoopOptions& options) {
  std::vector<std::unique_ptr<v1::PaymentService::Stub>> stubs;
  for (uint32_t i = 0; i < options.clients; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    arguments.SetMaxSendMessageSize(kMaxMessageBytes);
    const auto channel =
        grpc::CreateCustomChannel(options.server, grpc::InsecureChannelCredentials(), arguments);
    channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10));
    stubs.push_back(v1::PaymentService::NewStub(channel));
  }
  return stubs;
}

template <typename Call>
LoopResult Run(const LoopOptions& options) {
  const uint64_t calls = (options.transactions + options.batch - 1) / options.batch;
  const size_t slot_count = size_t{options.clients} * options.in_flight;
  SharedRun run{.calls_left = static_cast<int64_t>(calls),
                .running_slots = std::latch(static_cast<std::ptrdiff_t>(slot_count))};
  const auto stubs = Connect(options);
  std::vector<std::unique_ptr<Slot<Call>>> slots;
  for (size_t i = 0; i < slot_count; ++i) {
    slots.push_back(
        std::make_unique<Slot<Call>>(options, options.seed + i, *stubs[i % stubs.size()], run));
  }
  const int64_t started_ns = NowNs();
  for (const auto& slot : slots) slot->SendNext();
  run.running_slots.wait();
  LoopResult total;
  total.duration_ns = NowNs() - started_ns;
  for (const auto& slot : slots) {
    const LoopResult& part = slot->result();
    total.transactions += part.transactions;
    total.accepted += part.accepted;
    total.amount += part.amount;
    if (total.wrong == 0) total.first_wrong = part.first_wrong;
    total.wrong += part.wrong;
    total.latency.Add(part.latency);
  }
  return total;
}

}  // namespace

LoopResult RunClosedLoop(const LoopOptions& options) {
  return options.batch == 1 ? Run<UnaryCall>(options) : Run<BatchCall>(options);
}

}  // namespace lumbung
