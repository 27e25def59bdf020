#include "storage/recovery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "engine/check.h"
#include "engine/fingerprint.h"
#include "rocksdb/db.h"
#include "storage/read_ahead.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/played_ledger.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

constexpr size_t kSlots = 4096;  // small generations, so that many are indexed

// A recovered engine, without threads.
struct Recovered {
  Recovered(const LedgerStore& ledger, const std::string& derived_folder,
            const RecoveryPace& pace = {}) {
    auto opened = DerivedStore::Open(derived_folder);
    EXPECT_TRUE(opened.ok()) << opened.status();
    derived = std::move(*opened);
    ids = std::make_unique<IdWindow>(IdWindow::Options{kSlots}, *derived);
    auto recovered = Recover(ledger, *derived, state, *ids, {}, pace);
    status = recovered.status();
    if (recovered.ok()) report = *recovered;
  }

  std::optional<IdRecord> Find(const TransactionId& id) const {
    ColdLookup lookup = ids->NotNeeded();
    if (ids->NeedsCold(id)) derived->Find({&id, 1}, {&lookup, 1});
    return ids->Find(id, lookup);
  }

  std::unique_ptr<DerivedStore> derived;
  State state;
  std::unique_ptr<IdWindow> ids;
  absl::Status status;
  RecoveryReport report;
};

// Every id of the ledger must be known with the outcome, the sequence and the content it has there.
void ExpectIdsRemembered(const LedgerStore& ledger, const Recovered& recovered) {
  const absl::Status read = ledger.ReadBlocks(Sequence{1}, [&](const StoredBlock& block) {
    size_t attachment = 0;
    for (size_t i = 0; i < block.entries.size(); i += block.entries[i].leg_count) {
      const Entry& entry = block.entries[i];
      const auto bytes = block.attachments.subspan(attachment, entry.attachment_length);
      attachment += entry.attachment_length;
      if (entry.id.IsZero()) continue;
      const auto found = recovered.Find(entry.id);
      EXPECT_TRUE(found) << entry.id.ToString();
      if (!found) return false;
      EXPECT_EQ(found->sequence.value(), block.first.value() + i);
      EXPECT_EQ(found->outcome, entry.outcome);
      if (entry.kind.step() != Step::kFence) {
        EXPECT_EQ(found->fingerprint,
                  Fingerprint(block.entries.subspan(i, entry.leg_count), bytes));
      }
    }
    return true;
  });
  EXPECT_TRUE(read.ok()) << read;
}

// Stores one round of a fuzzy checkpoint, with traffic between the parts; whether it is completed
// is up to the caller.
void StoreRound(PlayedLedger& played, DerivedStore& derived, bool complete) {
  CheckpointPart part;
  const Sequence watermark = played.books.state().BeginCheckpoint();
  const Timestamp timestamp = played.books.state().last_timestamp();
  for (int parts = 0; !part.complete; ++parts) {
    played.books.state().CollectCheckpoint(20, part);
    played.Write();  // what the part saw is durable before it is stored
    ASSERT_TRUE(derived.StorePart(part).ok());
    if (!complete && parts == 3) return;
    played.Play(20);
  }
  played.Write();
  ASSERT_TRUE(derived.CompleteCheckpoint(watermark, timestamp).ok());
}

std::map<std::pair<uint64_t, int32_t>, uint64_t> DailyBalancesOf(const DerivedStore& derived,
                                                                 State& state) {
  std::map<std::pair<uint64_t, int32_t>, uint64_t> found;
  for (const Cooperative& cooperative : state.ListCooperatives()) {
    for (const Account& account : state.ListAccounts(cooperative.id, AccountId{}, 100'000)) {
      BusinessDate date{0};
      for (;;) {
        const auto daily = derived.FirstDailyBalanceFrom(account.id, date);
        EXPECT_TRUE(daily.ok());
        if (!*daily) break;
        found[{account.id.value(), (*daily)->date.value()}] = (*daily)->sequence.value();
        date = BusinessDate{(*daily)->date.value() + 1};
      }
    }
  }
  return found;
}

TEST(Recovery, StartsWithNothing) {
  TemporaryFolder folder;
  PlayedLedger played(folder.Path("ledger"), 1);
  Recovered recovered(*played.store, folder.Path("derived"));
  ASSERT_TRUE(recovered.status.ok());
  EXPECT_EQ(recovered.report.last, kNoSequence);
  EXPECT_EQ(recovered.report.replayed_entries, 0u);
}

TEST(Recovery, RebuildsEverythingFromTheLedgerAlone) {
  TemporaryFolder folder;
  PlayedLedger played(folder.Path("ledger"), TestSeed());
  played.Play(20'000);
  played.Write();
  Recovered recovered(*played.store, folder.Path("derived"));
  ASSERT_TRUE(recovered.status.ok()) << recovered.status;
  EXPECT_EQ(recovered.state.Hash(), played.books.state().Hash());
  EXPECT_EQ(recovered.report.replayed_entries, played.store->last().value());
  EXPECT_GT(recovered.derived->generations(), 1u);
  ExpectIdsRemembered(*played.store, recovered);
}

TEST(ReadAhead, GivesEachBlockOnceInOrderAndMayEndAnywhere) {
  TemporaryFolder folder;
  PlayedLedger played(folder.Path("ledger"), TestSeed());
  for (int i = 0; i < 200; ++i) {
    played.Play(20);
    played.Write();
  }
  uint64_t next = 1;
  ReadAhead all(*played.store, Sequence{1});
  while (const auto block = all.Next()) {
    ASSERT_EQ(block->first, Sequence{next});
    next += block->entries.size();
  }
  EXPECT_TRUE(all.status().ok()) << all.status();
  EXPECT_EQ(next, played.store->last().value() + 1);
  for (int taken = 0; taken < 100; taken += 9) {
    ReadAhead some(*played.store, Sequence{1});
    for (int i = 0; i < taken; ++i) ASSERT_NE(some.Next(), nullptr);
  }
}

TEST(Recovery, GoesOnFromAFuzzyCheckpointAndWhatWasBegunAfterIt) {
  const uint64_t seed = TestSeed();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 8; ++round) {
    TemporaryFolder folder;
    PlayedLedger played(folder.Path("ledger"), seed + round);
    {
      Recovered engine(*played.store, folder.Path("derived"));
      played.Play(static_cast<int>(200 + random() % 1'500));
      StoreRound(played, *engine.derived, true);
      if (random() % 2 == 0) StoreRound(played, *engine.derived, true);
      played.Play(static_cast<int>(random() % 1'500));
      if (random() % 2 == 0) StoreRound(played, *engine.derived, false);
      played.Play(static_cast<int>(random() % 500));
      played.Write();
    }
    Recovered recovered(*played.store, folder.Path("derived"));
    ASSERT_TRUE(recovered.status.ok()) << recovered.status;
    EXPECT_EQ(recovered.state.Hash(), played.books.state().Hash());
    ExpectIdsRemembered(*played.store, recovered);
  }
}

TEST(Recovery, MakesTheSameDailyBalancesFromACheckpointAndFromNothing) {
  TemporaryFolder folder;
  PlayedLedger played(folder.Path("ledger"), TestSeed());
  {
    Recovered engine(*played.store, folder.Path("derived"));
    for (int i = 0; i < 3; ++i) {
      played.Play(1'500);
      StoreRound(played, *engine.derived, i < 2);
    }
    played.Write();
  }
  const auto daily_after_recovery = [&](const std::string& derived_folder) {
    Recovered recovered(*played.store, derived_folder);
    EXPECT_TRUE(recovered.status.ok()) << recovered.status;
    EXPECT_TRUE(recovered.derived->StoreDailyBalances(recovered.state.TakeDailyBalances()).ok());
    return DailyBalancesOf(*recovered.derived, recovered.state);
  };
  const auto from_checkpoint = daily_after_recovery(folder.Path("derived"));
  const auto from_nothing = daily_after_recovery(folder.Path("empty"));
  EXPECT_GT(from_nothing.size(), 50u);
  EXPECT_EQ(from_checkpoint, from_nothing);
}

TEST(Recovery, StoresCheckpointsOnTheWayOfALongReplayAndGoesOnFromThem) {
  TemporaryFolder folder;
  PlayedLedger played(folder.Path("ledger"), TestSeed());
  played.Play(10'000);
  played.Write();
  const Sequence last = played.store->last();
  std::map<std::pair<uint64_t, int32_t>, uint64_t> daily;
  {
    Recovered paced(*played.store, folder.Path("derived"),
                    {.checkpoint_every = 2'000, .daily_balances_every = 300});
    ASSERT_TRUE(paced.status.ok()) << paced.status;
    EXPECT_EQ(paced.state.Hash(), played.books.state().Hash());
    EXPECT_EQ(paced.derived->watermarks().state, last);
    ExpectIdsRemembered(*played.store, paced);
    daily = DailyBalancesOf(*paced.derived, paced.state);
  }
  Recovered again(*played.store, folder.Path("derived"));
  ASSERT_TRUE(again.status.ok()) << again.status;
  EXPECT_GT(again.report.replayed_from, Sequence{1});
  EXPECT_EQ(again.state.Hash(), played.books.state().Hash());
  ExpectIdsRemembered(*played.store, again);
  EXPECT_EQ(daily, DailyBalancesOf(*again.derived, again.state));
  EXPECT_FALSE(daily.empty());
}

TEST(Recovery, RefusesDerivedDataThatIsAheadOfTheLedger) {
  TemporaryFolder folder;
  PlayedLedger played(folder.Path("ledger"), 3);
  played.Play(100);
  played.Write();
  {
    const auto derived = DerivedStore::Open(folder.Path("derived"));
    const Sequence ahead{played.store->last().value() + 1};
    ASSERT_TRUE((*derived)->CompleteCheckpoint(ahead, Timestamp{1}).ok());
  }
  Recovered recovered(*played.store, folder.Path("derived"));
  EXPECT_TRUE(absl::IsDataLoss(recovered.status)) << recovered.status;
}

// The first blocks of a ledger, as an older backup has them, up to the one with this sequence.
std::unique_ptr<LedgerStore> OlderCopy(const LedgerStore& ledger, const std::string& folder,
                                       Sequence up_to) {
  auto copy = *LedgerStore::Open(folder, Access::kReadWrite);
  const absl::Status read = ledger.ReadBlocks(Sequence{1}, [&](const StoredBlock& stored) {
    Block block;
    block.Reset(stored.first);
    const auto entries = block.Append(stored.entries.size(), stored.attachments.size());
    std::ranges::copy(stored.entries, entries.begin());
    std::ranges::copy(stored.attachments, block.LastAttachment().begin());
    block.Close();
    Block* const pointer = &block;
    EXPECT_TRUE(copy->Append({&pointer, 1}).ok());
    return copy->last() < up_to;
  });
  EXPECT_TRUE(read.ok()) << read;
  return copy;
}

// Images may be newer than the watermark, but never than the ledger.
TEST(Recovery, RefusesImagesOfEntriesThatTheLedgerLacks) {
  TemporaryFolder folder;
  PlayedLedger played(folder.Path("ledger"), TestSeed());
  Sequence watermark;
  {
    Recovered engine(*played.store, folder.Path("derived"));
    played.Play(300);
    StoreRound(played, *engine.derived, true);
    watermark = engine.derived->watermarks().state;
    played.Play(300);
    StoreRound(played, *engine.derived, false);
  }
  const auto older = OlderCopy(*played.store, folder.Path("older"), watermark);
  ASSERT_LT(older->last(), played.store->last());
  const absl::Status refused = Recovered(*older, folder.Path("derived")).status;
  EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
  EXPECT_TRUE(Recovered(*played.store, folder.Path("derived")).status.ok());
}

// As when the ledger was put back from a backup, and has grown beyond the old watermark since.
TEST(Recovery, RefusesTheDerivedDataOfAnotherLedger) {
  TemporaryFolder folder;
  PlayedLedger played(folder.Path("ledger"), 3);
  played.Play(300);
  {
    Recovered engine(*played.store, folder.Path("derived"));
    StoreRound(played, *engine.derived, true);
  }
  PlayedLedger other(folder.Path("other"), 4);
  other.Play(2'000);
  other.Write();
  const Recovered recovered(*other.store, folder.Path("derived"));
  EXPECT_TRUE(absl::IsDataLoss(recovered.status)) << recovered.status;
  EXPECT_NE(std::string(recovered.status.message()).find("--drop-derived"), std::string::npos);
}

// Changes one byte of the ledger's second block, past all that RocksDB checks; returns the block's
// first sequence, and that of the next block.
std::pair<Sequence, Sequence> ChangeAByteOfTheSecondBlock(const std::string& ledger) {
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  LUMBUNG_CHECK(
      rocksdb::DB::Open({}, ledger, {{"default", {}}, {"ledger", {}}}, &families, &opened).ok());
  std::unique_ptr<rocksdb::Iterator> it(opened->NewIterator({}, families[1]));
  const auto first = [&it] {
    uint64_t number = 0;
    for (const char byte : it->key().ToString()) number = number << 8 | static_cast<uint8_t>(byte);
    return Sequence{number};
  };
  it->SeekToFirst();
  it->Next();
  const Sequence changed = first();
  const std::string key = it->key().ToString();
  std::string value = it->value().ToString();
  value[300] = static_cast<char>(value[300] ^ 1);
  it->Next();
  const Sequence next = first();
  it.reset();
  LUMBUNG_CHECK(opened->Put({}, families[1], key, value).ok());
  for (rocksdb::ColumnFamilyHandle* family : families) opened->DestroyColumnFamilyHandle(family);
  delete opened;
  return {changed, next};
}

TEST(Recovery, RefusesALedgerWithOneChangedByteAndNamesTheSequence) {
  TemporaryFolder folder;
  {
    PlayedLedger played(folder.Path("ledger"), 4);
    for (int i = 0; i < 5; ++i) {
      played.Play(300);
      played.Write();
    }
  }
  const auto [changed, next] = ChangeAByteOfTheSecondBlock(folder.Path("ledger"));
  const auto store = LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite);
  ASSERT_TRUE(store.ok()) << store.status();
  // Whoever reads one entry is told too, and the blocks on either side read well.
  for (uint64_t sequence = changed.value(); sequence < next.value(); ++sequence) {
    const absl::Status read = (*store)->ReadEntry(Sequence{sequence}).status();
    ASSERT_TRUE(absl::IsDataLoss(read)) << sequence << ": " << read;
  }
  std::vector<Entry> legs;
  EXPECT_FALSE((*store)->ReadTransaction(changed, legs));
  EXPECT_TRUE((*store)->ReadEntry(Sequence{changed.value() - 1}).ok());
  EXPECT_TRUE((*store)->ReadEntry(next).ok());
  Recovered recovered(**store, folder.Path("derived"));
  EXPECT_TRUE(absl::IsDataLoss(recovered.status)) << recovered.status;
  EXPECT_NE(recovered.status.message().find("sequence " + std::to_string(changed.value())),
            std::string::npos)
      << recovered.status;
}

}  // namespace
}  // namespace lumbung
