#include "engine/record_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/state_data.h"
#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

FollowUp Of(uint64_t key) {
  FollowUp record;
  record.original = Sequence{key};
  return record;
}

std::set<uint64_t> CollectAll(RecordTable<FollowUp>& table, size_t limit) {
  std::set<uint64_t> keys;
  while (!table.RoundIsComplete()) {
    std::vector<FollowUp> part;
    EXPECT_LE(table.Collect(limit, part), limit);
    for (const FollowUp& record : part) EXPECT_TRUE(keys.insert(KeyOf(record)).second);
  }
  return keys;
}

TEST(RecordTable, FindsWhatWasInsertedAndNothingElse) {
  std::mt19937_64 random(TestSeed());
  RecordTable<FollowUp> table;
  std::unordered_map<uint64_t, uint32_t> numbers;
  for (int i = 0; i < 100'000; ++i) {
    // Neighbours and strangers.
    const uint64_t key = i % 2 == 0 ? static_cast<uint64_t>(i) : random();
    if (numbers.contains(key)) continue;
    EXPECT_FALSE(table.Find(key));
    numbers[key] = table.Insert(Of(key)).number;
  }
  EXPECT_EQ(table.size(), numbers.size());
  for (const auto& [key, number] : numbers) {
    const FollowUpRef found = table.Find(key);
    ASSERT_TRUE(found);
    EXPECT_EQ(found.number, number);
    EXPECT_EQ(KeyOf(*found), key);
  }
}

TEST(RecordTable, NeverMovesARecord) {
  RecordTable<FollowUp> table;
  const FollowUp* const first = table.Insert(Of(1)).record;
  for (uint64_t key = 2; key < 50'000; ++key) table.Insert(Of(key));
  EXPECT_EQ(table.Find(1).record, first);
}

TEST(RecordTable, CollectsInARoundWhatWasDirtyWhenItBegan) {
  RecordTable<FollowUp> table;
  for (uint64_t key = 0; key < 10'000; ++key) table.Insert(Of(key));
  EXPECT_TRUE(table.RoundIsComplete());
  table.MarkDirty(3);
  table.MarkDirty(9'999);
  table.BeginRound();
  table.MarkDirty(4);
  EXPECT_EQ(CollectAll(table, 1), std::set<uint64_t>({3, 9'999}));
  table.BeginRound();
  EXPECT_EQ(CollectAll(table, 100), std::set<uint64_t>({4}));
  table.BeginRound();
  EXPECT_TRUE(CollectAll(table, 100).empty());
}

TEST(RecordTable, CollectsARecordAsItIsWhenItsTurnComes) {
  RecordTable<FollowUp> table;
  const FollowUpRef record = table.Insert(Of(7));
  table.MarkDirty(record.number);
  table.BeginRound();
  record->refunded = Amount{5};
  std::vector<FollowUp> part;
  table.Collect(10, part);
  ASSERT_EQ(part.size(), 1u);
  EXPECT_EQ(part[0].refunded, Amount{5});
}

TEST(DeadlineQueue, GivesDeadlinesInOrderAndThoseOfOneSecondByAge) {
  DeadlineQueue queue;
  queue.Push({.deadline = 20, .number = 0, .first = Sequence{1}});
  queue.Push({.deadline = 10, .number = 1, .first = Sequence{3}});
  queue.Push({.deadline = 10, .number = 2, .first = Sequence{2}});
  std::vector<uint64_t> order;
  while (const auto top = queue.Top()) {
    order.push_back(top->first.value());
    queue.Pop();
  }
  EXPECT_EQ(order, std::vector<uint64_t>({2, 3, 1}));
}

}  // namespace
}  // namespace lumbung
