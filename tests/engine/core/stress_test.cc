// The ring, the signals and the whole pipeline with tiny capacities and threads that stumble at
// random. A wake-up that is lost stops a test for good, since nobody else would wake the thread: a
// watchdog then ends it. Built with ThreadSanitizer too, which sees what is not ordered.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "engine/pipeline.h"
#include "engine/ring.h"
#include "engine/wait_strategy.h"
#include "tests/engine/core/fence_call.h"
#include "tests/engine/core/map_cold_index.h"
#include "tests/engine/core/memory_journal.h"
#include "tests/engine/core/seed.h"
#include "tests/engine/core/unsteady.h"
#include "tests/engine/core/watchdog.h"

namespace lumbung {
namespace {

constexpr auto kPatience = std::chrono::seconds(8);

// A test goes on for so long, and for a few rounds at least: on a busy machine each pause takes
// many times what it takes on an idle one.
constexpr auto kEnough = std::chrono::milliseconds(800);

class Time {
 public:
  bool IsUp() const { return std::chrono::steady_clock::now() - start_ > kEnough; }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// A condition that is looked at by one who stumbles right after the look.
template <typename Condition>
void WaitUnsteadily(Signal& signal, Unsteady& unsteady, Condition condition) {
  signal.WaitUntil([&] {
    const bool holds = condition();
    unsteady.Stumble();
    return holds;
  });
}

TEST(Stress, NoWakeUpIsLostBetweenThreadsThatStumble) {
  const uint64_t seed = TestSeed();
  Watchdog watchdog("a thread that waits for two others", kPatience);
  constexpr uint64_t kFewRounds = 50;
  constexpr uint64_t kTheEnd = UINT64_MAX;
  Signal go[2] = {Signal(0), Signal(0)};
  Signal done(0);
  std::atomic<uint64_t> asked{0};
  std::atomic<uint64_t> answered[2] = {};
  std::vector<std::thread> others;
  for (size_t i = 0; i < 2; ++i) {
    others.emplace_back([&, i] {
      Unsteady unsteady(seed + i);
      for (uint64_t n = 1;; ++n) {
        WaitUnsteadily(go[i], unsteady, [&] { return asked.load(std::memory_order_acquire) >= n; });
        if (asked.load(std::memory_order_acquire) == kTheEnd) return;
        answered[i].store(n, std::memory_order_release);
        done.Notify();
      }
    });
  }
  Unsteady unsteady(seed + 2);
  const Time time;
  for (uint64_t n = 1; n <= kFewRounds || !time.IsUp(); ++n) {
    asked.store(n, std::memory_order_release);
    for (Signal& signal : go) signal.Notify();
    watchdog.Note();
    for (const auto& answer : answered) {
      WaitUnsteadily(done, unsteady, [&] { return answer.load(std::memory_order_acquire) >= n; });
    }
  }
  asked.store(kTheEnd, std::memory_order_release);
  for (Signal& signal : go) signal.Notify();
  for (std::thread& other : others) other.join();
}

// Producers that are refused wait until a slot is released; the consumer waits until one is filled.
struct TinyRing {
  TinyRing(size_t slots, uint64_t producers, uint64_t each)
      : ring(slots, 0), requests(producers), payload(producers * each), seen(producers) {
    for (auto& mine : requests) mine = std::vector<Request>(each);
    for (uint64_t p = 0; p < producers; ++p) room.push_back(std::make_unique<Signal>(0));
  }

  void Produce(uint64_t p, Unsteady& unsteady) {
    for (uint64_t n = 0; n < requests[p].size(); ++n) {
      uint64_t& mine = payload[p * requests[p].size() + n];
      mine = n + 1;  // not atomic: the ring passes it on
      requests[p][n].context = &mine;
      WaitUnsteadily(*room[p], unsteady, [&] {
        const auto status = ring.Put(requests[p][n], Ring::Claimant::kOrdinary);
        refused += status == Ring::ClaimStatus::kFull ? 1 : 0;
        return status == Ring::ClaimStatus::kClaimed;
      });
      filled.Notify();
      unsteady.Stumble();
    }
  }

  void Consume(uint64_t n, Unsteady& unsteady) {
    WaitUnsteadily(filled, unsteady, [&] { return ring.Published(n) != nullptr; });
    const auto* const number = static_cast<uint64_t*>(ring.Published(n)->context);
    const auto p = static_cast<uint64_t>(number - payload.data()) / requests[0].size();
    EXPECT_EQ(*number, ++seen[p]) << "producer " << p;
    EXPECT_LE(ring.claimed(), n + ring.capacity());
    ring.Release(n);
    for (auto& signal : room) signal->Notify();
  }

  Ring ring;
  Signal filled{0};
  std::vector<std::unique_ptr<Signal>> room;
  std::vector<std::vector<Request>> requests;
  std::vector<uint64_t> payload;
  std::vector<uint64_t> seen;  // of each producer; the consumer's
  std::atomic<uint64_t> refused{0};
};

TEST(Stress, AFullRingRefusesAndWakesAndGivesEachRequestOnceInItsProducersOrder) {
  const uint64_t seed = TestSeed();
  for (const size_t slots : {2, 4}) {
    Watchdog watchdog("a ring of " + std::to_string(slots) + " slots", kPatience);
    constexpr uint64_t kProducers = 4;
    constexpr uint64_t kEach = 150;
    TinyRing tiny(slots, kProducers, kEach);
    std::vector<std::thread> producers;
    for (uint64_t p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] {
        Unsteady unsteady(seed + p);
        tiny.Produce(p, unsteady);
      });
    }
    Unsteady unsteady(seed + kProducers);
    for (uint64_t n = 0; n < kProducers * kEach; ++n) {
      tiny.Consume(n, unsteady);
      watchdog.Note();
    }
    for (std::thread& producer : producers) producer.join();
    EXPECT_GT(tiny.refused.load(), 0u) << "the ring was never full";
  }
}

// A pipeline whose ports stumble: whichever thread asks for the time or writes.
class StumblingPorts final : public Clock, public Journal {
 public:
  StumblingPorts(uint64_t seed, Journal& journal) : seed_(seed), journal_(journal) {}
  Timestamp Now() override {
    UnsteadyOfThisThread(seed_).Stumble();
    return Timestamp{1'700'000'000'000'000'000};
  }
  absl::Status Append(std::span<Block* const> blocks) override {
    UnsteadyOfThisThread(seed_).Stumble();
    const absl::Status status = journal_.Append(blocks);
    UnsteadyOfThisThread(seed_).Stumble();
    return status;
  }

 private:
  const uint64_t seed_;
  Journal& journal_;
};

// Each producer waits for its answer before it goes on, so that a request that is left lying is
// left for good.
void PayFromManyThreads(Pipeline& pipeline, MemoryJournal& journal, uint64_t seed,
                        Watchdog& watchdog) {
  constexpr uint64_t kProducers = 4;
  constexpr uint64_t kEach = 100;
  std::vector<std::thread> producers;
  for (uint64_t p = 0; p < kProducers; ++p) {
    producers.emplace_back([&, p] {
      Unsteady unsteady(seed + p);
      for (uint64_t n = 0; n < kEach; ++n) {
        std::vector<uint64_t> numbers = {(p + 1) * 1'000'000 + n * 1'000};
        // More than 64 entries are left to the persist thread.
        while (numbers.size() < 80 && unsteady.Number(16) == 0) {
          for (int i = 0; i < 80; ++i) numbers.push_back(numbers.back() + 1);
        }
        FenceCall call(std::move(numbers));
        call.journal = &journal;
        const Helping helping = unsteady.Number(2) == 0 ? Helping::kYes : Helping::kNo;
        while (pipeline.Submit(call.request, Room::kOrdinary, helping) == SubmitStatus::kFull) {
          std::this_thread::yield();
        }
        unsteady.Stumble();
        call.Wait();
        watchdog.Note();
        EXPECT_EQ(call.request.fate, Request::Fate::kReplied);
        EXPECT_FALSE(call.ran_ahead);
      }
    });
  }
  for (std::thread& producer : producers) producer.join();
}

TEST(Stress, APipelineOfTinyCapacitiesLeavesNoRequestLying) {
  const uint64_t seed = TestSeed();
  for (const size_t slots : {2, 4}) {
    Watchdog watchdog("a pipeline of " + std::to_string(slots) + " slots", kPatience);
    State state;
    MapColdIndex cold;
    IdWindow ids({.slots_per_generation = 1 << 16}, cold);
    MemoryJournal journal;
    StumblingPorts ports(seed, journal);
    Pipeline pipeline({.ring_slots = slots, .reserved_slots = 0, .blocks = 2}, state, ids, ports,
                      journal, ports, Sequence{1}, [](const absl::Status&) {});
    pipeline.Start();
    PayFromManyThreads(pipeline, journal, seed, watchdog);
    pipeline.Stop();
    std::set<TransactionId> recorded;
    for (const Entry& entry : journal.entries()) recorded.insert(entry.id);
    EXPECT_EQ(recorded.size(), journal.last()) << "an id was recorded twice";
  }
}

}  // namespace
}  // namespace lumbung
