#include "storage/segment_file.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "engine/check.h"
#include "storage/block_chain.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

constexpr char kNote[] = "lumbung/ledger\n3\nAAAA\n\n- not looked into\n";

// Sealed blocks of 3, 1 and 2 entries from the sequence `first` on, chained.
std::vector<StoredBlock> MakeBlocks(uint64_t first, BlockHash previous) {
  std::vector<StoredBlock> blocks;
  for (const size_t payments : {3, 1, 2}) {
    const auto block = MakeBlock(Sequence{first}, payments, "bon 17");
    previous = SealBlock(*block, previous);
    StoredBlock stored{.first = block->first()};
    stored.bytes.assign(block->Bytes().begin(), block->Bytes().end());
    const auto view = VerifyBlock(stored.bytes, stored.first);
    EXPECT_TRUE(view.ok());
    stored.entries = view->entries;
    stored.attachments = view->attachments;
    blocks.push_back(std::move(stored));
    first += payments;
  }
  return blocks;
}

SegmentSummary WriteSegment(const std::string& path, const std::vector<StoredBlock>& blocks,
                            std::string_view checkpoint = kNote) {
  auto writer = SegmentWriter::Create(path);
  EXPECT_TRUE(writer.ok()) << writer.status();
  for (const StoredBlock& block : blocks) EXPECT_TRUE((*writer)->Add(block).ok());
  const auto summary = (*writer)->Finish(checkpoint);
  EXPECT_TRUE(summary.ok()) << summary.status();
  return *summary;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void WriteFile(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

// What a reader says about these bytes, which are in a file of memory: there are thousands of them.
absl::Status ReadSegment(std::string_view content) {
  const int file = memfd_create("segment", MFD_CLOEXEC);
  LUMBUNG_CHECK(file >= 0);
  LUMBUNG_CHECK(write(file, content.data(), content.size()) ==
                static_cast<ssize_t>(content.size()));
  const auto opened = SegmentFile::Open("/proc/self/fd/" + std::to_string(file));
  const absl::Status status = opened.ok() ? (*opened)->Verify() : opened.status();
  close(file);
  return status;
}

std::vector<std::vector<std::byte>> BlocksFrom(const SegmentFile& file, Sequence from) {
  std::vector<std::vector<std::byte>> blocks;
  const absl::Status status =
      file.StreamBlocks(from, [&](const std::shared_ptr<const StoredBlock>& block) {
        blocks.push_back(block->bytes);
        return true;
      });
  EXPECT_TRUE(status.ok()) << status;
  return blocks;
}

TEST(SegmentFile, GivesBackItsBlocksByteForByte) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("all.segment");
  const auto blocks = MakeBlocks(1, kGenesisHash);
  const SegmentSummary written = WriteSegment(path, blocks);
  const auto file = SegmentFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  const SegmentSummary& read = (*file)->summary();
  EXPECT_EQ(read.first, Sequence{1});
  EXPECT_EQ((*file)->last(), Sequence{6});
  EXPECT_EQ(read.last_hash, HashOf(blocks.back()));
  EXPECT_EQ(read.blocks, 3u);
  EXPECT_EQ(read.checkpoint, kNote);
  EXPECT_EQ(read.bytes, written.bytes);
  EXPECT_EQ(read.bytes, std::filesystem::file_size(path));
  const auto given = BlocksFrom(**file, Sequence{0});
  ASSERT_EQ(given.size(), blocks.size());
  for (size_t i = 0; i < blocks.size(); ++i) EXPECT_EQ(given[i], blocks[i].bytes);
}

TEST(SegmentFile, BeginsWithTheBlockThatContainsWhatIsAskedFor) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("middle.segment");
  const auto blocks = MakeBlocks(100, BlockHash{7});
  WriteSegment(path, blocks, "");
  const auto file = SegmentFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->summary().previous_hash, BlockHash{7});
  EXPECT_EQ(BlocksFrom(**file, Sequence{102}).size(), 3u);
  EXPECT_EQ(BlocksFrom(**file, Sequence{103}).size(), 2u);
  EXPECT_EQ(BlocksFrom(**file, Sequence{106}).size(), 0u);
  const auto nothing = [](const std::shared_ptr<const StoredBlock>&) { return true; };
  EXPECT_TRUE(absl::IsOutOfRange((*file)->StreamBlocks(Sequence{99}, nothing)));
}

TEST(SegmentFile, GivesAnyBlockByItselfBeforeAndAfterItWasStreamed) {
  const TemporaryFolder folder;
  constexpr uint64_t kFirst = 100;
  std::vector<StoredBlock> blocks;  // more than stand between two remembered places
  BlockHash previous{7};
  while (blocks.size() < 150) {
    const uint64_t first = blocks.empty() ? kFirst : LastOf(blocks.back()).value() + 1;
    for (StoredBlock& block : MakeBlocks(first, previous)) blocks.push_back(std::move(block));
    previous = HashOf(blocks.back());
  }
  const std::string path = folder.Path("long.segment");
  WriteSegment(path, blocks, "");
  const auto file = SegmentFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  for (const bool streamed : {false, true}) {
    if (streamed) ASSERT_TRUE((*file)->Verify().ok());
    for (const StoredBlock& block : blocks) {
      for (const Sequence sequence : {block.first, LastOf(block)}) {
        const auto found = (*file)->ReadBlock(sequence);
        ASSERT_TRUE(found.ok()) << found.status();
        EXPECT_EQ((*found)->bytes, block.bytes);
      }
    }
    for (const Sequence outside :
         {Sequence{0}, Sequence{kFirst - 1}, Sequence{LastOf(blocks.back()).value() + 1}}) {
      EXPECT_TRUE(absl::IsNotFound((*file)->ReadBlock(outside).status())) << outside.value();
    }
  }
  std::string bytes = ReadFile(path);
  bytes[bytes.size() / 2] ^= 1;
  WriteFile(path, bytes);
  int damaged = 0;
  for (const StoredBlock& block : blocks) {
    const auto found = (*file)->ReadBlock(block.first);
    if (found.ok()) {
      EXPECT_EQ((*found)->bytes, block.bytes);
    } else {
      EXPECT_TRUE(absl::IsDataLoss(found.status())) << found.status();
      ++damaged;
    }
  }
  EXPECT_GT(damaged, 0);
}

TEST(SegmentFile, NeverTakesAnothersPlaceAndLeavesNothingHalfWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("a.segment");
  WriteFile(path, "mine");
  EXPECT_TRUE(absl::IsFailedPrecondition(SegmentWriter::Create(path).status()));
  {
    auto writer = SegmentWriter::Create(folder.Path("b.segment"));
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Add(MakeBlocks(1, kGenesisHash)[0]).ok());
  }
  {
    // Nor one that came while the segment was written.
    auto writer = SegmentWriter::Create(folder.Path("c.segment"));
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Add(MakeBlocks(1, kGenesisHash)[0]).ok());
    std::filesystem::rename(path, folder.Path("c.segment"));
    EXPECT_TRUE(absl::IsFailedPrecondition((*writer)->Finish("").status()));
  }
  const std::filesystem::directory_iterator files(folder.Path("."));
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
  EXPECT_EQ(ReadFile(folder.Path("c.segment")), "mine");
}

TEST(SegmentFile, ThatIsNotThereIsNotFound) {
  const TemporaryFolder folder;
  EXPECT_TRUE(absl::IsNotFound(SegmentFile::Open(folder.Path("none")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(SegmentFile::Open(folder.Path(".")).status()));
}

TEST(SegmentFile, WithAnyByteChangedIsFound) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("a.segment");
  WriteSegment(path, MakeBlocks(1, kGenesisHash));
  const std::string good = ReadFile(path);
  ASSERT_TRUE(ReadSegment(good).ok());
  for (size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    const absl::Status status = ReadSegment(changed);
    ASSERT_TRUE(absl::IsDataLoss(status)) << "byte " << at << ": " << status;
    ASSERT_NE(status.message().find("byte "), absl::string_view::npos) << status;
  }
}

TEST(SegmentFile, CutOffOrAddedToIsFound) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("a.segment");
  WriteSegment(path, MakeBlocks(1, kGenesisHash));
  const std::string good = ReadFile(path);
  for (size_t length = 0; length < good.size(); ++length) {
    ASSERT_TRUE(absl::IsDataLoss(ReadSegment(good.substr(0, length)))) << length;
  }
  for (const std::string& more : {std::string(1, '\0'), std::string("x"), good}) {
    EXPECT_TRUE(absl::IsDataLoss(ReadSegment(good + more)));
  }
}

TEST(SegmentFile, SaysWhichSequenceIsDamaged) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("a.segment");
  const auto blocks = MakeBlocks(1, kGenesisHash);
  WriteSegment(path, blocks);
  std::string bytes = ReadFile(path);
  // In the second block, behind its header: the id of entry 4.
  bytes[64 + 4 + blocks[0].bytes.size() + 4 + 130] ^= 1;
  const absl::Status status = ReadSegment(bytes);
  EXPECT_NE(status.message().find("sequence 4"), absl::string_view::npos) << status;
}

TEST(SegmentFile, OfBlocksInAnotherOrderIsFound) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("a.segment");
  // Two blocks of the same length change places, and the file's own hash is not looked at yet.
  const auto blocks = MakeBlocks(1, kGenesisHash);
  const auto others = MakeBlocks(1, BlockHash{1});
  WriteSegment(path, {blocks[0], blocks[1]});
  std::string bytes = ReadFile(path);
  const size_t at = 64 + 4 + blocks[0].bytes.size() + 4;
  ASSERT_EQ(blocks[1].bytes.size(), others[1].bytes.size());
  std::memcpy(bytes.data() + at, others[1].bytes.data(), others[1].bytes.size());
  const absl::Status status = ReadSegment(bytes);
  EXPECT_NE(status.message().find("chain is broken at sequence 4"), absl::string_view::npos)
      << status;
}

TEST(SegmentFile, OfAnyBytesIsRefusedWithoutHarm) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("a.segment");
  WriteSegment(path, MakeBlocks(1, kGenesisHash));
  const std::string good = ReadFile(path);
  std::mt19937_64 random(20261125);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = good;
    for (uint64_t changes = random() % 8 + 1; changes > 0; --changes) {
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, random() % 64);
          break;
        case 2:
          bytes.insert(at, std::string(random() % 64, static_cast<char>(random())));
          break;
      }
      if (bytes.empty()) bytes = "x";
    }
    if (bytes == good) continue;
    ASSERT_TRUE(absl::IsDataLoss(ReadSegment(bytes))) << round;
  }
}

TEST(BlockChain, TakesOnlyTheNextBlock) {
  const auto blocks = MakeBlocks(1, kGenesisHash);
  BlockChain all(Sequence{0});
  ASSERT_TRUE(all.Take(blocks[0].bytes).ok());
  EXPECT_EQ(all.next(), Sequence{4});
  EXPECT_TRUE(absl::IsDataLoss(all.Take(blocks[2].bytes).status()));
  ASSERT_TRUE(all.Take(blocks[1].bytes).ok());
  EXPECT_EQ(all.hash(), HashOf(blocks[1]));

  BlockChain middle(Sequence{4});
  EXPECT_TRUE(absl::IsDataLoss(middle.Take(blocks[0].bytes).status()));
  EXPECT_TRUE(absl::IsDataLoss(middle.Take(blocks[2].bytes).status()));
  EXPECT_TRUE(absl::IsDataLoss(middle.Take({}).status()));
  EXPECT_TRUE(middle.Take(blocks[1].bytes).ok());

  BlockChain exact(Sequence{4}, HashOf(blocks[0]));
  EXPECT_TRUE(exact.Take(blocks[1].bytes).ok());
  BlockChain other(Sequence{4}, kGenesisHash);
  EXPECT_TRUE(absl::IsDataLoss(other.Take(blocks[1].bytes).status()));
}

}  // namespace
}  // namespace lumbung
