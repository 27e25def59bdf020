// Counts allocations, by replacing the global allocator of this program.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "engine/block_writer.h"
#include "engine/check.h"
#include "engine/id_window.h"
#include "engine/state.h"
#include "engine/state_machine.h"
#include "tests/engine/core/map_cold_index.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace lumbung {
namespace {

class TwoBlocks final : public BlockWriter::Blocks {
 public:
  Block& first() { return blocks_[0]; }
  Block& Exchange(Block& closed) override {
    return &closed == &blocks_[0] ? blocks_[1] : blocks_[0];
  }

 private:
  Block blocks_[2];
};

class NoOriginals final : public OriginalSource {
 public:
  bool ReadTransaction(Sequence, std::vector<Entry>&) override { return false; }
};

TEST(Allocation, AnAcceptedOrDeclinedPaymentNeedsNone) {
  MapColdIndex cold;
  IdWindow ids({.slots_per_generation = size_t{1} << 16}, cold);
  State state;
  NoOriginals originals;
  TwoBlocks blocks;
  BlockWriter writer(blocks, blocks.first(), Sequence{1});
  StateMachine machine(state, ids, originals);
  int64_t now = int64_t{1'795'496'400} * 1'000'000'000;
  const auto apply = [&](const Command& command) {
    return machine.Apply(command, {}, Timestamp{++now}, writer).outcome;
  };
  const CooperativeId cooperative{1};
  ASSERT_EQ(apply(OpenCooperative{.cooperative = cooperative, .policy = {}, .name = "Bentangan"}),
            Outcome::kAccepted);
  const auto wallet = [&](uint32_t member) {
    return AccountId::From(
        {.cooperative = cooperative, .code = AccountCode{2101}, .holder = HolderNumber{member}});
  };
  apply(OpenAccount{.account = wallet(1), .limits = Limits{}});
  apply(OpenAccount{.account = wallet(2), .limits = Limits{.floor = Amount{0}}});
  const Leg leg{.debit = wallet(1), .credit = wallet(2), .amount = Amount{1}};
  const Leg too_much{.debit = wallet(2), .credit = wallet(1), .amount = Amount{1'000'000}};
  Post post;
  post.purpose = Purpose::kTransfer;
  post.header.text = "bill 4711";
  Command accepted = post;
  Command declined = post;
  std::get<Post>(accepted).legs = {&leg, 1};
  std::get<Post>(declined).legs = {&too_much, 1};
  const uint64_t before = allocations.load();
  for (uint64_t i = 1; i <= 10'000; ++i) {
    std::get<Post>(accepted).header.id = {.high = i << 16 | 0x4000, .low = uint64_t{1} << 63};
    std::get<Post>(declined).header.id = {.high = i << 16 | 0x4001, .low = uint64_t{1} << 63};
    machine.Prefetch(accepted);
    if (apply(accepted) != Outcome::kAccepted) FAIL();
    if (apply(declined) != Outcome::kInsufficientFunds) FAIL();
  }
  EXPECT_EQ(allocations.load() - before, 0u);
}

}  // namespace
}  // namespace lumbung
