#include "storage/log_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "storage/ledger_store.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHeaderBytes = 7;
// The checksum's last bit, every second bit of the length, and all of the type.
constexpr size_t kBits[] = {31, 33, 35, 37, 39, 41, 43, 45, 47, 48, 49, 50, 51, 52, 53, 54, 55};
constexpr uint64_t kEntries = 60;

// A closed ledger: the first half of it in a table, the rest in the write-ahead log.
void MakeLedger(const std::string& folder) {
  uint64_t next = 1;
  for (int opening = 0; opening < 2; ++opening) {  // what it finds in the log it puts into a table
    auto store = LedgerStore::Open(folder, Access::kReadWrite);
    ASSERT_TRUE(store.ok()) << store.status();
    for (size_t size = 1; size <= kEntries / 6; size += size) {
      const auto block = MakeBlock(Sequence{next}, size, "faktur 0815");
      Block* pointer = block.get();
      ASSERT_TRUE((*store)->Append({&pointer, 1}).ok());
      next += size;
    }
  }
}

fs::path OnlyFile(const std::string& folder, const std::string& part_of_name) {
  std::vector<fs::path> found;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().filename().string().find(part_of_name) != std::string::npos) {
      found.push_back(file.path());
    }
  }
  EXPECT_EQ(found.size(), 1u) << part_of_name;
  return found.front();
}

std::string WholeFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Where the records of a log of one block begin.
std::vector<size_t> Records(const std::string& log) {
  std::vector<size_t> begins;
  for (size_t at = 0; at + kHeaderBytes <= log.size();) {
    begins.push_back(at);
    const auto low = static_cast<uint8_t>(log[at + 4]);
    const auto high = static_cast<uint8_t>(log[at + 5]);
    at += kHeaderBytes + low + size_t{high} * 256;
  }
  return begins;
}

// The last sequence that can be read, from 1 on; or why it can't.
absl::StatusOr<Sequence> ReadAll(const std::string& folder) {
  const auto store = LedgerStore::Open(folder, Access::kReadWrite);
  if (!store.ok()) return store.status();
  Sequence reached;
  const absl::Status status = (*store)->ReadBlocks(Sequence{1}, [&](const StoredBlock& block) {
    reached = Sequence{block.first.value() + block.entries.size() - 1};
    return true;
  });
  if (!status.ok()) return status;
  return reached;
}

class LogCheck : public testing::TestWithParam<const char*> {
 protected:
  LogCheck() {
    MakeLedger(whole_);
    log_name_ = OnlyFile(whole_, GetParam()).filename();
    log_ = WholeFile(fs::path(whole_) / log_name_);
    end_ = *ReadAll(Copy(log_));
  }

  // A copy of the ledger in which the log has these bytes.
  std::string Copy(const std::string& log) {
    const std::string copy = folder_.Path("copy");
    fs::remove_all(copy);
    fs::copy(whole_, copy, fs::copy_options::recursive);
    Write(fs::path(copy) / log_name_, log);
    return copy;
  }

  TemporaryFolder folder_;
  const std::string whole_ = folder_.Path("ledger");
  fs::path log_name_;
  std::string log_;
  Sequence end_;
};

// Without the check RocksDB takes a record of another type, or one that would be longer than the
// file, for the end of the log: what was acknowledged is gone, and with the manifest's records also
// the files that they name.
TEST_P(LogCheck, RefusesALogWithAWrongBitInAHeaderAndTouchesNothing) {
  for (const size_t record : Records(log_)) {
    for (const size_t bit : kBits) {
      std::string damaged = log_;
      char& byte = damaged[record + bit / 8];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
      const std::string copy = Copy(damaged);
      const auto refused = ReadAll(copy);
      EXPECT_TRUE(absl::IsDataLoss(refused.status()))
          << "record at " << record << ", bit " << bit << ": " << refused.status();
      Write(fs::path(copy) / log_name_, log_);
      const auto mended = ReadAll(copy);
      EXPECT_TRUE(mended.ok() && *mended == end_)
          << "record at " << record << ", bit " << bit << ": " << mended.status();
    }
  }
}

TEST_P(LogCheck, RefusesZerosInFrontOfARecord) {
  const std::vector<size_t> records = Records(log_);
  ASSERT_GE(records.size(), 3u);
  for (size_t i = 0; i + 1 < records.size(); ++i) {
    std::string damaged = log_;
    std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(records[i]),
              damaged.begin() + static_cast<std::ptrdiff_t>(records[i + 1]), '\0');
    EXPECT_TRUE(absl::IsDataLoss(ReadAll(Copy(damaged)).status())) << records[i];
  }
}

INSTANTIATE_TEST_SUITE_P(BothKinds, LogCheck, testing::Values(".log", "MANIFEST"),
                         [](const auto& kind) { return kind.index == 0 ? "Wal" : "Manifest"; });

class WalCheck : public LogCheck {};

TEST_P(WalCheck, TakesARecordThatTheFilesEndCutsOffForOneThatWasNeverAcknowledged) {
  const size_t last = Records(log_).back();
  for (size_t size = last; size < log_.size(); size += 31) {
    const auto reached = ReadAll(Copy(log_.substr(0, size)));
    ASSERT_TRUE(reached.ok()) << reached.status();
    EXPECT_LT(*reached, end_);
  }
  const auto reached = ReadAll(Copy(log_ + std::string(5000, '\0')));
  ASSERT_TRUE(reached.ok()) << reached.status();
  EXPECT_EQ(*reached, end_);
}

INSTANTIATE_TEST_SUITE_P(LogCheck, WalCheck, testing::Values(".log"));

}  // namespace
}  // namespace lumbung
