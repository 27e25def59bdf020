// Logs whose space is reserved beforehand: what a crash leaves of the last write is told from
// damage, and nothing else than that write is ever dropped.
#include "storage/torn_write.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "storage/ledger_store.h"
#include "storage/log_check.h"
#include "storage/log_record.h"
#include "storage/sized_logs.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

namespace fs = std::filesystem;

constexpr size_t kSector = 512;
constexpr size_t kPage = 4096;
constexpr size_t kMostOfALog = 256 << 10;  // of what is looked at
// The space of a log follows from it; as many zeros are read with each opening.
constexpr StoreSettings kSmall{.write_buffer_bytes = 1 << 20};

fs::path OnlyLog(const std::string& folder) {
  std::vector<fs::path> found;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".log") found.push_back(file.path());
  }
  EXPECT_EQ(found.size(), 1u);
  return found.front();
}

// A ledger that is open, and what its log was before and after the last write.
class OpenLedger {
 public:
  // `sizes`: of the blocks, each a write of its own but the last `together`.
  OpenLedger(const std::vector<size_t>& sizes, size_t together) {
    auto opened = LedgerStore::Open(folder_.Path("ledger"), Access::kReadWrite, kSmall);
    EXPECT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
    const size_t alone = sizes.size() - together;
    for (size_t i = 0; i < alone; ++i) Append({sizes.begin() + i, sizes.begin() + i + 1});
    before_ = Log();
    synced_ = store_->last();
    Append({sizes.begin() + alone, sizes.end()});
    after_ = Log();
  }

  // What the disk would have if the power went, with this log.
  std::string Copy(const std::string& log) {
    const std::string copy = folder_.Path("copy");
    fs::remove_all(copy);
    fs::create_directory(copy);
    for (const auto& file : fs::directory_iterator(folder_.Path("ledger"))) {
      if (file.path().extension() != ".log") fs::copy(file, copy);
    }
    std::ofstream(fs::path(copy) / OnlyLog(folder_.Path("ledger")).filename(), std::ios::binary)
        << log;
    return copy;
  }

  const std::string& before() const { return before_; }
  const std::string& after() const { return after_; }
  size_t written_before() const { return End(before_); }
  size_t written_after() const { return End(after_); }
  Sequence synced() const { return synced_; }
  LedgerStore& store() { return *store_; }

  // All of the records' headers, some of their payloads.
  std::vector<size_t> SomeBits() const {
    std::vector<size_t> bits;
    for (size_t at = 0; at < written_after();) {
      const LogRecord record(reinterpret_cast<const std::byte*>(&after_[at]));
      for (size_t bit = 8 * at; bit < 8 * (at + record.size());) {
        bits.push_back(bit);
        bit += bit < 8 * (at + LogRecord::kHeaderBytes) ? 1 : 211;
      }
      at += record.size();
    }
    return bits;
  }

  std::string Path(const std::string& name) const { return folder_.Path(name); }

  void Append(const std::vector<size_t>& sizes) {
    std::vector<std::unique_ptr<Block>> blocks;
    std::vector<Block*> pointers;
    uint64_t next = store_->last().value() + 1;
    for (const size_t size : sizes) {
      blocks.push_back(MakeBlock(Sequence{next}, size, "faktur 0815"));
      pointers.push_back(blocks.back().get());
      next += size;
    }
    ASSERT_TRUE(store_->Append(pointers).ok());
  }

 private:
  static size_t End(const std::string& log) {
    const size_t last = log.find_last_not_of('\0');
    return last == std::string::npos ? 0 : last + 1;
  }
  std::string Log() const {
    const fs::path path = OnlyLog(folder_.Path("ledger"));
    EXPECT_GT(fs::file_size(path), kMostOfALog) << "its size is not reserved";
    std::string log(kMostOfALog, '\0');
    std::ifstream(path, std::ios::binary)
        .read(log.data(), static_cast<std::streamsize>(log.size()));
    EXPECT_LT(End(log) + 2 * kPage, log.size());
    return log;
  }

  TemporaryFolder folder_;
  std::unique_ptr<LedgerStore> store_;
  std::string before_;
  std::string after_;
  Sequence synced_;
};

// The last sequence that can be read after a crash, or why there is none.
absl::StatusOr<Sequence> Recover(const std::string& folder) {
  const auto store = LedgerStore::Open(folder, Access::kReadWrite, kSmall);
  if (!store.ok()) return store.status();
  const absl::Status read =
      (*store)->ReadBlocks(Sequence{1}, [](const StoredBlock&) { return true; });
  if (!read.ok()) return read;
  return (*store)->last();
}

void ExpectRecovers(OpenLedger& ledger, const std::string& log, const std::string& what) {
  const auto reached = Recover(ledger.Copy(log));
  ASSERT_TRUE(reached.ok()) << what << ": " << reached.status();
  const Sequence expected = log == ledger.after() ? ledger.store().last() : ledger.synced();
  EXPECT_EQ(*reached, expected) << what;
}

TEST(SizedLog, IsAsLongAsItsSpaceWhileItIsWrittenAndAsItsRecordsWhenItIsClosed) {
  TemporaryFolder folder;
  const std::string path = folder.Path("ledger");
  for (int opening = 0; opening < 2; ++opening) {
    auto store = LedgerStore::Open(path, Access::kReadWrite);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto block = MakeBlock(Sequence{(*store)->last().value() + 1}, 3);
    Block* pointer = block.get();
    ASSERT_TRUE((*store)->Append({&pointer, 1}).ok());
    EXPECT_GT(fs::file_size(OnlyLog(path)), size_t{1} << 20);
    *store = nullptr;
    EXPECT_LT(fs::file_size(OnlyLog(path)), 2'000u);
  }
}

TEST(SizedLog, CountsWithWhatIsWrittenToItAndNotWithItsSpace) {
  OpenLedger ledger({3, 5}, 1);
  const uint64_t before = ledger.store().disk_bytes();
  EXPECT_GT(before, ledger.written_after());
  EXPECT_LT(before, size_t{256} << 10);
  ledger.Append({500});
  EXPECT_GE(ledger.store().disk_bytes(), before + 500 * sizeof(Entry));
}

TEST(SizedLog, IsCopiedWithoutItsZeros) {
  OpenLedger ledger({3, 5}, 1);
  const std::string copy = ledger.Path("the copy");
  ASSERT_TRUE(ledger.store().CopyTo(copy).ok());
  for (const auto& file : fs::directory_iterator(copy)) {
    EXPECT_LT(file.file_size(), size_t{1} << 20) << file.path();
  }
  EXPECT_EQ(*Recover(copy), ledger.store().last());
}

TEST(TornWrite, OfAnyOfItsSectorsIsDroppedAndNothingBeforeIt) {
  std::mt19937_64 random(TestSeed());
  // One that ends in the sector it begins in, or in the next; of some sectors; of many blocks.
  for (const auto& [sizes, together] : std::vector<std::pair<std::vector<size_t>, size_t>>{
           {{2, 1}, 1}, {{1, 3}, 1}, {{3, 12}, 1}, {{1, 40, 300, 500}, 2}}) {
    OpenLedger ledger(sizes, together);
    const size_t first = ledger.written_before() / kSector;
    const size_t end = (ledger.written_after() + kSector - 1) / kSector;
    const size_t sectors = end - first;
    const uint64_t attempts = sectors <= 5 ? uint64_t{1} << sectors : 24;
    for (uint64_t attempt = 0; attempt < attempts; ++attempt) {
      std::string log = ledger.after();
      std::string lost;
      for (size_t i = 0; i < sectors; ++i) {
        const bool gone = sectors <= 5 ? (attempt >> i & 1) != 0 : random() % 8 < attempt % 8;
        if (!gone) continue;
        const size_t at = (first + i) * kSector;
        log.replace(at, kSector, ledger.before(), at, kSector);
        lost += " " + std::to_string(i);
      }
      ExpectRecovers(ledger, log, std::to_string(sectors) + " sectors without" + lost);
    }
  }
}

TEST(TornWrite, FromAPagesEndOnOrBetweenHeaderAndPayloadIsDropped) {
  for (const size_t size : {1, 30, 500}) {
    OpenLedger ledger({31, size}, 1);
    std::vector<size_t> cuts;
    for (size_t page = ledger.written_before() / kPage * kPage + kPage;
         page < ledger.written_after(); page += kPage) {
      cuts.push_back(page);
    }
    for (size_t at = ledger.written_before(); at < ledger.written_after();) {
      const LogRecord record(reinterpret_cast<const std::byte*>(&ledger.after()[at]));
      cuts.push_back(at);
      cuts.push_back(at + LogRecord::kHeaderBytes);
      at += record.size();
    }
    for (const size_t cut : cuts) {
      std::string log = ledger.after();
      std::fill(log.begin() + static_cast<std::ptrdiff_t>(cut), log.end(), '\0');
      ExpectRecovers(ledger, log, "cut at " + std::to_string(cut));
      // The length need not have reached the disk either.
      ExpectRecovers(ledger, log.substr(0, cut), "ended at " + std::to_string(cut));
    }
  }
}

TEST(TornWrite, IsNotWhatHasOneWrongBit) {
  for (const size_t size : {1, 12}) {
    OpenLedger ledger({3, size}, 1);
    const std::string copy = ledger.Copy(ledger.after());
    const std::string path = OnlyLog(copy);
    rocksdb::Env& env = *rocksdb::Env::Default();
    ASSERT_EQ(*EndOfSizedLog(path, env), ledger.written_after());
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    for (const size_t bit : ledger.SomeBits()) {
      const auto at = static_cast<std::streamoff>(bit / 8);
      const char right = ledger.after()[bit / 8];
      file.seekp(at).put(static_cast<char>(right ^ 1 << bit % 8)).flush();
      EXPECT_TRUE(absl::IsDataLoss(EndOfSizedLog(path, env).status())) << "bit " << bit;
      file.seekp(at).put(right).flush();
    }
  }
}

// Records of any content, one behind the other from a block's boundary on.
class RecordRun {
 public:
  void Add(const std::string& payload) {
    LogRecord::Bytes bytes{reinterpret_cast<const std::byte*>(payload.data()), payload.size()};
    std::vector<std::byte> content{std::byte{1}};
    content.insert(content.end(), bytes.begin(), bytes.end());
    const uint32_t checksum = LogRecord::Masked(Crc32c(0, content));
    const auto length = static_cast<uint16_t>(payload.size());
    last_ = log_.size();
    log_.resize(log_.size() + LogRecord::kTypeAt);
    std::memcpy(&log_[last_], &checksum, sizeof(checksum));
    std::memcpy(&log_[last_ + LogRecord::kLengthAt], &length, sizeof(length));
    log_.insert(log_.end(), content.begin(), content.end());
  }
  size_t last() const { return last_; }
  size_t size() const { return log_.size(); }
  // With zeros up to a block's end.
  std::vector<std::byte> log() const {
    std::vector<std::byte> log = log_;
    log.resize(LogRecord::kBlockBytes);
    return log;
  }

 private:
  std::vector<std::byte> log_;
  size_t last_ = 0;
};

// Then its last sector looks as if it had not been written.
TEST(TornWrite, IsNotWhatHasOneWrongBitAndEndsWithZerosInASectorOfTheirOwn) {
  RecordRun records;
  records.Add(std::string(300, 'a'));
  records.Add(std::string(198, 'b') + std::string(20, '\0'));
  ASSERT_EQ((records.last() + LogRecord::kHeaderBytes + 198) % kSector, 0u);
  for (size_t bit = 8 * records.last(); bit < 8 * records.size(); ++bit) {
    std::vector<std::byte> log = records.log();
    log[bit / 8] ^= std::byte{1} << bit % 8;
    EXPECT_FALSE(IsTornWrite(log, records.last(), std::nullopt))
        << "bit " << bit - 8 * records.last();
  }
}

TEST(TornWrite, IsNothingBehindWhichAnotherWriteBegins) {
  RecordRun records;
  records.Add(std::string(3'000, 'a'));
  const size_t torn = records.last();
  std::vector<std::byte> log = records.log();
  std::fill(log.begin() + kSector, log.begin() + 2 * kSector, std::byte{0});
  EXPECT_TRUE(IsTornWrite(log, torn, std::nullopt));
  records.Add("and another");
  log = records.log();
  std::fill(log.begin() + kSector, log.begin() + 2 * kSector, std::byte{0});
  EXPECT_FALSE(IsTornWrite(log, torn, std::nullopt));
  std::fill(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(records.last()), std::byte{0});
  EXPECT_FALSE(IsTornWrite(log, torn, std::nullopt));
}

TEST(TornWrite, IsNotInALogThatAnotherFollows) {
  OpenLedger ledger({3, 12}, 1);
  std::string torn = ledger.after();
  std::fill(torn.begin() + static_cast<std::ptrdiff_t>(ledger.written_after() - kSector),
            torn.end(), '\0');
  const std::string copy = ledger.Copy(torn);
  ExpectRecovers(ledger, torn, "torn");
  ledger.Copy(torn);
  RecordRun next;
  next.Add("the next write");
  const std::vector<std::byte> bytes = next.log();
  std::ofstream(copy + "/999999.log", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  EXPECT_TRUE(absl::IsDataLoss(Recover(copy).status()));
}

// The machine's files, with the folder as the last sync of it left it: what a power cut would bring
// back. Threads: one.
class FilesWithSyncedNames final : public rocksdb::FileSystemWrapper {
 public:
  explicit FilesWithSyncedNames(std::string attic)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), attic_(std::move(attic)) {
    fs::create_directory(attic_);
  }
  const char* Name() const override { return "FilesWithSyncedNames"; }

  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    if (path.ends_with(".log")) fs::copy(path, attic_ / fs::path(path).filename());
    return FileSystemWrapper::DeleteFile(path, options, debug);
  }
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewDirectory(path, options, directory, debug);
    if (status.ok()) *directory = std::make_unique<Folder>(std::move(*directory), attic_);
    return status;
  }
  void BringBackInto(const std::string& folder) const {
    for (const auto& log : fs::directory_iterator(attic_)) fs::copy(log, folder);
  }

 private:
  class Folder final : public rocksdb::FSDirectory {
   public:
    Folder(std::unique_ptr<rocksdb::FSDirectory> folder, fs::path attic)
        : folder_(std::move(folder)), attic_(std::move(attic)) {}
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      for (const auto& log : fs::directory_iterator(attic_)) fs::remove(log);
      return folder_->Fsync(options, debug);
    }

   private:
    const std::unique_ptr<rocksdb::FSDirectory> folder_;
    const fs::path attic_;
  };

  const fs::path attic_;
};

// A log that was replayed is removed. Came it back, torn as it was, beside one with later records,
// it would be taken for damaged; that RocksDB 7.8 syncs the folder after it, for its file of
// options, is what this relies on.
TEST(TornWrite, DoesNotComeBackBesideLaterWritesIfThePowerGoesAfterItWasDropped) {
  OpenLedger ledger({3, 12}, 1);
  std::string torn = ledger.after();
  std::fill(torn.begin() + static_cast<std::ptrdiff_t>(ledger.written_after() - kSector),
            torn.end(), '\0');
  const std::string copy = ledger.Copy(torn);
  const std::string name = OnlyLog(copy).filename();
  const auto files = std::make_shared<FilesWithSyncedNames>(ledger.Path("attic"));
  EnvOnFileSystem env(*rocksdb::Env::Default(), files);
  auto store = LedgerStore::Open(copy, Access::kReadWrite,
                                 {.env = &env, .write_buffer_bytes = kSmall.write_buffer_bytes});
  ASSERT_TRUE(store.ok()) << store.status();
  const auto block = MakeBlock(Sequence{(*store)->last().value() + 1}, 3);
  Block* pointer = block.get();
  ASSERT_TRUE((*store)->Append({&pointer, 1}).ok());
  EXPECT_NE(OnlyLog(copy).filename(), name);
  const std::string after_the_cut = ledger.Path("after the cut");
  fs::copy(copy, after_the_cut);
  files->BringBackInto(after_the_cut);
  const auto reached = Recover(after_the_cut);
  ASSERT_TRUE(reached.ok()) << reached.status();
  EXPECT_EQ(*reached, (*store)->last());
}

// The machine's files, where another process has the lock until somebody asks for it.
class FilesLockedUntilAskedFor final : public rocksdb::FileSystemWrapper {
 public:
  explicit FilesLockedUntilAskedFor(std::function<void()> let_go)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), let_go_(std::move(let_go)) {}
  const char* Name() const override { return "FilesLockedUntilAskedFor"; }
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override {
    if (const auto let_go = std::exchange(let_go_, nullptr)) let_go();
    return FileSystemWrapper::LockFile(path, options, lock, debug);
  }

 private:
  std::function<void()> let_go_;
};

TEST(SizedLog, HasAllThatWhoHadTheLockBeforeWroteUntilTheEnd) {
  TemporaryFolder folder;
  const std::string path = folder.Path("ledger");
  auto leaving = LedgerStore::Open(path, Access::kReadWrite, kSmall);
  ASSERT_TRUE(leaving.ok()) << leaving.status();
  const auto append = [&](uint64_t first) {
    const auto block = MakeBlock(Sequence{first}, 3);
    Block* pointer = block.get();
    ASSERT_TRUE((*leaving)->Append({&pointer, 1}).ok());
  };
  append(1);
  bool has_left = false;
  const auto files = std::make_shared<FilesLockedUntilAskedFor>([&] {
    append(4);
    *leaving = nullptr;
    has_left = true;
  });
  EnvOnFileSystem env(*rocksdb::Env::Default(), files);
  const auto coming = LedgerStore::Open(
      path, Access::kReadWrite, {.env = &env, .write_buffer_bytes = kSmall.write_buffer_bytes});
  ASSERT_TRUE(coming.ok()) << coming.status();
  EXPECT_TRUE(has_left);
  EXPECT_EQ((*coming)->last(), Sequence{6});
}

TEST(SizedLog, CanBeReadByOthersWhileItIsWrittenAndChangedForANewOne) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "an opening takes longer there than a log lasts";
#endif
  OpenLedger ledger({1, 1}, 1);
  std::atomic<bool> stop = false;
  std::thread writing([&] {
    for (size_t size = 1; !stop; size = size % 400 + 1) ledger.Append({size, size});
  });
  int opened = 0;
  for (int i = 0; i < 15; ++i) {
    const Sequence before = ledger.store().last();
    const auto reader = LedgerStore::Open(ledger.Path("ledger"), Access::kReadOnly);
    // A file may go away while it is opened, as ever.
    const std::string why(reader.status().message());
    if (absl::IsUnavailable(reader.status()) || why.find("No such file") != std::string::npos) {
      continue;
    }
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (!reader.ok()) break;
    EXPECT_GE((*reader)->last(), before);
    const absl::Status read =
        (*reader)->ReadBlocks(Sequence{1}, [](const StoredBlock&) { return true; });
    EXPECT_TRUE(read.ok()) << read;
    ++opened;
  }
  stop = true;
  writing.join();
  EXPECT_GT(opened, 0);
}

}  // namespace
}  // namespace lumbung
