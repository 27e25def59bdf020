#include "storage/derived_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "rocksdb/db.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/flipping_env.h"
#include "tests/storage/held_reads.h"
#include "tests/storage/killed_writer.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

std::unique_ptr<DerivedStore> OpenStore(const std::string& folder) {
  auto store = DerivedStore::Open(folder);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? std::move(*store) : nullptr;
}

AccountId Wallet(uint32_t member) {
  return AccountId::From({CooperativeId{7}, AccountCode{2101}, HolderNumber{member}});
}

Account MakeAccount(uint32_t member, int64_t credits, uint64_t sequence) {
  Account account;
  account.id = Wallet(member);
  account.normal_side = Side::kCredit;
  account.credits_posted = Amount{credits};
  account.last_sequence = Sequence{sequence};
  return account;
}

DailyBalance MakeDaily(uint32_t member, int32_t date, uint64_t sequence) {
  DailyBalance daily;
  daily.account = Wallet(member);
  daily.date = BusinessDate{date};
  daily.sequence = Sequence{sequence};
  return daily;
}

SealedId MakeId(uint64_t number, uint64_t sequence) {
  return {{number * 0x9E3779B97F4A7C15u, uint64_t{1} << 63 | number},
          {Sequence{sequence}, Outcome::kInsufficientFunds, number * 3}};
}

ColdLookup Find(const DerivedStore& store, const TransactionId& id) {
  ColdLookup answer;
  store.Find({&id, 1}, {&answer, 1});
  return answer;
}

TEST(DerivedStore, HasNoLogOfRocksDbsThatAFullDiskWouldEndTheProcessWith) {
  TemporaryFolder folder;
  OpenStore(folder.Path("derived"));
  EXPECT_TRUE(std::filesystem::exists(folder.Path("derived") + "/CURRENT"));
  EXPECT_FALSE(std::filesystem::exists(folder.Path("derived") + "/LOG"));
}

TEST(DerivedStore, BringsBackTheStateOfACompleteCheckpoint) {
  TemporaryFolder folder;
  {
    const auto store = OpenStore(folder.Path("derived"));
    CheckpointPart part;
    for (uint32_t member = 1; member <= 20'000; ++member) {
      part.accounts.push_back(MakeAccount(member, member * 100, member));
    }
    part.holds.push_back({.sequence = Sequence{5},
                          .debit = Wallet(1),
                          .amount = Amount{30},
                          .purpose = Purpose::kPayment,
                          .leg_count = 1});
    part.follow_ups.push_back({.original = Sequence{9}, .refunded = Amount{4}});
    part.cooperatives.push_back({.id = CooperativeId{7}, .zone_minutes = 420, .name = "Bentangan"});
    part.branches.push_back({.cooperative = CooperativeId{7}, .id = BranchId{2}, .name = "Apotek"});
    part.terminals.push_back({.cooperative = CooperativeId{7},
                              .branch = BranchId{2},
                              .id = TerminalId{3},
                              .name = "Kasir 1"});
    ASSERT_TRUE(store->StorePart(part).ok());
    ASSERT_TRUE(store->CompleteCheckpoint(Sequence{20'000}, Timestamp{77}).ok());
  }
  const auto store = OpenStore(folder.Path("derived"));
  EXPECT_EQ(store->watermarks().state, Sequence{20'000});
  State state;
  ASSERT_TRUE(store->LoadState(state).ok());
  EXPECT_EQ(state.account_count(), 20'000u);
  ASSERT_NE(state.FindAccount(Wallet(123)), nullptr);
  EXPECT_EQ(state.FindAccount(Wallet(123))->balance(), Amount{12'300});
  ASSERT_NE(state.FindHold(Sequence{5}), nullptr);
  EXPECT_EQ(state.FindHold(Sequence{5})->amount, Amount{30});
  ASSERT_NE(state.FindFollowUp(Sequence{9}), nullptr);
  EXPECT_EQ(state.FindCooperative(CooperativeId{7})->name, "Bentangan");
  EXPECT_EQ(state.FindBranch(CooperativeId{7}, BranchId{2})->name, "Apotek");
  EXPECT_EQ(state.FindTerminal(CooperativeId{7}, TerminalId{3})->branch, BranchId{2});
  EXPECT_EQ(state.last_sequence(), Sequence{20'000});
  EXPECT_EQ(state.last_timestamp(), Timestamp{77});
}

TEST(DerivedStore, LoadsNothingWhileNoCheckpointIsComplete) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("derived"));
  CheckpointPart part;
  part.accounts.push_back(MakeAccount(1, 100, 1));
  ASSERT_TRUE(store->StorePart(part).ok());
  State state;
  ASSERT_TRUE(store->LoadState(state).ok());
  EXPECT_EQ(state.account_count(), 0u);
  EXPECT_EQ(store->watermarks().state, kNoSequence);
}

TEST(DerivedStore, FindsTheNearestDailyBalanceOnEitherSide) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("derived"));
  const std::vector<DailyBalance> balances = {MakeDaily(1, -5, 1), MakeDaily(1, 10, 2),
                                              MakeDaily(1, 20, 3), MakeDaily(2, 15, 4)};
  ASSERT_TRUE(store->StoreDailyBalances(balances).ok());
  const auto first = [&](uint32_t member, int32_t date) {
    const auto found = store->FirstDailyBalanceFrom(Wallet(member), BusinessDate{date});
    return found.ok() && *found ? (*found)->sequence.value() : 0;
  };
  const auto last = [&](uint32_t member, int32_t date) {
    const auto found = store->LastDailyBalanceUpTo(Wallet(member), BusinessDate{date});
    return found.ok() && *found ? (*found)->sequence.value() : 0;
  };
  EXPECT_EQ(first(1, -100), 1u);
  EXPECT_EQ(first(1, -5), 1u);
  EXPECT_EQ(first(1, -4), 2u);
  EXPECT_EQ(first(1, 10), 2u);
  EXPECT_EQ(first(1, 11), 3u);
  EXPECT_EQ(first(1, 21), 0u);
  EXPECT_EQ(last(1, 9), 1u);
  EXPECT_EQ(last(1, 20), 3u);
  EXPECT_EQ(last(1, 1000), 3u);
  EXPECT_EQ(last(1, -6), 0u);
  EXPECT_EQ(first(3, 0), 0u);
}

TEST(DerivedStore, RemembersIndexedIdsAcrossGenerationsAndReopenings) {
  TemporaryFolder folder;
  {
    const auto store = OpenStore(folder.Path("derived"));
    EXPECT_EQ(store->generations(), 0u);
    for (uint64_t generation = 0; generation < 3; ++generation) {
      SealedIds ids;
      for (uint64_t n = 1; n <= 1'000; ++n) {
        const uint64_t number = generation * 1'000 + n;
        ids.push_back(MakeId(number, number));
      }
      ASSERT_TRUE(store->IndexIds(ids, Sequence{(generation + 1) * 1'000}).ok());
      EXPECT_EQ(store->generations(), generation + 1);
    }
    EXPECT_EQ(Find(*store, MakeId(1'500, 0).id).generations, 3u);
  }
  const auto store = OpenStore(folder.Path("derived"));
  EXPECT_EQ(store->watermarks().ids, Sequence{3'000});
  EXPECT_EQ(store->generations(), 0u) << "counted since the opening, like IdWindow::dropped";
  std::vector<TransactionId> ids;
  for (uint64_t n = 1; n <= 3'100; ++n) ids.push_back(MakeId(n, n).id);
  std::vector<ColdLookup> answers(ids.size());
  store->Find(ids, answers);
  for (uint64_t n = 1; n <= 3'100; ++n) {
    const ColdLookup& answer = answers[n - 1];
    ASSERT_EQ(answer.answer == ColdLookup::Answer::kFound, n <= 3'000) << n;
    if (n > 3'000) continue;
    EXPECT_EQ(answer.record.sequence, Sequence{n});
    EXPECT_EQ(answer.record.outcome, Outcome::kInsufficientFunds);
    EXPECT_EQ(answer.record.fingerprint, n * 3);
  }
}

// A look-up that begins before a generation is indexed and ends after it proves nothing about it:
// else the apply thread would take its ids for new, and pay again. Here it is held at its first
// read of the disk, for an id that is there; the other comes into the index meanwhile.
TEST(DerivedStore, CountsTheGenerationsBeforeItLooksForTheIds) {
  const auto disk = std::make_shared<HeldReads>(".sst");
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
  TemporaryFolder folder;
  const auto store = DerivedStore::Open(folder.Path("derived"), {.env = env.get()});
  ASSERT_TRUE(store.ok()) << store.status();
  SealedIds ids;
  for (uint64_t n = 1; n <= 5'000; ++n) ids.push_back(MakeId(n, n));
  ASSERT_TRUE((*store)->IndexIds(ids, Sequence{5'000}).ok());

  const std::vector<TransactionId> asked = {MakeId(2'500, 0).id, MakeId(6'000, 0).id};
  std::vector<ColdLookup> answers(asked.size());
  std::thread decoder([&] {
    disk->HoldNextReadOfThisThread();
    (*store)->Find(asked, answers);
    disk->HoldNone();
  });
  EXPECT_TRUE(disk->WaitUntilOneIsHeld()) << "nothing was read";
  const SealedIds more = {MakeId(6'000, 6'000)};
  EXPECT_TRUE((*store)->IndexIds(more, Sequence{6'000}).ok());
  EXPECT_EQ((*store)->generations(), 2u);
  disk->LetGo();
  decoder.join();
  EXPECT_EQ(answers[0].answer, ColdLookup::Answer::kFound);
  EXPECT_EQ(answers[1].answer, ColdLookup::Answer::kAbsent) << "it was asked for before";
  EXPECT_EQ(answers[1].generations, 1u);
  EXPECT_EQ(Find(**store, asked[1]).answer, ColdLookup::Answer::kFound);
}

TEST(DerivedStore, MayIndexTheSameIdsAgainAfterACrash) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("derived"));
  SealedIds ids = {MakeId(1, 1), MakeId(2, 2)};
  ASSERT_TRUE(store->IndexIds(ids, Sequence{2}).ok());
  SealedIds again = {MakeId(2, 2), MakeId(3, 3)};
  ASSERT_TRUE(store->IndexIds(again, Sequence{3}).ok());
  SealedIds none;
  ASSERT_TRUE(store->IndexIds(none, Sequence{4}).ok());
  for (uint64_t n = 1; n <= 3; ++n) {
    EXPECT_EQ(Find(*store, MakeId(n, 0).id).record.sequence, Sequence{n});
  }
  EXPECT_EQ(store->watermarks().ids, Sequence{4});
}

// Ids in order of time. The first few of each generation lie among those of the one before.
SealedIds MakeTimeOrdered(uint64_t generation) {
  SealedIds ids;
  for (uint64_t n = 0; n < 1'000; ++n) {
    const uint64_t number = generation * 1'000 + n;
    const uint64_t time = number < 10 || n >= 10 ? 2 * number : 2 * number - 25;
    ids.push_back({{time, uint64_t{1} << 63}, {Sequence{number + 1}, Outcome::kAccepted, number}});
  }
  return ids;
}

TEST(DerivedStore, PutsIdsThatAreNewerThanAllOthersWhereTheyAreNeverWrittenAgain) {
  constexpr uint64_t kGenerations = 20;
  TemporaryFolder folder;
  {
    const auto store = OpenStore(folder.Path("derived"));
    for (uint64_t generation = 0; generation < kGenerations; ++generation) {
      const SealedIds ids = MakeTimeOrdered(generation);
      ASSERT_TRUE(store->IndexIds(ids, Sequence{(generation + 1) * 1'000}).ok());
    }
    for (uint64_t generation = 0; generation < kGenerations; ++generation) {
      for (const SealedId& id : MakeTimeOrdered(generation)) {
        const ColdLookup found = Find(*store, id.id);
        ASSERT_EQ(found.answer, ColdLookup::Answer::kFound);
        ASSERT_EQ(found.record.sequence, id.record.sequence);
      }
    }
  }
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder.Path("derived"), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.push_back({name, {}});
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(
      rocksdb::DB::OpenForReadOnly({}, folder.Path("derived"), families, &handles, &db).ok());
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  uint64_t in_last_level = 0;
  for (const rocksdb::LiveFileMetaData& file : files) {
    if (file.column_family_name != "ids") continue;
    EXPECT_NE(file.level, 0) << "it will be merged";
    if (file.level == 6) in_last_level += file.num_entries;
  }
  EXPECT_EQ(in_last_level, 1'000 + (kGenerations - 1) * 990);
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
}

// RocksDB takes a table whose first block it can't read for one without keys. Its ids would be
// forgotten as soon as they leave memory, and a repeat would be paid again.
TEST(DerivedStore, DoesNotSayThatIdsAreIndexedIfTheirTableWasDamagedOnItsWayToTheDisk) {
  const auto disk = std::make_shared<FlippingFileSystem>(".ids-being-written", 100);
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
  TemporaryFolder folder;
  const auto store = DerivedStore::Open(folder.Path("derived"), {.env = env.get()});
  ASSERT_TRUE(store.ok()) << store.status();
  const absl::Status indexed = (*store)->IndexIds(MakeTimeOrdered(0), Sequence{1'000});
  EXPECT_TRUE(absl::IsDataLoss(indexed)) << indexed;
  EXPECT_EQ((*store)->watermarks().ids, kNoSequence);
  EXPECT_EQ((*store)->generations(), 0u);
}

// The same if one read of that block goes wrong, although the disk is well: the checksums were
// compared with what another read had brought. (If the last key can't be read, an assertion of
// RocksDB's ends the process.)
TEST(DerivedStore, DoesNotSayThatIdsAreIndexedIfOneReadOfTheirTablesBeginGoesWrong) {
  int failed = 0;
  bool has_flipped = true;
  for (int nth = 0; has_flipped && nth < 100; ++nth) {
    const auto disk = std::make_shared<FlippingReads>(".ids-being-written", nth);
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
    TemporaryFolder folder;
    const auto store = DerivedStore::Open(folder.Path("derived"), {.env = env.get()});
    ASSERT_TRUE(store.ok()) << store.status();
    const SealedIds ids = MakeTimeOrdered(0);
    const absl::Status indexed = (*store)->IndexIds(ids, Sequence{1'000});
    has_flipped = disk->has_flipped();
    if (!indexed.ok()) {
      ++failed;
      EXPECT_EQ((*store)->generations(), 0u);
      continue;
    }
    for (const SealedId& id : ids) {
      ASSERT_EQ(Find(**store, id.id).answer, ColdLookup::Answer::kFound) << "read " << nth;
    }
  }
  EXPECT_FALSE(has_flipped) << "more reads than were tried";
  EXPECT_GE(failed, 2);
}

TEST(DerivedStore, IsDroppedOnlyWhileNobodyHasItOpen) {
  TemporaryFolder folder;
  {
    const auto store = OpenStore(folder.Path("derived"));
    ASSERT_TRUE(store->CompleteCheckpoint(Sequence{5}, Timestamp{1}).ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(DerivedStore::Drop(folder.Path("derived"))));
    EXPECT_TRUE(absl::IsFailedPrecondition(DerivedStore::Open(folder.Path("derived")).status()));
  }
  ASSERT_TRUE(DerivedStore::Drop(folder.Path("derived")).ok());
  EXPECT_FALSE(std::filesystem::exists(folder.Path("derived")));
  EXPECT_TRUE(DerivedStore::Drop(folder.Path("derived")).ok()) << "nothing to drop is fine";
  EXPECT_EQ(OpenStore(folder.Path("derived"))->watermarks().state, kNoSequence);
}

TEST(DerivedStore, KeepsTheFirstTransactionOfAnIdThatIsGivenTwice) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("derived"));
  SealedIds ids = {MakeId(1, 9), MakeId(2, 5), MakeId(1, 4), MakeId(1, 7)};
  ASSERT_TRUE(store->IndexIds(ids, Sequence{9}).ok());
  EXPECT_EQ(Find(*store, MakeId(1, 0).id).record.sequence, Sequence{4});
  EXPECT_EQ(Find(*store, MakeId(2, 0).id).record.sequence, Sequence{5});
}

TEST(DerivedStore, RemovesWhatACrashLeftUnfinishedButNeverWhatAnotherIsWriting) {
  TemporaryFolder folder;
  const std::string unfinished = folder.Path("derived") + "/0.ids-being-written";
  const std::string of_holds = folder.Path("derived") + "/0.holds-being-written";
  {
    const auto store = OpenStore(folder.Path("derived"));
    std::ofstream(unfinished) << "half an SST";
    std::ofstream(of_holds) << "half an SST";
    EXPECT_TRUE(absl::IsFailedPrecondition(DerivedStore::Open(folder.Path("derived")).status()));
    EXPECT_TRUE(absl::IsFailedPrecondition(DerivedStore::Drop(folder.Path("derived"))));
    EXPECT_TRUE(std::filesystem::exists(unfinished));
  }
  const auto store = OpenStore(folder.Path("derived"));
  EXPECT_FALSE(std::filesystem::exists(unfinished));
  EXPECT_FALSE(std::filesystem::exists(of_holds));
  SealedIds ids = {MakeId(1, 1)};
  ASSERT_TRUE(store->IndexIds(ids, Sequence{1}).ok());
}

TEST(DerivedStore, IsDroppedWholeAlsoIfTheLastDropWasCutShort) {
  TemporaryFolder folder;
  ASSERT_TRUE(OpenStore(folder.Path("derived"))->CompleteCheckpoint(Sequence{5}, {}).ok());
  std::filesystem::create_directory(folder.Path("derived.dropped"));
  std::ofstream(folder.Path("derived.dropped") + "/CURRENT") << "left behind";
  EXPECT_TRUE(DerivedStore::Drop(folder.Path("derived")).ok());
  EXPECT_FALSE(std::filesystem::exists(folder.Path("derived")));
  EXPECT_FALSE(std::filesystem::exists(folder.Path("derived.dropped")));
}

TEST(DerivedStore, IsDroppedAlsoWhereALinkLeadsAndTheLinkStays) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.Path("elsewhere"));
  std::filesystem::create_directory_symlink(folder.Path("elsewhere"), folder.Path("derived"));
  ASSERT_TRUE(OpenStore(folder.Path("derived"))->CompleteCheckpoint(Sequence{5}, {}).ok());
  ASSERT_TRUE(DerivedStore::Drop(folder.Path("derived")).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder.Path("elsewhere")));
  EXPECT_FALSE(std::filesystem::exists(folder.Path("elsewhere.dropped")));
  EXPECT_EQ(OpenStore(folder.Path("derived"))->watermarks().state, kNoSequence);
  EXPECT_FALSE(std::filesystem::is_empty(folder.Path("elsewhere")));
}

// Flips a byte near the front of every table file.
void DamageTables(const std::string& folder) {
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".sst") continue;
    std::fstream table(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    table.seekg(20);
    const char flipped = static_cast<char>(table.get() ^ 0x55);
    table.seekp(20);
    table.put(flipped);
  }
}

TEST(DerivedStore, SaysHowToMendDamagedFiles) {
  TemporaryFolder folder;
  {
    const auto store = OpenStore(folder.Path("derived"));
    CheckpointPart part;
    for (uint32_t member = 1; member <= 1'000; ++member) {
      part.accounts.push_back(MakeAccount(member, 1, member));
      part.daily_balances.push_back(MakeDaily(member, 3, member));
    }
    ASSERT_TRUE(store->StorePart(part).ok());
    ASSERT_TRUE(store->CompleteCheckpoint(Sequence{1'000}, Timestamp{1}).ok());
  }
  DamageTables(folder.Path("derived"));
  const auto store = DerivedStore::Open(folder.Path("derived"));
  State state;
  const absl::Status status = store.ok() ? (*store)->LoadState(state) : store.status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_NE(status.message().find("--drop-derived"), std::string::npos) << status;
}

TEST(DerivedStore, LoadsAnOrganisationOfManyParts) {
  TemporaryFolder folder;
  constexpr uint32_t kCooperatives = 20'000;
  {
    const auto store = OpenStore(folder.Path("derived"));
    CheckpointPart part;
    for (uint32_t id = 1; id <= kCooperatives; ++id) {
      part.cooperatives.push_back({.id = CooperativeId{id}, .name = std::to_string(id)});
      part.branches.push_back({.cooperative = CooperativeId{id}, .id = BranchId{1}});
    }
    ASSERT_TRUE(store->StorePart(part).ok());
    ASSERT_TRUE(store->CompleteCheckpoint(Sequence{1}, Timestamp{1}).ok());
  }
  State state;
  ASSERT_TRUE(OpenStore(folder.Path("derived"))->LoadState(state).ok());
  EXPECT_EQ(state.ListCooperatives().size(), kCooperatives);
  for (uint32_t id = 1; id <= kCooperatives; ++id) {
    ASSERT_EQ(state.FindCooperative(CooperativeId{id})->name, std::to_string(id));
    ASSERT_NE(state.FindBranch(CooperativeId{id}, BranchId{1}), nullptr);
  }
}

TEST(DerivedStore, SaysHowToMendAnotherFormat) {
  TemporaryFolder folder;
  OpenStore(folder.Path("derived"));
  rocksdb::DB* opened = nullptr;
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder.Path("derived"), &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  ASSERT_TRUE(rocksdb::DB::Open({}, folder.Path("derived"), families, &handles, &opened).ok());
  ASSERT_TRUE(opened->Put({}, "format", "\x63").ok());
  for (rocksdb::ColumnFamilyHandle* handle : handles) opened->DestroyColumnFamilyHandle(handle);
  delete opened;
  const auto store = DerivedStore::Open(folder.Path("derived"));
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.status().message().find("--drop-derived"), std::string::npos) << store.status();
}

constexpr char kWriter[] = "DISABLED_WritesUntilItIsKilled";

// Appears beside the writer's folder when its first checkpoint is complete.
std::string FirstCheckpointSign(const std::string& folder) { return folder + ".has-a-checkpoint"; }

// Not a test but the child of the next ones.
TEST(DerivedStoreWriter, DISABLED_WritesUntilItIsKilled) {
  const std::string folder = KilledWriter::Folder();
  const auto store = OpenStore(folder);
  for (uint32_t n = 1;; ++n) {
    CheckpointPart part;
    part.daily_balances.push_back(MakeDaily(n, 1, n));
    part.accounts.push_back(MakeAccount(n, n, n));
    ASSERT_TRUE(store->StorePart(part).ok());
    if (n % 50 == 0) {
      ASSERT_TRUE(store->CompleteCheckpoint(Sequence{n}, Timestamp{n}).ok());
      if (n == 50) std::ofstream(FirstCheckpointSign(folder)) << n;
    }
  }
}

// The lock of another process is another error of RocksDB's than the lock of this one.
TEST(DerivedStore, IsNeitherOpenedNorDroppedWhileAnotherProcessHasItOpen) {
  TemporaryFolder folder;
  const std::string path = folder.Path("derived");
  KilledWriter writer(kWriter, path);
  // Not made before the lock is held.
  ASSERT_TRUE(writer.WaitUntil([&] { return std::filesystem::exists(path + "/CURRENT"); }));
  const absl::Status second = DerivedStore::Open(path).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(second)) << second;
  const absl::Status dropped = DerivedStore::Drop(path);
  EXPECT_TRUE(absl::IsFailedPrecondition(dropped)) << dropped;
  EXPECT_NE(dropped.message().find(path), std::string::npos) << dropped;
  writer.Kill();
  EXPECT_TRUE(DerivedStore::Drop(path).ok());
  EXPECT_FALSE(std::filesystem::exists(path));
}

// A child stores parts, each with a daily balance and an image of the same number, and completes
// checkpoints; it is killed at a random moment. Whatever is found afterwards, an image never stands
// without the daily balance that was written with it, and a watermark never without its images.
TEST(DerivedStore, ShowsAPrefixOfWhatWasWrittenAfterSigkill) {
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 5; ++round) {
    TemporaryFolder folder;
    KilledWriter writer(kWriter, folder.Path("derived"));
    const std::string sign = FirstCheckpointSign(folder.Path("derived"));
    ASSERT_TRUE(writer.WaitUntil([&] { return std::filesystem::exists(sign); }));
    usleep(random() % 300'000);
    writer.Kill();
    const auto store = OpenStore(folder.Path("derived"));
    State state;
    ASSERT_TRUE(store->LoadState(state).ok());
    const uint64_t watermark = store->watermarks().state.value();
    EXPECT_GT(watermark, 0u);
    EXPECT_GE(state.account_count(), watermark);
    for (uint32_t n = 1; n <= state.account_count(); ++n) {
      ASSERT_NE(state.FindAccount(Wallet(n)), nullptr);
      const auto daily = store->FirstDailyBalanceFrom(Wallet(n), BusinessDate{1});
      ASSERT_TRUE(daily.ok() && daily->has_value()) << n;
    }
  }
}

}  // namespace
}  // namespace lumbung
