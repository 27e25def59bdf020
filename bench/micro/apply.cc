// The apply stage without ring and disk: prefetching, fingerprint, id window, checks, posting and
// the entry, for a payment of one leg between existing accounts; the block is thrown away when it
// is full. Few accounts lie in the processor's caches, ten million do not.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "engine/block_writer.h"
#include "engine/check.h"
#include "engine/id_window.h"
#include "engine/no_cold_index.h"
#include "engine/original_source.h"
#include "engine/state.h"
#include "engine/state_machine.h"

namespace lumbung {
namespace {

constexpr size_t kPrefetchDistance = StateMachine::kPrefetchDistance;
constexpr uint32_t kMembersOfCooperative = 1000;
constexpr size_t kTransfers = size_t{1} << 20;

class NoOriginals final : public OriginalSource {
 public:
  bool ReadTransaction(Sequence, std::vector<Entry>&) override { return false; }
};

// Gives blocks in turn, as the pool does when the disk keeps up.
class Recycled final : public BlockWriter::Blocks {
 public:
  static constexpr size_t kBlocks = 64;

  Block& first() { return blocks_[0]; }
  Block& Exchange(Block&) override {
    next_ = (next_ + 1) % kBlocks;
    return blocks_[next_];
  }

 private:
  std::vector<Block> blocks_{kBlocks};
  size_t next_ = 0;
};

class Engine {
 public:
  explicit Engine(uint32_t accounts) : writer_(blocks_, blocks_.first(), Sequence{1}) {
    for (uint32_t number = 1; number <= accounts; ++number) {
      const CooperativeId cooperative{1 + (number - 1) / kMembersOfCooperative};
      if (number % kMembersOfCooperative == 1) {
        ApplyNow(OpenCooperative{.cooperative = cooperative, .policy = {}, .name = "Bentangan"});
      }
      const AccountId wallet = AccountId::From(
          {.cooperative = cooperative, .code = AccountCode{2101}, .holder = HolderNumber{number}});
      ApplyNow(OpenAccount{.account = wallet, .limits = Limits{}});
      wallets_.push_back(wallet);
    }
    DrawAll();
  }

  Result ApplyNow(const Command& command) {
    return machine_.Apply(command, {}, Timestamp{++now_}, writer_);
  }

  StateHash Hash() const { return state_.Hash(); }

  // Asks for the memory of a later command, and applies the next one.
  void Step() {
    Draw(ahead_);
    machine_.Prefetch(commands_[ahead_]);
    ahead_ = (ahead_ + 1) % kTransfers;
    const Result result = ApplyNow(commands_[next_]);
    LUMBUNG_CHECK(result.outcome == Outcome::kAccepted);
    next_ = (next_ + 1) % kTransfers;
    if (ids_.NeedsSealing()) Seal();
  }

 private:
  // Transfers between any two members of one cooperative.
  void DrawAll() {
    std::mt19937_64 random(1);
    legs_.reserve(kTransfers);
    while (commands_.size() < kTransfers) {
      const size_t debit = random() % wallets_.size();
      const size_t first = debit - debit % kMembersOfCooperative;
      const size_t credit = first + random() % kMembersOfCooperative;
      if (credit == debit || credit >= wallets_.size()) continue;
      legs_.push_back(
          {.debit = wallets_[debit], .credit = wallets_[credit], .amount = Amount{100}});
      Post post;
      post.header.id.low = uint64_t{1} << 63 | (random() >> 2);
      post.purpose = Purpose::kTransfer;
      post.legs = std::span(legs_).last(1);
      commands_.push_back(post);
    }
    while (ahead_ < kPrefetchDistance) Draw(ahead_++);
  }

  // Gives a command that was used before an id that was not.
  void Draw(size_t command) {
    const uint64_t mixed = ++ids_made_ * uint64_t{0x9e3779b97f4a7c15};
    std::get<Post>(commands_[command]).header.id.high = (mixed & ~uint64_t{0xF000}) | 0x4000;
  }

  void Seal() {
    if (ids_.SealedUpTo()) ids_.MarkIndexed();
  }

  State state_;
  NoColdIndex cold_;
  NoOriginals originals_;
  IdWindow ids_{{}, cold_};
  StateMachine machine_{state_, ids_, originals_};
  Recycled blocks_;
  BlockWriter writer_;
  std::vector<AccountId> wallets_;
  std::vector<Leg> legs_;
  std::vector<Command> commands_;
  size_t next_ = 0;
  size_t ahead_ = 0;
  uint64_t ids_made_ = 0;
  int64_t now_ = int64_t{1'795'496'400} * 1'000'000'000;
};

// An engine whose tables have been touched, kept for the next measurement with as many accounts:
// to open them takes longer than to measure.
Engine& WarmEngine(uint32_t accounts) {
  constexpr size_t kSteps = size_t{1} << 20;
  static std::unique_ptr<Engine> engine;
  static uint32_t has = 0;
  if (has == accounts) return *engine;
  engine.reset();
  engine = std::make_unique<Engine>(accounts);
  has = accounts;
  for (size_t i = 0; i < kSteps; ++i) engine->Step();
  return *engine;
}

// Argument: accounts.
void Apply(benchmark::State& state) {
  Engine& engine = WarmEngine(static_cast<uint32_t>(state.range(0)));
  for (auto _ : state) engine.Step();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Apply)->ArgName("accounts")->Arg(10'000)->Arg(10'000'000);

// Argument: accounts.
void HashState(benchmark::State& state) {
  Engine engine(static_cast<uint32_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(engine.Hash());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(HashState)->ArgName("accounts")->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lumbung
