#include "storage/background.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "engine/check.h"
#include "engine/pipeline.h"
#include "storage/recovery.h"
#include "tests/engine/core/seed.h"
#include "tests/model/random_traffic.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

class SystemClock final : public Clock {
 public:
  Timestamp Now() override {
    return Timestamp{
        std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()};
  }
};

// The whole engine below gRPC, on a folder.
class Engine {
 public:
  Engine(const std::string& folder, size_t id_slots, int64_t checkpoint_interval_ms,
         uint64_t checkpoint_entries = 2'000'000)
      : ledger_(Opened(LedgerStore::Open(folder + "/ledger", Access::kReadWrite))),
        derived_(Opened(DerivedStore::Open(folder + "/derived"))),
        ids_({id_slots}, *derived_) {
    const auto recovered = Recover(*ledger_, *derived_, state_, ids_, {});
    LUMBUNG_CHECK(recovered.ok());
    recovered_hash = state_.Hash();
    pipeline = std::make_unique<Pipeline>(
        Pipeline::Options{.ring_slots = 64, .reserved_slots = 8, .blocks = 16}, state_, ids_,
        *ledger_, *ledger_, clock_, Sequence{recovered->last.value() + 1},
        [](const absl::Status&) { LUMBUNG_CHECK(false && "the journal failed"); });
    pipeline->Start();
    background = std::make_unique<Background>(
        Background::Options{.checkpoint_interval_ms = checkpoint_interval_ms,
                            .checkpoint_entries = checkpoint_entries,
                            .objects_per_part = 16},
        *pipeline, ids_, *derived_, clock_,
        [](const absl::Status&) { LUMBUNG_CHECK(false && "the derived store failed"); });
    background->Start();
  }

  ~Engine() {
    background->Stop();
    pipeline->Stop();
  }

  Result Apply(const Command& command) {
    Request request;
    request.commands = {command};
    request.results.resize(1);
    request.lookups.push_back({LookUp(IdOf(command)), LookUp(RelatedOf(command))});
    Send(request);
    return request.results[0];
  }

  template <typename Read>
  void Query(Read read) {
    Request request;
    request.query = [&](State& state, Sequence) { read(state); };
    Send(request);
  }

  StateHash Hash() {
    StateHash hash;
    Query([&](State& state) { hash = state.Hash(); });
    return hash;
  }

  uint64_t generations() const { return derived_->generations(); }

  std::unique_ptr<Pipeline> pipeline;
  std::unique_ptr<Background> background;
  StateHash recovered_hash;  // before the clock went on and holds expired

 private:
  template <typename T>
  static std::unique_ptr<T> Opened(absl::StatusOr<std::unique_ptr<T>> opened) {
    LUMBUNG_CHECK(opened.ok());
    return std::move(*opened);
  }

  static TransactionId IdOf(const Command& command) {
    return std::visit(
        [](const auto& c) -> TransactionId {
          if constexpr (requires { c.header.id; }) return c.header.id;
          if constexpr (requires { c.id; }) return c.id;
          return {};
        },
        command);
  }

  static TransactionId RelatedOf(const Command& command) {
    return std::visit(
        [](const auto& c) -> TransactionId {
          if constexpr (requires { c.hold; }) return c.hold;
          if constexpr (requires { c.original; }) return c.original;
          return {};
        },
        command);
  }

  ColdLookup LookUp(const TransactionId& id) const {
    ColdLookup lookup = ids_.NotNeeded();
    if (ids_.NeedsCold(id)) derived_->Find({&id, 1}, {&lookup, 1});
    return lookup;
  }

  void Send(Request& request) {
    std::atomic<bool> done{false};
    request.context = &done;
    request.done = [](Request&, void* context) {
      static_cast<std::atomic<bool>*>(context)->store(true, std::memory_order_release);
    };
    ASSERT_EQ(pipeline->Submit(request, Room::kReserved), SubmitStatus::kTaken);
    while (!done.load(std::memory_order_acquire)) std::this_thread::yield();
    ASSERT_EQ(request.fate, Request::Fate::kReplied);
  }

  SystemClock clock_;
  std::unique_ptr<LedgerStore> ledger_;
  std::unique_ptr<DerivedStore> derived_;
  State state_;
  IdWindow ids_;
};

int64_t Now() { return SystemClock().Now().value(); }

TEST(Background, CheckpointsWhileTrafficGoesOnAndARestartNeedsOnlyTheRest) {
  TemporaryFolder folder;
  RandomTraffic traffic(TestSeed());
  StateHash before;
  {
    Engine engine(folder.Path("data"), 4096, 5);
    for (int i = 0; i < 6'000; ++i) engine.Apply(traffic.Next(Timestamp{Now()}));
    ASSERT_TRUE(engine.background->CheckpointNow().ok());
    EXPECT_EQ(engine.background->checkpoint_watermark(), engine.pipeline->durable_sequence());
    EXPECT_GT(engine.generations(), 0u);
    for (int i = 0; i < 50; ++i) engine.Apply(traffic.Next(Timestamp{Now()}));
    engine.background->Stop();  // so that nothing expires behind the hash
    before = engine.Hash();
  }
  Engine again(folder.Path("data"), 4096, 60'000);
  EXPECT_EQ(again.recovered_hash, before);
  for (int i = 0; i < 500; ++i) again.Apply(traffic.Next(Timestamp{Now()}));
}

TEST(Background, BeginsARoundAfterSoManyEntriesHoweverLongTheInterval) {
  TemporaryFolder folder;
  RandomTraffic traffic(TestSeed());
  constexpr uint64_t kEntries = 300;
  Engine engine(folder.Path("data"), 4096, 3'600'000, kEntries);
  for (int i = 0; i < 1'500; ++i) engine.Apply(traffic.Next(Timestamp{Now()}));
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
  Engine engine(folder.Path("data"), 1024, 60'000);
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
