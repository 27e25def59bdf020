#include "storage/background.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "tests/engine/core/seed.h"
#include "tests/model/random_traffic.h"
#include "tests/storage/engine_on_folder.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

int64_t Now() { return SystemClock().Now().value(); }

// So many commands, eight at a time: a lone one would wait for a sync of its own.
void Apply(EngineOnFolder& engine, RandomTraffic& traffic, int count) {
  std::vector<Command> batch;
  for (int i = 0; i < count; ++i) {
    batch.push_back(traffic.Next(Timestamp{Now()}));
    if (batch.size() == 8 || i + 1 == count) engine.ApplyTogether(std::exchange(batch, {}));
  }
}

TEST(Background, CheckpointsWhileTrafficGoesOnAndARestartNeedsOnlyTheRest) {
  TemporaryFolder folder;
  RandomTraffic traffic(TestSeed());
  StateHash before;
  {
    EngineOnFolder engine(folder.Path("data"), 4096, 5);
    Apply(engine, traffic, 6'000);
    ASSERT_TRUE(engine.background->CheckpointNow().ok());
    EXPECT_EQ(engine.background->checkpoint_watermark(), engine.pipeline->durable_sequence());
    EXPECT_GT(engine.generations(), 0u);
    Apply(engine, traffic, 50);
    engine.background->Stop();  // so that nothing expires behind the hash
    before = engine.Hash();
  }
  EngineOnFolder again(folder.Path("data"), 4096, 60'000);
  EXPECT_EQ(again.recovered_hash, before);
  Apply(again, traffic, 500);
}

TEST(Background, BeginsARoundAfterSoManyEntriesHoweverLongTheInterval) {
  TemporaryFolder folder;
  RandomTraffic traffic(TestSeed());
  constexpr uint64_t kEntries = 300;
  EngineOnFolder engine(folder.Path("data"), 4096, 3'600'000, kEntries);
  Apply(engine, traffic, 1'500);
  const uint64_t reached = engine.pipeline->durable_sequence().value();
  ASSERT_GT(reached, 2 * kEntries);
  const auto is_near = [&] {
    return engine.background->checkpoint_watermark().value() + kEntries > reached;
  };
  for (int i = 0; i < 100 && !is_near(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(is_near()) << engine.background->checkpoint_watermark().value();
}

TEST(Background, LetsHoldsExpireWhenNothingElseArrives) {
  TemporaryFolder folder;
  EngineOnFolder engine(folder.Path("data"), 1024, 60'000);
  const CooperativeId cooperative{9};
  engine.Apply(OpenCooperative{.cooperative = cooperative, .name = "Uji"});
  engine.Apply(OpenBranch{.cooperative = cooperative, .branch = BranchId{1}, .name = "Sembako"});
  const auto account = [&](uint16_t code, uint32_t holder) {
    return AccountId::From({cooperative, AccountCode{code}, HolderNumber{holder}});
  };
  engine.Apply(OpenAccount{.account = account(2101, 1)});
  const std::vector<Leg> opening = {{account(1110, 0), account(2101, 1), Amount{5'000}}};
  const auto posted = engine.Apply(Post{.header = {.id = {0x4000, uint64_t{1} << 63 | 1}},
                                        .purpose = Purpose::kGeneral,
                                        .legs = opening});
  ASSERT_EQ(posted.outcome, Outcome::kAccepted) << Name(posted.outcome);
  const std::vector<Leg> held = {{account(2101, 1), account(4101, 1), Amount{3'000}}};
  const auto hold = engine.Apply(Hold{.header = {.id = {0x4000, uint64_t{1} << 63 | 2}},
                                      .purpose = Purpose::kPayment,
                                      .legs = held,
                                      .seconds = 1});
  ASSERT_EQ(hold.outcome, Outcome::kAccepted) << Name(hold.outcome);
  size_t open = 1;
  for (int i = 0; i < 60 && engine.pipeline->next_deadline(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  engine.Query([&](State& state) { open = state.open_hold_count(); });
  EXPECT_EQ(open, 0u);
  engine.Query([&](State& state) {
    EXPECT_EQ(state.FindAccount(account(2101, 1))->held, Amount{0});
    EXPECT_EQ(state.FindHold(hold.sequence)->state, HoldState::kExpired);
  });
}

}  // namespace
}  // namespace lumbung
