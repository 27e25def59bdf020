#include "storage/id_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

SealedId Id(uint64_t high, uint64_t low, uint64_t sequence) {
  return {{high, low}, {Sequence{sequence}, Outcome::kAccepted, 0}};
}

TEST(IdOrder, OfNoIdsIsEmpty) { EXPECT_TRUE(IdOrder().Of({}).empty()); }

TEST(IdOrder, KeepsTheLowestSequenceOfAnIdThatOccursTwice) {
  const SealedIds ids = {Id(5, 1, 9), Id(2, 2, 3), Id(5, 1, 4), Id(5, 0, 7)};
  IdOrder order;
  EXPECT_TRUE(std::ranges::equal(order.Of(ids), std::vector<uint32_t>{1, 3, 2}));
}

// Wide and narrow halves: some bytes are the same in all, many upper halves occur several times.
TEST(IdOrder, AgreesWithTheSortOfTheStandardLibrary) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  IdOrder of_ids;
  for (int round = 0; round < 60; ++round) {
    const uint64_t high_bits = ~uint64_t{0} >> random() % 64 << random() % 32;
    const uint64_t low_bits = ~uint64_t{0} >> random() % 64;
    const uint64_t shared = random() & ~high_bits;
    SealedIds ids;
    const size_t count = 1 + random() % 3'000;
    for (uint64_t n = 0; n < count; ++n) {
      ids.push_back(Id((random() & high_bits) | shared, random() & low_bits, 1 + n));
    }
    std::shuffle(ids.begin(), ids.end(), random);
    SealedIds expected = ids;
    std::sort(expected.begin(), expected.end(), [](const SealedId& a, const SealedId& b) {
      return a.id != b.id ? a.id < b.id : a.record.sequence < b.record.sequence;
    });
    const auto same = [](const SealedId& a, const SealedId& b) { return a.id == b.id; };
    expected.erase(std::unique(expected.begin(), expected.end(), same), expected.end());
    const std::span<const uint32_t> order = of_ids.Of(ids);
    ASSERT_EQ(order.size(), expected.size());
    for (size_t i = 0; i < order.size(); ++i) {
      ASSERT_EQ(ids[order[i]].record.sequence, expected[i].record.sequence) << i;
    }
  }
}

}  // namespace
}  // namespace lumbung
