#include "engine/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/fingerprint.h"
#include "engine/state.h"
#include "engine/state_data.h"
#include "tests/engine/core/map_cold_index.h"
#include "tests/engine/core/seed.h"
#include "tests/engine/rules/books.h"
#include "tests/model/random_traffic.h"

namespace lumbung {
namespace {

// Enough slots that nothing needs to be sealed.
constexpr size_t kIdSlots = size_t{1} << 18;

// Applies `count` random commands, and calls `after` after each.
template <typename After>
void Play(Books& books, RandomTraffic& traffic, int count, After after) {
  for (int i = 0; i < count; ++i) {
    books.Advance(traffic.Pause());
    books.ExpireHolds();
    books.Apply(traffic.Next(books.now()));
    after(i);
  }
}

absl::Status ReplayAll(Books& books, State& state, Sequence watermark, IdWindow& ids) {
  Replay replay(state, ids, watermark, kNoSequence);
  for (const auto& block : books.Flush()) {
    absl::Status status = replay.Apply(block->first(), block->entries(), block->attachments());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Stores the part's images over those that are there.
template <typename Record>
void Store(std::vector<Record>& stored, const std::vector<Record>& images) {
  for (const Record& image : images) {
    const auto same = std::find_if(stored.begin(), stored.end(), [&](const Record& record) {
      return KeyOf(record) == KeyOf(image);
    });
    if (same == stored.end()) {
      stored.push_back(image);
    } else {
      *same = image;
    }
  }
}

void MergeInto(CheckpointPart& stored, const CheckpointPart& part) {
  Store(stored.accounts, part.accounts);
  Store(stored.holds, part.holds);
  Store(stored.follow_ups, part.follow_ups);
  Store(stored.cooperatives, part.cooperatives);
  Store(stored.branches, part.branches);
  Store(stored.terminals, part.terminals);
}

// By account and date, each once, as text that can be compared and printed.
std::map<std::pair<uint64_t, int32_t>, std::string> InOrder(
    const std::vector<DailyBalance>& balances) {
  std::map<std::pair<uint64_t, int32_t>, std::string> ordered;
  for (const DailyBalance& day : balances) {
    ordered[{day.account.value(), day.date.value()}] =
        std::to_string(day.debits_posted.value()) + " " +
        std::to_string(day.credits_posted.value()) + " " + std::to_string(day.held.value()) + " " +
        std::to_string(day.sequence.value()) + " " + std::to_string(day.timestamp.value());
  }
  return ordered;
}

struct Window {
  MapColdIndex cold;
  IdWindow ids{{.slots_per_generation = kIdSlots}, cold};
};

TEST(Replay, FromTheBeginningGivesTheLiveState) {
  const uint64_t seed = TestSeed();
  for (uint64_t round = 0; round < 10; ++round) {
    Books books;
    RandomTraffic traffic(seed + round);
    Play(books, traffic, 2000, [](int) {});
    State replayed;
    Window window;
    const absl::Status status = ReplayAll(books, replayed, kNoSequence, window.ids);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(replayed.last_sequence(), books.state().last_sequence());
    EXPECT_EQ(replayed.Hash(), books.state().Hash());
    EXPECT_EQ(replayed.open_hold_count(), books.state().open_hold_count());
    EXPECT_EQ(InOrder(replayed.TakeDailyBalances()), InOrder(books.state().TakeDailyBalances()));
  }
}

TEST(Replay, FromACheckpointTakenInPartsWhilePaymentsGoOnGivesTheLiveState) {
  const uint64_t seed = TestSeed();
  for (uint64_t round = 0; round < 20; ++round) {
    Books books;
    RandomTraffic traffic(seed + round);
    std::vector<DailyBalance> live;
    std::vector<DailyBalance> stored;
    const auto add = [](std::vector<DailyBalance>& to, const std::vector<DailyBalance>& more) {
      to.insert(to.end(), more.begin(), more.end());
    };
    // Two rounds: the second has only what changed since the first began.
    std::vector<CheckpointPart> parts;
    Sequence watermark;
    bool in_round = false;
    Play(books, traffic, 3000, [&](int i) {
      if (i == 700 || i == 1800) {
        watermark = books.state().BeginCheckpoint();
        in_round = true;
      }
      if (!in_round || i % 5 != 0) return;
      CheckpointPart& part = parts.emplace_back();
      books.state().CollectCheckpoint(7, part);
      add(live, part.daily_balances);
      add(stored, part.daily_balances);
      in_round = !part.complete;
    });
    ASSERT_FALSE(in_round);
    add(live, books.state().TakeDailyBalances());

    // The later image of an object replaces the earlier, as in a store.
    State replayed;
    CheckpointPart images;
    for (const CheckpointPart& part : parts) MergeInto(images, part);
    replayed.Load(images);
    Timestamp time;
    for (const auto& block : books.Flush()) {
      if (watermark >= block->first() && watermark <= block->last()) {
        time = block->entries()[watermark.value() - block->first().value()].timestamp;
      }
    }
    replayed.FinishLoad(watermark, time);
    Window window;
    const absl::Status status = ReplayAll(books, replayed, watermark, window.ids);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(replayed.Hash(), books.state().Hash());
    EXPECT_EQ(replayed.open_hold_count(), books.state().open_hold_count());
    add(stored, replayed.TakeDailyBalances());
    EXPECT_EQ(InOrder(stored), InOrder(live));
  }
}

}  // namespace
}  // namespace lumbung
