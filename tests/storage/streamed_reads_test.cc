#include "storage/streamed_reads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "rocksdb/env.h"
#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSRandomAccessFile;
using rocksdb::IODebugContext;
using rocksdb::IOStatus;

// Counts the files that are opened to be read past the cache. Can refuse them, as tmpfs does.
class CountedStreams final : public rocksdb::FileSystemWrapper {
 public:
  CountedStreams() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "CountedStreams"; }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<FSRandomAccessFile>* file,
                               IODebugContext* debug) override {
    if (options.use_direct_reads) {
      ++direct;
      if (refuses) return IOStatus::InvalidArgument("no direct reads here");
    }
    return FileSystemWrapper::NewRandomAccessFile(path, options, file, debug);
  }

  std::atomic<int> direct{0};
  bool refuses = false;
};

class StreamedReadsTest : public testing::Test {
 protected:
  static constexpr size_t kBytes = 3 * StreamedReads::kPiece + 12'345;

  // On the disk of the build: the system's temporary folder may be in memory, where nothing can be
  // streamed.
  StreamedReadsTest() {
    std::string pattern = std::filesystem::current_path() / "streamed-reads-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::mt19937_64 random(TestSeed());
    content_.resize(kBytes);
    for (char& byte : content_) byte = static_cast<char>(random());
  }
  ~StreamedReadsTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<FSRandomAccessFile> OpenNew(const std::string& name) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content_;
    std::unique_ptr<FSRandomAccessFile> file;
    EXPECT_TRUE(files_.NewRandomAccessFile(path, FileOptions(), &file, nullptr).ok());
    return file;
  }

  // Whether the file has the bytes that belong there, and as many of them as it has.
  bool IsRight(const FSRandomAccessFile& file, uint64_t offset, size_t size) const {
    std::vector<char> scratch(size);
    rocksdb::Slice result;
    const IOStatus status =
        file.Read(offset, size, rocksdb::IOOptions(), &result, scratch.data(), nullptr);
    const size_t there = offset < kBytes ? std::min<size_t>(size, kBytes - offset) : 0;
    return status.ok() && result.size() == there &&
           result.compare(rocksdb::Slice(content_.data() + std::min(offset, kBytes), there)) == 0;
  }

  void ReadThrough(const FSRandomAccessFile& file, size_t step) const {
    for (uint64_t at = 0; at < kBytes; at += step) {
      ASSERT_TRUE(IsRight(file, at, step)) << "at " << at << " in steps of " << step;
    }
  }

  std::string folder_;
  std::string content_;
  const std::shared_ptr<CountedStreams> base_ = std::make_shared<CountedStreams>();
  StreamedReads files_{base_};
};

TEST_F(StreamedReadsTest, GivesTheSameBytesHoweverAFileIsGoneThrough) {
  for (const size_t step : {size_t{4'096}, size_t{66'000}, StreamedReads::kPiece,
                            StreamedReads::kPiece + 1, 2 * kBytes}) {
    const auto file = OpenNew("000001.blob");
    base_->direct = 0;
    ReadThrough(*file, step);
    if (step < kBytes) EXPECT_EQ(base_->direct, 1) << "it was not streamed";
  }
}

TEST_F(StreamedReadsTest, GivesNothingBehindTheEnd) {
  const auto file = OpenNew("000001.blob");
  ReadThrough(*file, 66'000);
  EXPECT_TRUE(IsRight(*file, kBytes, 100));
  EXPECT_TRUE(IsRight(*file, kBytes + 100, 100));
  EXPECT_TRUE(IsRight(*file, kBytes - 10, 100));
}

TEST_F(StreamedReadsTest, DoesNotStreamWhatIsReadHereAndThere) {
  const auto file = OpenNew("000001.blob");
  std::mt19937_64 random(TestSeed());
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(IsRight(*file, 1 + random() % kBytes, 5'000));
  EXPECT_EQ(base_->direct, 0);
}

TEST_F(StreamedReadsTest, DoesNotStreamBecauseTheBeginningIsReadFirst) {
  const auto file = OpenNew("000001.blob");
  EXPECT_TRUE(IsRight(*file, 0, 30));
  EXPECT_TRUE(IsRight(*file, kBytes - 32, 32));
  EXPECT_TRUE(IsRight(*file, 70'000, 66'000));
  EXPECT_EQ(base_->direct, 0);
}

TEST_F(StreamedReadsTest, GoesOnWithAStreamWhileOthersReadHereAndThere) {
  const auto file = OpenNew("000001.blob");
  std::mt19937_64 random(TestSeed());
  for (uint64_t at = 0; at < kBytes; at += 20'000) {
    ASSERT_TRUE(IsRight(*file, at, 20'000)) << "at " << at;
    if (at > 0) ASSERT_TRUE(IsRight(*file, 1 + random() % kBytes, 5'000));
  }
  EXPECT_EQ(base_->direct, 1);
}

TEST_F(StreamedReadsTest, StreamsBlocksAlone) {
  ReadThrough(*OpenNew("000001.sst"), 66'000);
  EXPECT_EQ(base_->direct, 0);
}

TEST_F(StreamedReadsTest, ReadsAsEverWhatCantBeReadPastTheCache) {
  base_->refuses = true;
  ReadThrough(*OpenNew("000001.blob"), 66'000);
  EXPECT_EQ(base_->direct, 1) << "it should not be asked for again";
}

TEST_F(StreamedReadsTest, GivesTheRightBytesToMoreReadersThanThereAreStreams) {
  std::vector<std::unique_ptr<FSRandomAccessFile>> open;
  for (size_t i = 0; i < StreamedReads::kStreams + 2; ++i) {
    open.push_back(OpenNew(std::to_string(i) + ".blob"));
  }
  for (uint64_t at = 0; at < kBytes; at += 200'000) {
    for (const auto& file : open) ASSERT_TRUE(IsRight(*file, at, 200'000)) << "at " << at;
  }
  std::vector<std::thread> readers;
  for (const auto& file : open) {
    for (const size_t step : {66'000, 100'000}) {
      readers.emplace_back([&, step] { ReadThrough(*file, step); });
    }
  }
  for (std::thread& reader : readers) reader.join();
}

TEST_F(StreamedReadsTest, ForgetsAFileThatIsClosedInTheMiddle) {
  for (int i = 0; i < 10; ++i) {
    const auto file = OpenNew(std::to_string(i) + ".blob");
    for (uint64_t at = 0; at < kBytes / 2; at += 66'000) ASSERT_TRUE(IsRight(*file, at, 66'000));
  }
  EXPECT_EQ(base_->direct, 10);
}

}  // namespace
}  // namespace lumbung
