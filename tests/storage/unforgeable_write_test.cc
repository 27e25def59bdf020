// Clients choose ids, references and texts, and these stand in the ledger's write-ahead log as they
// were sent. Nothing that they send may be taken for a record of the log: in a torn write it would
// look like a later one, and the server would not start.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/ledger_store.h"
#include "storage/log_record.h"
#include "storage/torn_write.h"
#include "storage/write_mark.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBytesOfPage = 4096;
constexpr size_t kMiddle = 3;
// The space of a log follows from it; as many zeros are read with each opening.
constexpr StoreSettings kSmallLog{.write_buffer_bytes = 1 << 20};

std::string RecordOf(size_t type, const std::string& payload) {
  const std::string content = static_cast<char>(type) + payload;
  const uint32_t checksum = LogRecord::Masked(Crc32c(0, std::as_bytes(std::span(content))));
  const auto length = static_cast<uint16_t>(payload.size());
  std::string record(LogRecord::kTypeAt, '\0');
  std::memcpy(record.data(), &checksum, sizeof(checksum));
  std::memcpy(&record[LogRecord::kLengthAt], &length, sizeof(length));
  return record + content;
}

// A well-formed id of version 4 that holds a whole record, the first of a write.
TransactionId ForgedId() {
  TransactionId id{.high = 0x4000, .low = uint64_t{0b10} << 62};
  const std::string record = RecordOf(LogRecord::kWhole, "forged");
  std::memcpy(reinterpret_cast<std::byte*>(&id) + 2, record.data(), record.size());
  return id;
}

std::unique_ptr<Block> ForgedBlock(Sequence first, size_t payments) {
  auto block = std::make_unique<Block>();
  block->Reset(first);
  for (size_t i = 0; i < payments; ++i) {
    Entry& entry = block->Append(1, 0)[0];
    entry.id = ForgedId();
    entry.leg_count = 1;
  }
  block->Close();
  return block;
}

fs::path LogIn(const std::string& folder) {
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".log") return file.path();
  }
  return {};
}

// A ledger that was written to by one server, killed in the middle of its last write: of that it
// left whole pages.
TEST(TornWrite, IsNotTakenForDamageBecauseItsIdsLookLikeALaterWrite) {
  ASSERT_TRUE(ForgedId().IsWellFormed());
  TemporaryFolder folder;
  const std::string copy = folder.Path("copy");
  {
    auto store = LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite, kSmallLog);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto synced = MakeBlock(Sequence{1}, 3);
    const auto forged = ForgedBlock(Sequence{4}, 500);
    for (Block* block : {synced.get(), forged.get()}) {
      ASSERT_TRUE((*store)->Append({&block, 1}).ok());
    }
    fs::copy(folder.Path("ledger"), copy);
  }
  const auto size = fs::file_size(LogIn(copy));
  fs::resize_file(LogIn(copy), 5 * kBytesOfPage);
  fs::resize_file(LogIn(copy), size);
  const auto store = LedgerStore::Open(copy, Access::kReadWrite, kSmallLog);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->last(), Sequence{3});
}

// The marks of a ledger's writes, of one opening.
std::vector<WriteMark> MarksOf(const std::string& folder, uint64_t first, int writes) {
  auto store = LedgerStore::Open(folder, Access::kReadWrite, kSmallLog);
  EXPECT_TRUE(store.ok()) << store.status();
  for (int i = 0; i < writes; ++i) {
    const auto block = MakeBlock(Sequence{first + i}, 1);
    Block* pointer = block.get();
    EXPECT_TRUE((*store)->Append({&pointer, 1}).ok());
  }
  std::string log(kBytesOfPage, '\0');
  std::ifstream(LogIn(folder), std::ios::binary)
      .read(log.data(), static_cast<std::streamsize>(log.size()));
  const auto bytes = std::as_bytes(std::span(log));
  std::vector<WriteMark> marks;
  for (size_t at = 0; bytes[at + LogRecord::kTypeAt] != std::byte{0};) {
    const LogRecord record(&bytes[at]);
    const auto mark = WriteMark::In(bytes.subspan(at + LogRecord::kHeaderBytes, record.length));
    EXPECT_TRUE(mark);
    marks.push_back(*mark);
    at += record.size();
  }
  EXPECT_EQ(marks.size(), static_cast<size_t>(writes));
  return marks;
}

TEST(WriteMark, IsThatOfEachWriteOfAnOpeningAndAnotherInTheNext) {
  TemporaryFolder folder;
  const auto first = MarksOf(folder.Path("ledger"), 1, 3);
  const auto second = MarksOf(folder.Path("ledger"), 4, 2);
  EXPECT_EQ(first, std::vector<WriteMark>(3, first[0]));
  EXPECT_EQ(second, std::vector<WriteMark>(2, second[0]));
  EXPECT_NE(first[0], second[0]);
}

class MarkedLog {
 public:
  explicit MarkedLog(const WriteMark& mark) : mark_(mark) {}

  std::string Batch(size_t bytes) const {
    std::string batch(WriteMark::kAt - 2, 'a');
    batch += {'\3', static_cast<char>(WriteMark::kBytes)};
    batch.append(reinterpret_cast<const char*>(mark_.bytes.data()), WriteMark::kBytes);
    batch.resize(bytes, 'a');
    return batch;
  }
  // A write that lacks a sector, then zeros, then `later` from `at` on.
  static std::vector<std::byte> Torn(size_t at, const std::string& later) {
    std::string log = RecordOf(LogRecord::kWhole, std::string(3'000, 'a'));
    log.replace(512, 512, 512, '\0');
    log.resize(at);
    log += later;
    log.resize((log.size() / LogRecord::kBlockBytes + 1) * LogRecord::kBlockBytes);
    const auto bytes = std::as_bytes(std::span(log));
    return {bytes.begin(), bytes.end()};
  }

 private:
  const WriteMark mark_;
};

TEST(WriteMark, TellsWritesThatFollowATornOneFromWhatLooksLikeThem) {
  const WriteMark mark = WriteMark::Draw();
  const MarkedLog log(mark);
  const MarkedLog others(WriteMark::Draw());
  const std::string short_one = RecordOf(LogRecord::kWhole, std::string(29, 'a'));
  const auto is_torn = [&](size_t at, const std::string& later, const auto& known) {
    return IsTornWrite(MarkedLog::Torn(at, later), 0, known);
  };
  const std::optional<WriteMark> known = mark;
  const std::string same = RecordOf(LogRecord::kWhole, log.Batch(400));
  const std::string other = RecordOf(LogRecord::kWhole, others.Batch(400));
  EXPECT_FALSE(is_torn(5'000, same, known));
  EXPECT_TRUE(is_torn(5'000, other, known));
  EXPECT_TRUE(is_torn(5'000, short_one, known));
  EXPECT_TRUE(is_torn(5'000, RecordOf(kMiddle, log.Batch(400)), known));
  // A log without marks, of an earlier version.
  EXPECT_FALSE(is_torn(5'000, other, std::optional<WriteMark>()));
  EXPECT_FALSE(is_torn(5'000, short_one, std::optional<WriteMark>()));
}

// The first part of such a write may be as short as its header.
TEST(WriteMark, IsLookedForInAWritesNextPartToo) {
  const WriteMark mark = WriteMark::Draw();
  const std::string same = MarkedLog(mark).Batch(400);
  const std::string other = MarkedLog(WriteMark::Draw()).Batch(400);
  for (size_t in_first = 0; in_first <= 40; ++in_first) {
    const auto is_torn = [&](const std::string& batch, char spoilt, size_t away_from_end) {
      const size_t room = LogRecord::kHeaderBytes + in_first + away_from_end;
      std::string next = RecordOf(kMiddle, batch.substr(in_first));
      next[100] = static_cast<char>(next[100] ^ spoilt);
      return IsTornWrite(
          MarkedLog::Torn(LogRecord::kBlockBytes - room,
                          RecordOf(LogRecord::kFirst, batch.substr(0, in_first)) + next),
          0, mark);
    };
    EXPECT_FALSE(is_torn(same, 0, 0)) << in_first;
    EXPECT_TRUE(is_torn(other, 0, 0)) << in_first;
    EXPECT_TRUE(is_torn(same, 0, 1)) << in_first << ", which does not fill its block";
    // Where the next part is damaged nobody can tell: nothing is dropped then.
    EXPECT_EQ(is_torn(other, 1, 0), in_first >= WriteMark::kEnd) << in_first;
  }
}

}  // namespace
}  // namespace lumbung
