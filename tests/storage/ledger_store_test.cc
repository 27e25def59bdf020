#include "storage/ledger_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "rocksdb/env.h"
#include "storage/folder.h"
#include "storage/log_check.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<LedgerStore> OpenStore(const std::string& folder) {
  auto store = LedgerStore::Open(folder, Access::kReadWrite);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? std::move(*store) : nullptr;
}

void Append(LedgerStore& store, std::initializer_list<size_t> sizes) {
  std::vector<std::unique_ptr<Block>> blocks;
  std::vector<Block*> pointers;
  uint64_t next = store.last().value() + 1;
  for (const size_t size : sizes) {
    blocks.push_back(MakeBlock(Sequence{next}, size, "faktur 0815"));
    pointers.push_back(blocks.back().get());
    next += size;
  }
  ASSERT_TRUE(store.Append(pointers).ok());
}

// The WAL files of a closed store, oldest first.
std::vector<fs::path> WalFiles(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".log") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(LedgerStore, GivesBackEveryEntryAfterAReopening) {
  TemporaryFolder folder;
  {
    const auto store = OpenStore(folder.Path("ledger"));
    Append(*store, {512, 3});
    Append(*store, {1});
    EXPECT_EQ(store->synced_writes(), 2u);
  }
  const auto store = OpenStore(folder.Path("ledger"));
  EXPECT_EQ(store->last(), Sequence{516});
  for (uint64_t n = 1; n <= 516; ++n) {
    const auto entry = store->ReadEntry(Sequence{n});
    ASSERT_TRUE(entry.ok()) << entry.status();
    EXPECT_EQ(entry->entry.amount.value(), static_cast<int64_t>(n));
    EXPECT_EQ(entry->attachment.size(), entry->entry.attachment_length);
  }
  EXPECT_TRUE(absl::IsNotFound(store->ReadEntry(Sequence{517}).status()));
  EXPECT_TRUE(absl::IsNotFound(store->ReadEntry(Sequence{0}).status()));
}

// A second failed write to it would end the process, by an assertion of RocksDB's (no_log.h).
TEST(LedgerStore, HasNoLogOfRocksDbsThatAFullDiskWouldEndTheProcessWith) {
  TemporaryFolder folder;
  Append(*OpenStore(folder.Path("ledger")), {3});
  EXPECT_TRUE(fs::exists(folder.Path("ledger") + "/CURRENT"));
  EXPECT_FALSE(fs::exists(folder.Path("ledger") + "/LOG"));
}

// The pages of a file that are in the system's cache, and all of them.
struct Pages {
  size_t cached = 0;
  size_t all = 0;
};
Pages PagesOf(const fs::path& path) {
  const size_t size = fs::file_size(path);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  void* const map = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> cached((size + page - 1) / page);
  EXPECT_EQ(mincore(map, size, cached.data()), 0);
  munmap(map, size);
  close(file);
  return {static_cast<size_t>(std::count(cached.begin(), cached.end(), 1)), cached.size()};
}

TEST(LedgerStore, LeavesNoFlushedBlockInTheSystemsCacheWhereTheFileSystemAllowsIt) {
  TemporaryFolder folder;
  if (!TakesDirectWrites(folder.Path(""))) GTEST_SKIP() << "no direct writes here";
  auto opened = LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite,
                                  {.write_buffer_bytes = size_t{256} << 10});
  ASSERT_TRUE(opened.ok());
  for (int i = 0; i < 100; ++i) Append(**opened, {512});
  opened->reset();
  Pages total;
  for (const auto& file : fs::directory_iterator(folder.Path("ledger"))) {
    if (file.path().extension() != ".blob" || file.file_size() == 0) continue;
    const Pages pages = PagesOf(file.path());
    total.cached += pages.cached;
    total.all += pages.all;
  }
  ASSERT_GT(total.all, 500u) << "of some megabytes the most is flushed";
  EXPECT_LT(total.cached, total.all / 10);
}

TEST(LedgerStore, StreamsFromTheBlockThatHoldsTheSequence) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("ledger"));
  Append(*store, {10, 10, 10});
  for (const uint64_t from : {0, 1, 10, 11, 15, 30, 31}) {
    std::vector<uint64_t> firsts;
    ASSERT_TRUE(store
                    ->ReadBlocks(Sequence{from},
                                 [&](const StoredBlock& block) {
                                   firsts.push_back(block.first.value());
                                   return true;
                                 })
                    .ok());
    std::vector<uint64_t> expected;
    for (const uint64_t first : {1, 11, 21}) {
      if (first + 9 >= from) expected.push_back(first);
    }
    EXPECT_EQ(firsts, expected) << "from " << from;
  }
}

TEST(LedgerStore, ReadsATransactionWhole) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("ledger"));
  Append(*store, {5});
  std::vector<Entry> legs;
  ASSERT_TRUE(store->ReadTransaction(Sequence{4}, legs));
  ASSERT_EQ(legs.size(), 1u);
  EXPECT_EQ(legs[0].amount, Amount{4});
}

TEST(LedgerStore, RefusesASecondWriterAndNamesTheFolder) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("ledger"));
  const auto second = LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
  EXPECT_NE(second.status().message().find(folder.Path("ledger")), std::string::npos);
}

TEST(LedgerStore, CanBeReadWhileItIsWritten) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("ledger"));
  Append(*store, {4});
  const auto reader = LedgerStore::Open(folder.Path("ledger"), Access::kReadOnly);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->last(), Sequence{4});
}

TEST(LedgerStore, LeavesNoTraceInAFolderThatItOnlyReads) {
  TemporaryFolder folder;
  Append(*OpenStore(folder.Path("ledger")), {4});
  const auto files = [&] {
    std::map<fs::path, std::pair<uintmax_t, fs::file_time_type>> found;
    for (const auto& file : fs::directory_iterator(folder.Path("ledger"))) {
      found[file.path()] = {file.file_size(), file.last_write_time()};
    }
    return found;
  };
  const auto before = files();
  {
    const auto reader = LedgerStore::Open(folder.Path("ledger"), Access::kReadOnly);
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_TRUE((*reader)->ReadEntry(Sequence{4}).ok());
  }
  EXPECT_EQ(files(), before);
  const auto nothing = LedgerStore::Open(folder.Path("elsewhere"), Access::kReadOnly);
  EXPECT_TRUE(absl::IsNotFound(nothing.status())) << nothing.status();
  EXPECT_FALSE(fs::exists(folder.Path("elsewhere")));
}

TEST(LedgerStoreDeathTest, TakesNoBlockThatDoesNotFollowTheLast) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("ledger"));
  Append(*store, {4});
  for (const uint64_t first : {4, 6}) {
    const auto block = MakeBlock(Sequence{first}, 1);
    Block* const pointer = block.get();
    EXPECT_DEATH((void)store->Append({&pointer, 1}), "ledger_store");
  }
}

TEST(LedgerStore, CopiesItselfWhileItGoesOn) {
  TemporaryFolder folder;
  const auto store = OpenStore(folder.Path("ledger"));
  Append(*store, {20});
  ASSERT_TRUE(store->CopyTo(folder.Path("copy")).ok());
  Append(*store, {20});
  const auto copy = OpenStore(folder.Path("copy"));
  EXPECT_EQ(copy->last(), Sequence{20});
  EXPECT_FALSE(store->CopyTo(folder.Path("copy")).ok());
}

TEST(LedgerStore, ToleratesATornTailOfTheWalAndLosesOnlyTheTornAppend) {
  for (const size_t torn : {1, 7, 100, 1000}) {
    TemporaryFolder folder;
    {
      const auto store = OpenStore(folder.Path("ledger"));
      Append(*store, {10});
      Append(*store, {10});
    }
    const auto files = WalFiles(folder.Path("ledger"));
    ASSERT_FALSE(files.empty());
    fs::resize_file(files.back(), fs::file_size(files.back()) - torn);
    const auto store = OpenStore(folder.Path("ledger"));
    EXPECT_EQ(store->last(), Sequence{10}) << torn;
    Append(*store, {2});
    EXPECT_EQ(store->last(), Sequence{12});
  }
}

TEST(LedgerStore, RefusesToOpenWhenTheWalIsDamagedBeforeItsTail) {
  TemporaryFolder folder;
  {
    const auto store = OpenStore(folder.Path("ledger"));
    for (int i = 0; i < 50; ++i) Append(*store, {10});
  }
  const auto files = WalFiles(folder.Path("ledger"));
  std::fstream wal(files.back(), std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(fs::file_size(files.back()) / 2);
  wal.seekg(middle);
  const char flipped = static_cast<char>(wal.get() ^ 0x10);
  wal.seekp(middle);
  wal.put(flipped);
  wal.close();
  const auto store = LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite);
  EXPECT_TRUE(absl::IsDataLoss(store.status())) << store.status();
}

// A child appends until a second WAL file is begun, and ends without closing the store.
std::vector<fs::path> LeaveTwoWals(const std::string& folder) {
  const pid_t child = fork();
  if (child == 0) {
    auto store = LedgerStore::Open(folder, Access::kReadWrite);
    if (!store.ok()) _exit(1);
    const auto block = std::make_unique<Block>();
    while (WalFiles(folder).size() < 2) {
      block->Reset(Sequence{(*store)->last().value() + 1});
      while (block->Fits(1, 0)) AppendPayment(*block, "");
      block->Close();
      Block* pointer = block.get();
      if (!(*store)->Append({&pointer, 1}).ok()) _exit(2);
    }
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return WalFiles(folder);
}

// Otherwise the newer file would be read after a gap, which nobody might notice for years.
TEST(LedgerStore, RefusesToOpenWhenAnOlderWalLacksItsTailOrIsGone) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer can't follow threads that a forked child starts";
#endif
  TemporaryFolder folder;
  const auto files = LeaveTwoWals(folder.Path("ledger"));
  ASSERT_EQ(files.size(), 2u);
  fs::copy(folder.Path("ledger"), folder.Path("whole"));
  fs::copy(folder.Path("ledger"), folder.Path("zeroed"));
  fs::copy(folder.Path("ledger"), folder.Path("gone"));
  const uint64_t end = *EndOfSizedLog(files.front(), *rocksdb::Env::Default());
  fs::resize_file(files.front(), end - 1);
  const fs::path zeroed = fs::path(folder.Path("zeroed")) / files.front().filename();
  const uint64_t size = fs::file_size(zeroed);
  EXPECT_GT(size, end);
  fs::resize_file(zeroed, end - 10'000);
  fs::resize_file(zeroed, size);
  fs::remove(fs::path(folder.Path("gone")) / files.front().filename());
  EXPECT_TRUE(LedgerStore::Open(folder.Path("whole"), Access::kReadWrite).ok());
  for (const char* name : {"ledger", "zeroed", "gone"}) {
    const auto store = LedgerStore::Open(folder.Path(name), Access::kReadWrite);
    EXPECT_TRUE(absl::IsDataLoss(store.status())) << name << ": " << store.status();
  }
}

// A child appends and tells through a pipe what is durable; it is killed at a random moment.
TEST(LedgerStore, KeepsEveryAcknowledgedAppendThroughSigkill) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer can't follow threads that a forked child starts";
#endif
  std::mt19937_64 random(TestSeed());
  TemporaryFolder folder;
  for (int round = 0; round < 10; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(pipe_ends[0]);
      auto store = LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite);
      if (!store.ok()) _exit(1);
      std::mt19937_64 sizes(random());
      for (;;) {
        const auto block =
            MakeBlock(Sequence{(*store)->last().value() + 1}, 1 + sizes() % 500, "t");
        Block* pointer = block.get();
        if (!(*store)->Append({&pointer, 1}).ok()) _exit(2);
        const uint64_t last = (*store)->last().value();
        if (write(pipe_ends[1], &last, sizeof last) != sizeof last) _exit(3);
      }
    }
    close(pipe_ends[1]);
    uint64_t acknowledged = 0;
    const uint64_t appends = 1 + random() % 60;
    for (uint64_t n = 0; n < appends; ++n) {
      ASSERT_EQ(read(pipe_ends[0], &acknowledged, sizeof acknowledged),
                static_cast<ssize_t>(sizeof acknowledged));
    }
    kill(child, SIGKILL);
    uint64_t late = 0;
    while (read(pipe_ends[0], &late, sizeof late) == sizeof late) acknowledged = late;
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto store = OpenStore(folder.Path("ledger"));
    ASSERT_GE(store->last().value(), acknowledged);
    uint64_t entries = 0;
    ASSERT_TRUE(store
                    ->ReadBlocks(Sequence{1},
                                 [&](const StoredBlock& block) {
                                   entries += block.entries.size();
                                   return true;
                                 })
                    .ok());
    EXPECT_EQ(entries, store->last().value());
  }
}

// The tables of a closed store: they hold the blocks' keys and where the blocks are.
std::vector<fs::path> Tables(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".sst") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void FlipByte(const fs::path& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int before = file.get();
  file.seekp(at);
  file.put(static_cast<char>(before ^ 0x41));
}

// A closed ledger of so many blocks of one entry, in tables of 100; when there are some, they go to
// a lower level.
void MakeLedgerOfTables(const std::string& folder, size_t blocks) {
  for (size_t i = 0; i < blocks; i += 100) {
    const auto store = OpenStore(folder);  // what it finds in the WAL it puts into a table
    for (size_t j = 0; j < 100; j += 10) Append(*store, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  }
  OpenStore(folder);
}

// The blocks' own hashes don't cover the tables that say where the blocks are, so these must be
// checked by RocksDB. Whatever byte is damaged, the ledger is refused, at its opening or when it is
// read, or is complete; it never ends the process.
TEST(LedgerStore, IsNeverShownShortenedByADamagedTable) {
  constexpr size_t kBlocks = 600;
  constexpr std::streamoff kStep = 29;
  TemporaryFolder folder;
  const std::string whole = folder.Path("ledger");
  MakeLedgerOfTables(whole, kBlocks);
  const std::vector<fs::path> tables = Tables(whole);
  ASSERT_GE(tables.size(), 2u);
  const std::string damaged = folder.Path("damaged");
  int refused = 0;
  const auto size = static_cast<std::streamoff>(fs::file_size(tables.front()));
  for (std::streamoff at = 0; at < size; at += kStep) {
    fs::remove_all(damaged);
    fs::copy(whole, damaged, fs::copy_options::recursive);
    FlipByte(fs::path(damaged) / tables.front().filename(), at);
    const auto store = LedgerStore::Open(damaged, Access::kReadWrite);
    Sequence reached;
    const absl::Status status =
        !store.ok() ? store.status() : (*store)->ReadBlocks(Sequence{1}, [&](const auto& block) {
          reached = Sequence{block.first.value() + block.entries.size() - 1};
          return true;
        });
    if (status.ok()) {
      EXPECT_EQ(reached, Sequence{kBlocks}) << "byte " << at;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

// By RocksDB alone an empty ledger would begin, and the old one's files be deleted.
TEST(LedgerStore, RefusesToBeginAnewBesideDataThatLostTheirCurrent) {
  TemporaryFolder folder;
  const std::string path = folder.Path("ledger");
  MakeLedgerOfTables(path, 100);
  fs::rename(path + "/CURRENT", folder.Path("CURRENT"));
  for (const fs::path& wal : WalFiles(path)) fs::rename(wal, folder.Path(wal.filename()));
  const auto refused = LedgerStore::Open(path, Access::kReadWrite);
  EXPECT_TRUE(absl::IsDataLoss(refused.status())) << refused.status();
  EXPECT_NE(refused.status().message().find("CURRENT"), std::string::npos) << refused.status();
  fs::rename(folder.Path("CURRENT"), path + "/CURRENT");
  for (const auto& file : fs::directory_iterator(folder.Path(""))) {
    if (file.path().extension() == ".log") fs::rename(file.path(), path / file.path().filename());
  }
  const auto store = OpenStore(path);
  EXPECT_EQ(store->last(), Sequence{100});
}

}  // namespace
}  // namespace lumbung
