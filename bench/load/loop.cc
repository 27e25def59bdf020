#include "bench/load/loop.h"

#include <google/protobuf/arena.h>
#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "bench/load/progress_watch.h"
#include "bench/measure/clocks.h"
#include "bench/workload/message_limit.h"
#include "lumbung/v1/payment_service.grpc.pb.h"

namespace lumbung {

namespace {

// What all slots of a run share.
struct SharedRun {
  std::atomic<int64_t> calls_left;
  std::latch running_slots;
  std::atomic<bool>* stop;
  std::atomic<uint64_t>& answered;  // transactions

  bool IsStopped() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
};

// One call in flight: fills, sends, checks. `Call` says which.
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

  // Closed loop: a call, and again until no calls are left.
  void SendNext() {
    if (run_.IsStopped() || run_.calls_left.fetch_sub(1, std::memory_order_relaxed) <= 0) {
      run_.running_slots.count_down();
      return;
    }
    Send(SteadyNowNs(), [this] { SendNext(); });
  }

  // One call whose latency counts from `intended_ns`; `done` is called when it is answered.
  template <typename Done>
  void Send(int64_t intended_ns, Done done) {
    const Timestamp now = SystemNow();
    for (size_t i = 0; i < amounts_.size(); ++i) {
      amounts_[i] = source_.Fill(now, Call::Row(i, *request_));
    }
    started_ns_ = intended_ns;
    sent_ns_ = SteadyNowNs();
    Start(done);
  }

  const LoopResult& result() const { return result_; }

 private:
  // Before a call that the server had no room for is sent again, under the same ids.
  static constexpr std::chrono::milliseconds kPause{5};
  // A minute. What is refused for longer, such as a message that is too large, always will be.
  static constexpr int64_t kMostNs = 60'000'000'000;

  template <typename Done>
  void Start(Done done) {
    context_.emplace();
    Call::Start(stub_, *context_, *request_, *reply_, [this, done](const grpc::Status& status) {
      if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
          SteadyNowNs() - sent_ns_ < kMostNs) {
        ++result_.refused;
        pause_.emplace();
        pause_->Set(std::chrono::system_clock::now() + kPause, [this, done](bool) { Start(done); });
        return;
      }
      Check(status);
      run_.answered.fetch_add(amounts_.size(), std::memory_order_relaxed);
      done();
    });
  }

  void Check(const grpc::Status& status) {
    result_.latency.Add(SteadyNowNs() - started_ns_);
    result_.transactions += amounts_.size();
    if (!status.ok()) {
      if (run_.stop != nullptr) run_.stop->store(true, std::memory_order_relaxed);
      result_.failed += amounts_.size();
      for (const int64_t amount : amounts_) result_.failed_amount += amount;
      return Wrong(amounts_.size(), status.error_message());
    }
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
  std::optional<grpc::Alarm> pause_;
  int64_t sent_ns_ = 0;  // for the first time
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

using Stubs = std::vector<std::unique_ptr<v1::PaymentService::Stub>>;

Stubs Connect(const LoopOptions& options) {
  Stubs stubs;
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
using Slots = std::vector<std::unique_ptr<Slot<Call>>>;

template <typename Call>
void SumUp(const Slots<Call>& slots, LoopResult& total) {
  for (const auto& slot : slots) {
    const LoopResult& part = slot->result();
    total.transactions += part.transactions;
    total.accepted += part.accepted;
    total.refused += part.refused;
    total.failed += part.failed;
    total.amount += part.amount;
    total.failed_amount += part.failed_amount;
    if (total.wrong == 0) total.first_wrong = part.first_wrong;
    total.wrong += part.wrong;
    total.latency.Add(part.latency);
  }
}

// The slots that wait for their turn in an open loop, and how many are under way.
template <typename Call>
class IdleSlots {
 public:
  Slot<Call>* Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return nullptr;
    Slot<Call>* const slot = idle_.back();
    idle_.pop_back();
    return slot;
  }
  void Return(Slot<Call>* slot) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(slot);
  }
  size_t size() {
    const std::lock_guard lock(mutex_);
    return idle_.size();
  }

 private:
  std::mutex mutex_;
  std::vector<Slot<Call>*> idle_;
};

// As many as a server may leave unanswered before the client itself has to wait; what waits then
// still counts from its intended moment.
constexpr size_t kMostOpenCalls = 50'000;
// Made before the first call: to make one takes longer than to send one, and would come on top of
// what made it necessary, a pause of the server.
constexpr size_t kFirstOpenCalls = 2'000;
// How long the sender sleeps; then it sends all that is due. That costs a call up to so much of its
// latency, and saves a wake-up for each, which at 25,000 a second took as long as the call.
constexpr std::chrono::microseconds kOpenTick{500};

template <typename Call>
void RunOpen(const LoopOptions& options, uint64_t calls, Stubs& stubs, SharedRun& run,
             Slots<Call>& slots) {
  IdleSlots<Call> idle;
  const auto new_slot = [&] {
    slots.push_back(std::make_unique<Slot<Call>>(options, options.seed + slots.size(),
                                                 *stubs[slots.size() % stubs.size()], run));
    return slots.back().get();
  };
  for (size_t i = 0; i < std::min<uint64_t>(kFirstOpenCalls, calls); ++i) idle.Return(new_slot());
  const double interval_ns = 1e9 * options.batch / options.rate;
  const int64_t started_ns = SteadyNowNs();
  for (uint64_t call = 0; call < calls; ++call) {
    const int64_t intended_ns =
        started_ns + static_cast<int64_t>(interval_ns * static_cast<double>(call));
    const std::chrono::nanoseconds early{intended_ns - SteadyNowNs()};
    if (early.count() > 0) {
      std::this_thread::sleep_for(std::max<std::chrono::nanoseconds>(early, kOpenTick));
    }
    Slot<Call>* slot = idle.Take();
    while (slot == nullptr && slots.size() >= kMostOpenCalls) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      slot = idle.Take();
    }
    if (slot == nullptr) slot = new_slot();
    slot->Send(intended_ns, [&idle, slot] { idle.Return(slot); });
  }
  while (idle.size() != slots.size()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

template <typename Call>
void RunClosed(const LoopOptions& options, Stubs& stubs, SharedRun& run, Slots<Call>& slots) {
  const size_t slot_count = size_t{options.clients} * options.in_flight;
  for (size_t i = 0; i < slot_count; ++i) {
    slots.push_back(
        std::make_unique<Slot<Call>>(options, options.seed + i, *stubs[i % stubs.size()], run));
  }
  for (const auto& slot : slots) slot->SendNext();
  run.running_slots.wait();
}

template <typename Call>
LoopResult Run(const LoopOptions& options) {
  constexpr uint64_t kPart = 10'000'000;
  const uint64_t calls = (options.transactions + options.batch - 1) / options.batch;
  const size_t slot_count = size_t{options.clients} * options.in_flight;
  std::atomic<uint64_t> answered{0};
  SharedRun run{.calls_left = static_cast<int64_t>(calls),
                .running_slots = std::latch(static_cast<std::ptrdiff_t>(slot_count)),
                .stop = options.stop,
                .answered = options.answered != nullptr ? *options.answered : answered};
  Stubs stubs = Connect(options);
  Slots<Call> slots;
  ProgressWatch watch(run.answered, calls * options.batch, options.progress);
  const int64_t started_ns = SteadyNowNs();
  if (options.rate > 0) {
    RunOpen(options, calls, stubs, run, slots);
  } else {
    RunClosed(options, stubs, run, slots);
  }
  LoopResult total;
  total.duration_ns = SteadyNowNs() - started_ns;
  watch.Stop();
  SumUp(slots, total);
  const uint64_t part = std::min(kPart, total.transactions / 10);
  total.longest_gap_ns = watch.longest_gap_ns();
  total.first_part_rate = watch.FirstRate(part);
  total.last_part_rate = watch.LastRate(part);
  return total;
}

}  // namespace

LoopResult RunLoop(const LoopOptions& options) {
  return options.batch == 1 ? Run<UnaryCall>(options) : Run<BatchCall>(options);
}

}  // namespace lumbung
