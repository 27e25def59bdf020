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

// An engine whose ledger is on a watched disk.
class WatchedEngine {
 public:
  WatchedEngine(const std::string& folder, Syncs syncs)
      : disk_(std::make_shared<SyncedBytes>(syncs)),
        env_(rocksdb::NewCompositeEnv(disk_)),
        engine_(folder, kIdSlots, kNoCheckpoint, 2'000'000,
                // Small, so that logs are also changed for new ones.
                StoreSettings{.env = env_.get(), .write_buffer_bytes = 256 << 10}) {}

  SyncedBytes& disk() { return *disk_; }
  EngineOnFolder& engine() { return engine_; }

 private:
  const std::shared_ptr<SyncedBytes> disk_;
  const std::unique_ptr<rocksdb::Env> env_;
  EngineOnFolder engine_;
};

// Clients that go on until they are destroyed, and the last sequence that was answered to any.
class Clients {
 public:
  Clients(EngineOnFolder& engine, uint64_t seed, int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, &engine, seed, i] {
        RandomTraffic traffic(seed + static_cast<uint64_t>(i));
        while (!stop_) {
          const Timestamp now = SystemClock().Now();
          const uint64_t sequence = engine.Apply(traffic.Next(now)).sequence.value();
          uint64_t answered = answered_;
          while (answered < sequence && !answered_.compare_exchange_weak(answered, sequence)) {
          }
        }
      });
    }
  }
  ~Clients() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  uint64_t answered() const { return answered_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> answered_ = 0;
  std::vector<std::thread> threads_;
};

// Cuts the power `cuts` times under load. Returns how often an answer was not in what was left.
int AnswersLost(Syncs syncs, int cuts) {
  const uint64_t seed = TestSeed();
  TemporaryFolder folder;
  WatchedEngine watched(folder.Path("data"), syncs);
  const Clients clients(watched.engine(), seed, 4);
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

TEST(Durability, WhatWasAnsweredIsThereAfterAPowerCut) {
  EXPECT_EQ(AnswersLost(Syncs::kReal, 20), 0);
}

TEST(Durability, ADiskThatOnlyPretendsToSyncIsFoundByThisTest) {
  EXPECT_EQ(AnswersLost(Syncs::kPretended, 3), 3);
}

}  // namespace
}  // namespace lumbung
