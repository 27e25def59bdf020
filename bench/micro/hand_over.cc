// The ring beside the queues that could stand in its place: what it costs to hand a request to
// another thread and to learn that it is done, with 64 of them under way. Nobody sleeps: a thread
// that finds nothing yields, which on few cores is what decides; parking would cost each of them
// the same. Without threads: the same calls by one thread, the floor.
#include <benchmark/benchmark.h>

#include <atomic>
#include <boost/lockfree/queue.hpp>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/check.h"
#include "engine/request.h"
#include "engine/ring.h"

namespace lumbung {
namespace {

constexpr size_t kSlots = 1024;
constexpr uint64_t kInFlight = 64;

// The three have the same face: Put by the producer, Take by the consumer; both say whether it
// went.
class RingQueue {
 public:
  bool Put(Request& request) {
    return ring_.Put(request, Ring::Claimant::kOrdinary) == Ring::ClaimStatus::kClaimed;
  }
  Request* Take() {
    Request* const request = ring_.Published(next_);
    if (request != nullptr) ring_.Release(next_++);
    return request;
  }

 private:
  Ring ring_{kSlots, 0};
  uint64_t next_ = 0;  // consumer
};

class MutexQueue {
 public:
  bool Put(Request& request) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() == kSlots) return false;
    waiting_.push_back(&request);
    return true;
  }
  Request* Take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return nullptr;
    Request* const first = waiting_.front();
    waiting_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::deque<Request*> waiting_;  // guarded by mutex_
};

class BoostQueue {
 public:
  bool Put(Request& request) { return queue_.bounded_push(&request); }
  Request* Take() {
    Request* first = nullptr;
    return queue_.pop(first) ? first : nullptr;
  }

 private:
  boost::lockfree::queue<Request*> queue_{kSlots};
};

template <typename Queue>
void HandOverAlone(benchmark::State& run) {
  Queue queue;
  Request request;
  for (auto _ : run) {
    LUMBUNG_CHECK(queue.Put(request));
    LUMBUNG_CHECK(queue.Take() == &request);
  }
  run.SetItemsProcessed(run.iterations());
}

template <typename Queue>
void HandOver(benchmark::State& run) {
  Queue queue;
  std::vector<Request> requests(kInFlight);
  alignas(64) std::atomic<uint64_t> done{0};
  alignas(64) std::atomic<bool> ending{false};
  std::thread consumer([&] {
    uint64_t taken = 0;
    for (;;) {
      const bool last = ending.load(std::memory_order_acquire);
      if (queue.Take() != nullptr) {
        done.store(++taken, std::memory_order_release);  // pairs with the producer's wait
      } else if (last) {
        return;
      } else {
        std::this_thread::yield();
      }
    }
  });
  uint64_t put = 0;
  for (auto _ : run) {
    while (put - done.load(std::memory_order_acquire) >= kInFlight) std::this_thread::yield();
    LUMBUNG_CHECK(queue.Put(requests[put++ % kInFlight]));
  }
  ending.store(true, std::memory_order_release);
  consumer.join();
  LUMBUNG_CHECK(done.load() == put);
  run.SetItemsProcessed(run.iterations());
}

BENCHMARK_TEMPLATE(HandOverAlone, RingQueue);
BENCHMARK_TEMPLATE(HandOverAlone, MutexQueue);
BENCHMARK_TEMPLATE(HandOverAlone, BoostQueue);
BENCHMARK_TEMPLATE(HandOver, RingQueue)->UseRealTime();
BENCHMARK_TEMPLATE(HandOver, MutexQueue)->UseRealTime();
BENCHMARK_TEMPLATE(HandOver, BoostQueue)->UseRealTime();

}  // namespace
}  // namespace lumbung
