// A log is written ahead with zeros, so that few syncs of small writes have a new block to enter
// into the file system's records; large writes are left alone.
#include "storage/sized_logs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "storage/ledger_store.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

constexpr size_t kBlockOfFiles = 4096;

// The machine's files, where somebody counts what is written to logs. Threads: one writes.
class CountingFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit CountingFiles(bool has_positions)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), has_positions_(has_positions) {}
  const char* Name() const override { return "CountingFiles"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (status.ok() && path.ends_with(".log")) {
      *file = std::make_unique<File>(std::move(*file), *this);
    }
    return status;
  }

  uint64_t written = 0;     // bytes behind one another
  uint64_t zeros = 0;       // bytes written ahead
  uint64_t times = 0;       // that zeros were written
  uint64_t new_blocks = 0;  // written for the first time by something else than zeros

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile>&& file, CountingFiles& files)
        : FSWritableFileOwnerWrapper(std::move(file)), files_(files) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      end_ += data.size();
      files_.written += data.size();
      for (; touched_ < end_; touched_ += kBlockOfFiles) ++files_.new_blocks;
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&,
                             rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& data, uint64_t offset,
                                       const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override {
      if (!files_.has_positions_) return rocksdb::IOStatus::NotSupported("positions");
      EXPECT_EQ(offset, end_);
      EXPECT_EQ(data.ToString(), std::string(data.size(), '\0'));
      EXPECT_EQ((offset + data.size()) % kBlockOfFiles, data.empty() ? end_ % kBlockOfFiles : 0);
      files_.zeros += data.size();
      files_.times += data.empty() ? 0 : 1;
      if (!data.empty()) touched_ = offset + data.size();
      return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, debug);
    }

   private:
    CountingFiles& files_;
    uint64_t end_ = 0;
    uint64_t touched_ = 0;
  };

  const bool has_positions_;
};

class Ledger {
 public:
  explicit Ledger(bool has_positions)
      : files_(std::make_shared<CountingFiles>(has_positions)),
        env_(*rocksdb::Env::Default(), files_) {
    Open();
  }

  void Append(size_t entries) {
    const auto block = MakeBlock(Sequence{store_->last().value() + 1}, entries);
    Block* pointer = block.get();
    ASSERT_TRUE(store_->Append({&pointer, 1}).ok());
  }
  void Reopen() {
    store_ = nullptr;
    Open();
  }
  uint64_t BytesOfLogs() const {
    uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_.Path("ledger"))) {
      if (file.path().extension() == ".log") bytes += file.file_size();
    }
    return bytes;
  }
  void Close() { store_ = nullptr; }
  const CountingFiles& files() const { return *files_; }
  Sequence last() const { return store_->last(); }

 private:
  void Open() {
    auto opened = LedgerStore::Open(folder_.Path("ledger"), Access::kReadWrite, {.env = &env_});
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  TemporaryFolder folder_;
  std::shared_ptr<CountingFiles> files_;
  EnvOnFileSystem env_;
  std::unique_ptr<LedgerStore> store_;
};

TEST(SizedLog, IsWrittenAheadWithZerosSoThatFewSmallWritesNeedNewBlocks) {
  Ledger ledger(true);
  for (int i = 0; i < 400; ++i) ledger.Append(8);
  const CountingFiles& files = ledger.files();
  EXPECT_GT(files.written, uint64_t{400} * 8 * sizeof(Entry));
  EXPECT_LE(files.times, files.written / (128 << 10) + 1);
  EXPECT_LE(files.new_blocks, 2 * files.times);
  EXPECT_LE(files.zeros, files.written + (128 << 10));
}

TEST(SizedLog, IsNotWrittenAheadByLargeWrites) {
  Ledger ledger(true);
  ledger.Append(1);
  const uint64_t times = ledger.files().times;
  for (int i = 0; i < 20; ++i) ledger.Append(500);
  EXPECT_LE(ledger.files().times, times);
}

TEST(SizedLog, ThatWasWrittenAheadIsAsLongAsItsRecordsWhenItIsClosedAndIsReadToItsEnd) {
  Ledger ledger(true);
  for (int i = 0; i < 30; ++i) ledger.Append(3);
  ASSERT_GT(ledger.files().zeros, 0u);
  const Sequence last = ledger.last();
  ledger.Close();
  EXPECT_EQ(ledger.BytesOfLogs(), ledger.files().written);
  ledger.Reopen();
  EXPECT_EQ(ledger.last(), last);
}

TEST(SizedLog, GoesWithoutZerosWhereNothingCanBeWrittenAhead) {
  Ledger ledger(false);
  for (int i = 0; i < 30; ++i) ledger.Append(3);
  const Sequence last = ledger.last();
  ledger.Reopen();
  EXPECT_EQ(ledger.last(), last);
  EXPECT_EQ(ledger.files().zeros, 0u);
}

}  // namespace
}  // namespace lumbung
