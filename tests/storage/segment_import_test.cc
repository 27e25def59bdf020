#include "storage/segment_import.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "storage/block_chain.h"
#include "storage/ledger_replay.h"
#include "tests/storage/played_ledger.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

constexpr uint64_t kSeed = 20261125;
constexpr int kBlocks = 24;

using Blocks = std::vector<std::shared_ptr<const StoredBlock>>;

// A ledger of some blocks, and the state that its entries make.
struct Original {
  explicit Original(const TemporaryFolder& folder) : played(folder.Path("original"), kSeed) {
    for (int i = 0; i < kBlocks; ++i) {
      played.Play(40);
      played.books.Flush();  // ends the block
    }
    played.Write();
    const absl::Status read = played.store->StreamBlocks(Sequence{1}, [&](auto block) {
      blocks.push_back(block);
      return true;
    });
    EXPECT_TRUE(read.ok()) << read;
    EXPECT_GE(blocks.size(), size_t{kBlocks});
  }
  StateHash hash() { return played.books.state().Hash(); }

  PlayedLedger played;
  Blocks blocks;
};

std::unique_ptr<SegmentFile> WriteSegment(const std::string& path, const Blocks& blocks) {
  auto writer = SegmentWriter::Create(path);
  EXPECT_TRUE(writer.ok()) << writer.status();
  for (const auto& block : blocks) EXPECT_TRUE((*writer)->Add(*block).ok());
  EXPECT_TRUE((*writer)->Finish("").ok());
  auto segment = SegmentFile::Open(path);
  EXPECT_TRUE(segment.ok()) << segment.status();
  return *std::move(segment);
}

Blocks Part(const Blocks& blocks, size_t begin, size_t end) {
  return {blocks.begin() + static_cast<ptrdiff_t>(begin),
          blocks.begin() + static_cast<ptrdiff_t>(end)};
}

absl::StatusOr<ImportReport> Import(const SegmentFile& segment, const std::string& folder) {
  return ImportSegment(segment, folder, {});
}

// What a killed import leaves: the mark, and the first blocks in the ledger.
void LeaveHalf(const std::string& folder, const Blocks& blocks) {
  const auto part = WriteSegment(folder + ".segment", blocks);
  ASSERT_TRUE(Import(*part, folder).ok());
  std::ofstream(folder + "/import-unfinished") << "killed";
}

void ExpectSameLedger(const std::string& folder, const Blocks& expected) {
  auto store = LedgerStore::Open(folder + "/ledger", Access::kReadOnly);
  ASSERT_TRUE(store.ok()) << store.status();
  size_t next = 0;
  const absl::Status read = (*store)->ReadBlocks(Sequence{1}, [&](const StoredBlock& block) {
    EXPECT_LT(next, expected.size());
    if (next >= expected.size()) return false;
    EXPECT_EQ(block.bytes, expected[next]->bytes);
    ++next;
    return true;
  });
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_EQ(next, expected.size());
  EXPECT_FALSE(std::filesystem::exists(folder + "/import-unfinished"));
}

TEST(SegmentImport, OfAWholeLedgerGivesTheSameBytesAndTheSameStateHash) {
  const TemporaryFolder folder;
  Original original(folder);
  const auto segment = WriteSegment(folder.Path("all.segment"), original.blocks);
  const auto report = Import(*segment, folder.Path("above/copy"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->state_hash, original.hash());
  EXPECT_EQ(report->before, kNoSequence);
  EXPECT_EQ(report->last, original.played.store->last());
  EXPECT_FALSE(report->resumed);
  ExpectSameLedger(folder.Path("above/copy"), original.blocks);
}

TEST(SegmentImport, MakesAFolderForItsOwnerAloneAndLeavesTheModeOfOneThatIsThere) {
  namespace fs = std::filesystem;
  const TemporaryFolder folder;
  Original original(folder);
  const auto segment = WriteSegment(folder.Path("all.segment"), original.blocks);
  ASSERT_TRUE(Import(*segment, folder.Path("made")).ok());
  EXPECT_EQ(fs::perms::owner_all, fs::status(folder.Path("made")).permissions());
  const fs::perms shared = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec;
  fs::create_directory(folder.Path("there"));
  fs::permissions(folder.Path("there"), shared);
  ASSERT_TRUE(Import(*segment, folder.Path("there")).ok());
  EXPECT_EQ(shared, fs::status(folder.Path("there")).permissions());
}

TEST(SegmentImport, GoesOnWhereTheFolderEnds) {
  const TemporaryFolder folder;
  Original original(folder);
  const size_t half = original.blocks.size() / 2;
  const std::string copy = folder.Path("copy");
  const auto first = WriteSegment(folder.Path("1.segment"), Part(original.blocks, 0, half));
  const auto second =
      WriteSegment(folder.Path("2.segment"), Part(original.blocks, half, original.blocks.size()));
  ASSERT_TRUE(Import(*first, copy).ok());
  const auto report = Import(*second, copy);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->state_hash, original.hash());
  EXPECT_EQ(report->before, first->last());
  ExpectSameLedger(copy, original.blocks);
}

TEST(SegmentImport, RefusesWhatDoesNotBeginWhereTheFolderEnds) {
  const TemporaryFolder folder;
  Original original(folder);
  const std::string copy = folder.Path("copy");
  const auto first = WriteSegment(folder.Path("1.segment"), Part(original.blocks, 0, 4));
  const auto later = WriteSegment(folder.Path("3.segment"), Part(original.blocks, 5, 6));
  const absl::Status no_beginning = Import(*later, copy).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(no_beginning)) << no_beginning;
  EXPECT_NE(no_beginning.message().find("begins with sequence 1 was expected"),
            absl::string_view::npos)
      << no_beginning;
  EXPECT_FALSE(std::filesystem::exists(copy));
  ASSERT_TRUE(Import(*first, copy).ok());
  const std::string next = std::to_string(first->last().value() + 1);
  for (const SegmentFile* segment : {later.get(), first.get()}) {
    const absl::Status refused = Import(*segment, copy).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_NE(refused.message().find("begins with sequence " + next + " was expected"),
              absl::string_view::npos)
        << refused;
  }
  ExpectSameLedger(copy, Part(original.blocks, 0, 4));
}

TEST(SegmentImport, RefusesTheContinuationOfAnotherLedger) {
  const TemporaryFolder folder;
  Original original(folder);
  const std::string copy = folder.Path("copy");
  // The same entries behind another block: the chain differs.
  auto block = std::make_unique<Block>();
  const StoredBlock& stored = *original.blocks[4];
  block->Reset(stored.first);
  const auto entries = block->Append(stored.entries.size(), stored.attachments.size());
  std::copy(stored.entries.begin(), stored.entries.end(), entries.begin());
  std::copy(stored.attachments.begin(), stored.attachments.end(), block->LastAttachment().begin());
  block->Close();
  SealBlock(*block, BlockHash{1});
  BlockChain chain(stored.first, BlockHash{1});
  auto other = chain.Take({block->Bytes().begin(), block->Bytes().end()});
  ASSERT_TRUE(other.ok()) << other.status();
  const auto first = WriteSegment(folder.Path("1.segment"), Part(original.blocks, 0, 4));
  const auto second = WriteSegment(folder.Path("2.segment"), {*other});
  ASSERT_TRUE(Import(*first, copy).ok());
  const absl::Status refused = Import(*second, copy).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_NE(refused.message().find("of another ledger"), absl::string_view::npos) << refused;
  ExpectSameLedger(copy, Part(original.blocks, 0, 4));
}

TEST(SegmentImport, RefusesAFolderThatHasSomethingElse) {
  const TemporaryFolder folder;
  Original original(folder);
  const auto segment = WriteSegment(folder.Path("all.segment"), original.blocks);
  const std::string copy = folder.Path("copy");
  std::filesystem::create_directory(copy);
  std::ofstream(copy + "/photos") << "mine";
  const absl::Status refused = Import(*segment, copy).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_NE(refused.message().find("found photos"), absl::string_view::npos) << refused;
  std::filesystem::remove(copy + "/photos");
  EXPECT_TRUE(Import(*segment, copy).ok());
}

TEST(SegmentImport, CutShortAnywhereGoesOnToTheSameState) {
  const TemporaryFolder folder;
  Original original(folder);
  const auto segment = WriteSegment(folder.Path("all.segment"), original.blocks);
  for (const size_t taken : {size_t{1}, original.blocks.size() / 2, original.blocks.size()}) {
    const std::string copy = folder.Path("copy-" + std::to_string(taken));
    LeaveHalf(copy, Part(original.blocks, 0, taken));
    EXPECT_TRUE(absl::IsFailedPrecondition(CheckNoUnfinishedImport(copy)));
    const auto report = Import(*segment, copy);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->resumed);
    EXPECT_EQ(report->state_hash, original.hash());
    ExpectSameLedger(copy, original.blocks);
    EXPECT_TRUE(CheckNoUnfinishedImport(copy).ok());
  }
  const std::string only_mark = folder.Path("only-mark");
  std::filesystem::create_directory(only_mark);
  std::ofstream(only_mark + "/import-unfinished") << "killed";
  ASSERT_TRUE(Import(*segment, only_mark).ok());
  ExpectSameLedger(only_mark, original.blocks);
}

TEST(SegmentImport, CutShortWhileItsMarkIsMadeIsImportedAgain) {
  const TemporaryFolder folder;
  Original original(folder);
  const auto segment = WriteSegment(folder.Path("all.segment"), original.blocks);
  // The mark is written aside and linked: the file aside may stay, before the link and after it.
  for (const bool linked : {false, true}) {
    const std::string copy = folder.Path(linked ? "linked" : "aside");
    std::filesystem::create_directory(copy);
    std::ofstream(copy + "/import-unfinished.new-4711") << "kil";
    if (linked) std::ofstream(copy + "/import-unfinished") << "killed";
    const auto report = Import(*segment, copy);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->resumed, linked);
    ExpectSameLedger(copy, original.blocks);
  }
}

TEST(SegmentImport, BehindALedgerThatBreaksTheRulesLeavesItAsItWas) {
  const TemporaryFolder folder;
  const std::string copy = folder.Path("copy");
  const auto unruly = MakeBlock(Sequence{1}, 3);  // of accounts that were never opened
  {
    auto store = LedgerStore::Open(copy + "/ledger", Access::kReadWrite);
    ASSERT_TRUE(store.ok()) << store.status();
    Block* const block = unruly.get();
    ASSERT_TRUE((*store)->Append({&block, 1}).ok());
  }
  const auto first = VerifyBlock(unruly->Bytes(), Sequence{1});
  ASSERT_TRUE(first.ok()) << first.status();
  const auto next = MakeBlock(Sequence{4}, 1);
  SealBlock(*next, first->hash);
  BlockChain chain(Sequence{4}, first->hash);
  const auto taken = chain.Take({next->Bytes().begin(), next->Bytes().end()});
  ASSERT_TRUE(taken.ok()) << taken.status();
  const auto segment = WriteSegment(folder.Path("next.segment"), {*taken});
  const absl::Status found = Import(*segment, copy).status();
  EXPECT_TRUE(absl::IsDataLoss(found)) << found;
  EXPECT_TRUE(CheckNoUnfinishedImport(copy).ok());
}

TEST(SegmentImport, CutShortIsNotCompletedByAnotherSegment) {
  const TemporaryFolder folder;
  Original original(folder);
  const std::string copy = folder.Path("copy");
  LeaveHalf(copy, Part(original.blocks, 0, 5));
  // Ends before the folder's ledger does.
  const auto shorter = WriteSegment(folder.Path("short.segment"), Part(original.blocks, 0, 3));
  const absl::Status refused = Import(*shorter, copy).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_FALSE(CheckNoUnfinishedImport(copy).ok());
}

TEST(SegmentImport, NeverWritesWhatBreaksTheRules) {
  const TemporaryFolder folder;
  Original original(folder);
  // A block in the middle says that an account has a rupiah more; its hash is made to fit.
  Blocks forged = Part(original.blocks, 0, 5);
  const StoredBlock& stored = *original.blocks[5];
  auto block = std::make_unique<Block>();
  block->Reset(stored.first);
  const auto entries = block->Append(stored.entries.size(), stored.attachments.size());
  std::copy(stored.entries.begin(), stored.entries.end(), entries.begin());
  std::copy(stored.attachments.begin(), stored.attachments.end(), block->LastAttachment().begin());
  size_t at = 0;
  while (entries[at].outcome != Outcome::kAccepted || entries[at].kind.step() == Step::kFact) ++at;
  entries[at].debit_balance = Amount{entries[at].debit_balance.value() + 100};
  block->Close();
  SealBlock(*block, HashOf(*original.blocks[4]));
  BlockChain chain(stored.first, HashOf(*original.blocks[4]));
  auto bad = chain.Take({block->Bytes().begin(), block->Bytes().end()});
  ASSERT_TRUE(bad.ok()) << bad.status();
  forged.push_back(*bad);
  const auto segment = WriteSegment(folder.Path("forged.segment"), forged);
  const std::string copy = folder.Path("copy");
  const absl::Status found = Import(*segment, copy).status();
  EXPECT_TRUE(absl::IsDataLoss(found)) << found;
  EXPECT_NE(found.message().find("entry " + std::to_string(stored.first.value() + at)),
            absl::string_view::npos)
      << found;
  EXPECT_FALSE(CheckNoUnfinishedImport(copy).ok());
  // With the true segment it is completed.
  const auto whole = WriteSegment(folder.Path("all.segment"), original.blocks);
  const auto report = Import(*whole, copy);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->state_hash, original.hash());
}

TEST(SegmentImport, OfADamagedFileChangesNothing) {
  const TemporaryFolder folder;
  Original original(folder);
  const std::string path = folder.Path("all.segment");
  WriteSegment(path, original.blocks);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
    file.put('\x5a');
  }
  const auto segment = SegmentFile::Open(path);
  ASSERT_TRUE(segment.ok()) << segment.status();
  EXPECT_TRUE(absl::IsDataLoss(Import(**segment, folder.Path("copy")).status()));
  EXPECT_FALSE(std::filesystem::exists(folder.Path("copy")));
}

}  // namespace
}  // namespace lumbung
