#include "engine/id_window.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "engine/limits.h"
#include "tests/engine/core/map_cold_index.h"
#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TransactionId V4(uint64_t n) {
  return {(n * 0x9E3779B97F4A7C15u & ~uint64_t{0xF000}) | 0x4000, uint64_t{1} << 63 | n};
}

TransactionId V7(Timestamp birth, uint64_t n) {
  const uint64_t milliseconds = static_cast<uint64_t>(birth.value() / 1'000'000);
  return {milliseconds << 16 | 0x7000, uint64_t{1} << 63 | n};
}

IdRecord Record(uint64_t sequence) {
  return {Sequence{sequence}, Outcome::kAccepted, sequence * 7};
}

// What the background thread does, all at once.
void Seal(IdWindow& window, MapColdIndex& cold) {
  if (window.SealedUpTo()) {
    SealedIds ids;
    window.CopySealed(ids);
    cold.Add(ids);
    window.MarkIndexed();
  }
}

// Looks up as the decoding thread does, then as the apply thread does.
std::optional<IdRecord> FindFresh(const IdWindow& window, const MapColdIndex& cold,
                                  const TransactionId& id) {
  ColdLookup lookup = window.NotNeeded();
  if (window.NeedsCold(id)) cold.Find({&id, 1}, {&lookup, 1});
  return window.Find(id, lookup);
}

TEST(IdWindow, FindsWhatWasInsertedAndNothingElse) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 64}, cold);
  window.Insert(V4(1), Record(11), Timestamp{1});
  const auto found = window.Find(V4(1), window.NotNeeded());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sequence, Sequence{11});
  EXPECT_EQ(found->outcome, Outcome::kAccepted);
  EXPECT_EQ(found->fingerprint, 77u);
  EXPECT_FALSE(window.Find(V4(2), window.NotNeeded()));
}

TEST(IdWindow, RemembersAnIdThatLeftTheWindow) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 16}, cold);
  for (uint64_t n = 1; n <= 100; ++n) {
    window.Insert(V4(n), Record(n), Timestamp{static_cast<int64_t>(n)});
    Seal(window, cold);
  }
  EXPECT_GE(window.dropped(), 4u);
  for (uint64_t n = 1; n <= 100; ++n) {
    const auto found = FindFresh(window, cold, V4(n));
    ASSERT_TRUE(found) << n;
    EXPECT_EQ(found->sequence, Sequence{n});
  }
}

TEST(IdWindow, AsksTheColdIndexAgainWhenAnAnswerWasOvertaken) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 16}, cold);
  const TransactionId victim = V4(1);
  ColdLookup early = window.NotNeeded();
  ASSERT_FALSE(window.NeedsCold(victim));
  // Between the look-up and the apply, the id is spent and leaves the window.
  for (uint64_t n = 1; n <= 60; ++n) {
    window.Insert(V4(n), Record(n), Timestamp{static_cast<int64_t>(n)});
    Seal(window, cold);
  }
  ASSERT_GT(window.dropped(), early.generations);
  EXPECT_TRUE(window.Find(victim, early));
}

TEST(IdWindow, NeverAsksTheDiskForAUuidV7YoungerThanAllThatLeft) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 16}, cold);
  const int64_t begin = 1'000 * kSecond;
  uint64_t n = 0;
  // A thousand a second: the whole window is far younger than the clock skew.
  while (window.dropped() < 3) {
    ++n;
    const Timestamp now{begin + static_cast<int64_t>(n) * 1'000'000};
    ASSERT_FALSE(window.NeedsCold(V7(now, n)));
    window.Insert(V7(now, n), Record(n), now);
    Seal(window, cold);
  }
  const Timestamp oldest = window.start();
  EXPECT_FALSE(window.NeedsCold(V7(oldest, 1'000)));
  EXPECT_TRUE(window.NeedsCold(V7(Timestamp{oldest.value() - 1'000'000}, 1'000)));
  EXPECT_TRUE(window.NeedsCold(V4(1'000)));
}

TEST(IdWindow, AsksTheDiskUpToTheBirthOfAnIdFromAClockAheadThatLeft) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 16}, cold);
  const int64_t begin = 1'000 * kSecond;
  const Timestamp ahead{begin + kMaxClockSkewNs};
  window.Insert(V7(ahead, 1), Record(1), Timestamp{begin});
  for (uint64_t n = 2; window.dropped() == 0; ++n) {
    window.Insert(V4(n), Record(n), Timestamp{begin + static_cast<int64_t>(n)});
    Seal(window, cold);
  }
  EXPECT_TRUE(FindFresh(window, cold, V7(ahead, 1)));
  EXPECT_TRUE(window.NeedsCold(V7(ahead, 2)));
  EXPECT_FALSE(window.NeedsCold(V7(Timestamp{ahead.value() + 1'000'000}, 2)));
}

TEST(IdWindow, FindsInTheSealedGenerationWhatIsAsOldAsItsNewest) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 16}, cold);
  const Timestamp birth{1'000 * kSecond};
  for (uint64_t n = 1; n <= 20; ++n) window.Insert(V7(birth, n), Record(n), birth);
  ASSERT_TRUE(window.SealedUpTo());
  for (uint64_t n = 1; n <= 20; ++n) {
    EXPECT_TRUE(window.Find(V7(birth, n), window.NotNeeded())) << n;
  }
  EXPECT_FALSE(window.Find(V7(birth, 21), window.NotNeeded()));
}

TEST(IdWindow, DoesNotSeeInAReusedTableWhatAFormerGenerationLeft) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 16}, cold);
  uint64_t n = 0;
  while (window.dropped() < 5) {
    ++n;
    window.Insert(V4(n), Record(n), Timestamp{static_cast<int64_t>(n)});
    Seal(window, cold);
    // All but the index: an id that left is not found.
    size_t found = 0;
    for (uint64_t old = 1; old <= n; ++old) {
      ColdLookup absent = window.NotNeeded();
      if (window.Find(V4(old), absent)) ++found;
    }
    ASSERT_EQ(found, window.size());
  }
}

TEST(IdWindow, TakesTheIdsBeforeARestartToBeInTheColdIndex) {
  MapColdIndex cold;
  cold.Add({{V4(1), Record(1)}});
  IdWindow window({.slots_per_generation = 16}, cold);
  window.BeginAt(Timestamp{5'000 * kSecond});
  EXPECT_TRUE(window.NeedsCold(V4(1)));
  EXPECT_TRUE(FindFresh(window, cold, V4(1)));
  EXPECT_FALSE(window.NeedsCold(V7(Timestamp{6'000 * kSecond}, 2)));
  // Before the restart, too, ids were taken from clocks that were ahead by so much.
  EXPECT_TRUE(window.NeedsCold(V7(Timestamp{5'200 * kSecond}, 3)));
  EXPECT_TRUE(window.NeedsCold(V7(Timestamp{5'000 * kSecond + kMaxClockSkewNs}, 4)));
}

TEST(IdWindow, SaysThatItNeedsSealingOnlyWhileNothingCanTurn) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 16}, cold);
  uint64_t n = 0;
  while (!window.NeedsSealing()) {
    ++n;
    window.Insert(V4(n), Record(n), Timestamp{static_cast<int64_t>(n)});
    ASSERT_LE(n, 40u);
  }
  EXPECT_EQ(n, 2 * window.full_at());
  Seal(window, cold);
  EXPECT_FALSE(window.NeedsSealing());
}

TEST(IdWindow, SealsEarlyWhenAsked) {
  MapColdIndex cold;
  IdWindow window({.slots_per_generation = 64}, cold);
  EXPECT_FALSE(window.SealNow());
  window.Insert(V4(1), Record(9), Timestamp{1});
  ASSERT_TRUE(window.SealNow());
  EXPECT_EQ(window.SealedUpTo(), Sequence{9});
  EXPECT_FALSE(window.SealNow());
  Seal(window, cold);
  EXPECT_TRUE(FindFresh(window, cold, V4(1)));
}

// How often this thread has waited for memory.
int64_t PageFaults() {
  rusage usage{};
  EXPECT_EQ(getrusage(RUSAGE_THREAD, &usage), 0);
  return usage.ru_minflt;
}

TEST(IdWindow, FindsTheMemoryThatWasTakenAheadForBothOfItsTables) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's own memory is counted too";
#endif
  // A table of 32 MiB: 16 large pages, or 8,192 small ones, of which the ids touch nearly 1,000.
  constexpr size_t kSlots = size_t{1} << 20;
  constexpr uint64_t kIds = 1'000;
  const auto faults_of_ids = [](IdWindow& window, uint64_t first) {
    const int64_t before = PageFaults();
    for (uint64_t n = first; n < first + kIds; ++n) window.Insert(V4(n), Record(n), Timestamp{1});
    return PageFaults() - before;
  };
  MapColdIndex cold;
  IdWindow unprepared({.slots_per_generation = kSlots}, cold);
  EXPECT_GE(faults_of_ids(unprepared, 1), 16);

  IdWindow window({.slots_per_generation = kSlots}, cold);
  window.TakeMemoryAhead();
  EXPECT_LE(faults_of_ids(window, 1), 4);
  const uint64_t full = window.full_at();
  for (uint64_t n = kIds + 1; n <= full; ++n) window.Insert(V4(n), Record(n), Timestamp{1});
  window.TakeMemoryAhead();
  EXPECT_LE(faults_of_ids(window, full + 1), 4);
  EXPECT_TRUE(window.SealedUpTo());
}

// Random ids of both kinds, repeated at random, look-ups that are overtaken at random; a map knows
// the truth.
TEST(IdWindow, AgreesWithAMapUnderRandomUse) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 20; ++round) {
    MapColdIndex cold;
    IdWindow window({.slots_per_generation = size_t{16} << (random() % 4)}, cold);
    std::map<TransactionId, uint64_t> truth;
    std::vector<std::pair<TransactionId, ColdLookup>> pending;
    int64_t now = 10'000 * kSecond;
    std::vector<TransactionId> known;
    for (uint64_t n = 1; n <= 3'000; ++n) {
      now += static_cast<int64_t>(random() % (20 * kSecond));
      TransactionId id =
          random() % 2 == 0
              ? V4(random() % 1'000'000)
              : V7(Timestamp{now - static_cast<int64_t>(random() % (1'000 * kSecond)) +
                             kMaxClockSkewNs * static_cast<int64_t>(random() % 2)},
                   random() % 1'000'000);
      if (!known.empty() && random() % 3 == 0) id = known[random() % known.size()];
      ColdLookup lookup = window.NotNeeded();
      if (window.NeedsCold(id)) cold.Find({&id, 1}, {&lookup, 1});
      pending.emplace_back(id, lookup);
      if (pending.size() < random() % 60) continue;
      const auto [taken, answer] = pending.front();
      pending.erase(pending.begin());
      const auto birth = taken.BirthTime();
      if (birth && birth->value() > now + kMaxClockSkewNs) continue;
      const auto found = window.Find(taken, answer);
      ASSERT_EQ(found.has_value(), truth.contains(taken)) << taken.ToString() << " at " << n;
      if (found) {
        ASSERT_EQ(found->sequence.value(), truth[taken]);
      } else {
        while (window.NeedsSealing()) Seal(window, cold);
        window.Insert(taken, Record(n), Timestamp{now});
        truth[taken] = n;
        known.push_back(taken);
      }
      if (random() % 10 == 0) Seal(window, cold);
    }
  }
}

// Look-ups on their way from the decoding thread to the apply thread.
class LookUps {
 public:
  using Item = std::pair<TransactionId, ColdLookup>;

  // Takes it, unless so many are on their way.
  bool Push(const Item& item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() >= 64) return false;
    items_.push_back(item);
    return true;
  }
  std::vector<Item> TakeAll() {
    const std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Item> items_;  // guarded by mutex_
};

// Id n, spent in millisecond n: every third is of version 4.
TransactionId AnyId(uint64_t n) {
  return n % 3 == 0 ? V4(n) : V7(Timestamp{static_cast<int64_t>(n) * 1'000'000}, n);
}

// tests/protocol tries every order of their steps, on a few ids; here there are many. Each is spent
// before it is looked up, so it must be found, however far the window turns meanwhile.
TEST(IdWindow, FindsEverySpentIdWhileTheBackgroundThreadSealsAndAnotherLooksUp) {
  MapColdIndex cold;
  constexpr size_t kSlots = 64;
  IdWindow window({.slots_per_generation = kSlots}, cold);
  std::atomic<uint64_t> inserted{0};
  std::atomic<bool> stop{false};
  LookUps look_ups;
  std::thread background([&] {
    while (!stop.load()) Seal(window, cold);
  });
  std::thread decoder([&] {
    std::mt19937_64 random(1);
    while (!stop.load()) {
      const uint64_t known = inserted.load();
      if (known == 0) continue;
      // Mostly of those that are about to leave, or have just left.
      const uint64_t age = random() % (random() % 8 == 0 ? known : std::min(known, 3 * kSlots));
      const TransactionId id = AnyId(known - age);
      ColdLookup lookup = window.NotNeeded();
      if (window.NeedsCold(id)) cold.Find({&id, 1}, {&lookup, 1});
      while (!look_ups.Push({id, lookup}) && !stop.load()) std::this_thread::yield();
    }
  });
  const auto spend = [&](uint64_t n) {
    while (window.NeedsSealing()) std::this_thread::yield();
    EXPECT_FALSE(window.Find(AnyId(n), window.NotNeeded())) << n;
    window.Insert(AnyId(n), Record(n), Timestamp{static_cast<int64_t>(n) * 1'000'000});
    inserted.store(n);
  };
  constexpr uint64_t kIds = 10'000;
  constexpr uint64_t kLookUps = 5'000;
  uint64_t asked_cold = 0;
  uint64_t lost = 0;
  for (uint64_t n = 1, found = 0; n <= kIds || found < kLookUps || asked_cold == 0; ++n) {
    spend(n);
    if (n % 7 == 0 && !FindFresh(window, cold, AnyId(1 + n * 2654435761u % n))) ++lost;
    for (const auto& [id, lookup] : look_ups.TakeAll()) {
      ++(window.Find(id, lookup) ? found : lost);
      if (lookup.answer != ColdLookup::Answer::kNotNeeded) ++asked_cold;
    }
    if (lost > 0) break;
  }
  stop.store(true);
  background.join();
  decoder.join();
  EXPECT_EQ(lost, 0u) << "a repeat would have been paid again";
}

}  // namespace
}  // namespace lumbung
