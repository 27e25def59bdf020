// Replies against synced writes. No reply may run ahead of the disk: the syncs are counted, and the
// power is cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/engine/core/seed.h"
#include "tests/model/random_traffic.h"
#include "tests/storage/engine_on_folder.h"
#include "tests/storage/synced_bytes.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

constexpr size_t kIdSlots = 1 << 16;
constexpr int64_t kNoCheckpoint = 3'600'000;
// Commands, which make more than four blocks.
constexpr size_t kBatch = 3'000;

// An engine whose ledger is on a watched disk.
class WatchedEngine {
 public:
  // Of a small log, so that it is also changed for new ones.
  static constexpr size_t kSmallLog = 256 << 10;

  WatchedEngine(const std::string& folder, Syncs syncs, size_t log_bytes = kSmallLog)
      : disk_(std::make_shared<SyncedBytes>(syncs)),
        env_(rocksdb::NewCompositeEnv(disk_)),
        engine_(folder, kIdSlots, kNoCheckpoint, 2'000'000,
                StoreSettings{.env = env_.get(), .write_buffer_bytes = log_bytes}) {}

  SyncedBytes& disk() { return *disk_; }
  EngineOnFolder& engine() { return engine_; }

 private:
  const std::shared_ptr<SyncedBytes> disk_;
  const std::unique_ptr<rocksdb::Env> env_;
  EngineOnFolder engine_;
};

// Commands of random traffic, for one batch.
std::vector<Command> NextCommands(RandomTraffic& traffic, size_t count) {
  const Timestamp now = SystemClock().Now();
  std::vector<Command> commands;
  while (commands.size() < count) commands.push_back(traffic.Next(now));
  return commands;
}

// Clients that go on until they are destroyed, and the last sequence that was answered to any. Two
// of them send batches of several blocks, again and again at the same moment, so that one of the
// two ends within what is written at a time.
class Clients {
 public:
  Clients(EngineOnFolder& engine, uint64_t seed) {
    for (uint64_t i = 0; i < 2; ++i) {
      threads_.emplace_back([this, &engine, seed, i] {
        RandomTraffic traffic(seed + i);
        while (!stop_) {
          Pay(engine, traffic, kBatch / 2);
          std::this_thread::sleep_until(NextMoment());
        }
      });
      threads_.emplace_back([this, &engine, seed, i] {
        RandomTraffic traffic(seed + 2 + i);
        while (!stop_) Pay(engine, traffic, 1);
      });
    }
  }
  ~Clients() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  uint64_t answered() const { return answered_; }

 private:
  using SteadyClock = std::chrono::steady_clock;

  static SteadyClock::time_point NextMoment() {
    constexpr SteadyClock::duration kPause = std::chrono::milliseconds(40);
    const SteadyClock::duration now = SteadyClock::now().time_since_epoch();
    return SteadyClock::time_point(now - now % kPause + kPause);
  }
  void Pay(EngineOnFolder& engine, RandomTraffic& traffic, size_t commands) {
    uint64_t sequence = 0;
    for (const Result& result : engine.ApplyTogether(NextCommands(traffic, commands))) {
      sequence = std::max(sequence, result.sequence.value());
    }
    uint64_t answered = answered_;
    while (answered < sequence && !answered_.compare_exchange_weak(answered, sequence)) {
    }
  }

  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> answered_ = 0;
  std::vector<std::thread> threads_;
};

// Cuts the power `cuts` times under load. Returns how often an answer was not in what was left.
int AnswersLost(Syncs syncs, int cuts) {
  const uint64_t seed = TestSeed();
  TemporaryFolder folder;
  WatchedEngine watched(folder.Path("data"), syncs);
  const Clients clients(watched.engine(), seed);
  // A machine that is slow may have answered nothing by the first cut, and nothing can't be lost.
  while (clients.answered() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  int lost = 0;
  for (int cut = 0; cut < cuts; ++cut) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10 + (seed >> cut) % 40));
    const std::string left = folder.Path("left-" + std::to_string(cut));
    uint64_t answered = 0;
    {
      const SyncedBytes::Cut power(watched.disk());
      // An answer that waits for no sync comes now, while none can end.
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      power.CopyTo(folder.Path("data/ledger"), left);
      answered = clients.answered();
    }
    auto ledger = LedgerStore::Open(left, Access::kReadWrite);
    // A ledger of which nothing is left is lost too.
    const bool whole =
        ledger.ok() && (*ledger)->last().value() >= answered &&
        (*ledger)->ReadBlocks(Sequence{1}, [](const StoredBlock&) { return true; }).ok();
    if (!whole) ++lost;
    ledger = nullptr;
    std::filesystem::remove_all(left);
  }
  return lost;
}

TEST(Durability, EachLonePaymentIsAnsweredAfterASyncOfItsOwn) {
  TemporaryFolder folder;
  WatchedEngine watched(folder.Path("data"), Syncs::kReal);
  RandomTraffic traffic(TestSeed());
  uint64_t recorded = 0;
  Sequence last{0};
  for (int i = 0; i < 2'000; ++i) {
    const uint64_t before = watched.disk().log_syncs();
    const Result result = watched.engine().Apply(traffic.Next(SystemClock().Now()));
    // A duplicate and a late original of a fenced id name what was recorded before.
    if (result.sequence.value() <= last.value()) continue;
    last = result.sequence;
    ++recorded;
    ASSERT_GT(watched.disk().log_syncs(), before)
        << "sequence " << last.value() << " outcome " << static_cast<int>(result.outcome);
  }
  EXPECT_GT(recorded, 500u);
  // The store's own count, which `lumbung status` shows, is of writes: a log that is changed for a
  // new one is synced once more.
  EXPECT_GE(watched.engine().synced_writes(), recorded);
  EXPECT_GE(watched.disk().log_syncs(), watched.engine().synced_writes());
}

// The disk is held up until the whole batch was applied, so that its full blocks wait and go in one
// write.
TEST(Durability, EachWriteOfABatchOfManyBlocksIsSynced) {
  TemporaryFolder folder;
  // One log for all: where it is changed for a new one it is synced once more.
  WatchedEngine watched(folder.Path("data"), Syncs::kReal, size_t{64} << 20);
  EngineOnFolder& engine = watched.engine();
  engine.background->Stop();  // its requests would be counted too
  RandomTraffic traffic(TestSeed());
  engine.ApplyTogether(NextCommands(traffic, 500));  // what the others need is opened
  for (int i = 0; i < 12; ++i) {
    const std::vector<Command> commands = NextCommands(traffic, kBatch);
    const uint64_t writes = engine.synced_writes();
    const uint64_t syncs = watched.disk().log_syncs();
    const Sequence durable = engine.pipeline->durable_sequence();
    const uint64_t applied = engine.pipeline->cursors().applied;
    std::vector<Result> results;
    std::thread client;
    {
      const SyncedBytes::Cut held(watched.disk());
      client = std::thread([&] { results = engine.ApplyTogether(commands); });
      while (engine.pipeline->cursors().applied == applied) std::this_thread::yield();
      EXPECT_EQ(engine.pipeline->cursors().durable, applied) << "an answer without the disk";
    }
    client.join();
    // In this order: a write is counted when it is synced.
    const uint64_t written = engine.synced_writes() - writes;
    ASSERT_GE(watched.disk().log_syncs() - syncs, written);
    const uint64_t blocks =
        (engine.pipeline->durable_sequence().value() - durable.value()) / kMaxBlockEntries;
    EXPECT_LT(written, blocks) << "no write had several blocks";
  }
}

// Each cut reads a longer ledger again, which takes a sanitizer a minute and shows it nothing new.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kCuts = 5;
#else
constexpr int kCuts = 20;
#endif

TEST(Durability, WhatWasAnsweredIsThereAfterAPowerCut) {
  EXPECT_EQ(AnswersLost(Syncs::kReal, kCuts), 0);
}

TEST(Durability, ADiskThatOnlyPretendsToSyncIsFoundByThisTest) {
  EXPECT_EQ(AnswersLost(Syncs::kPretended, 3), 3);
}

}  // namespace
}  // namespace lumbung
