#include "storage/transparency/tree_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "storage/transparency/checkpoint_file.h"
#include "storage/transparency/signing_key.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

constexpr uint64_t kSize = 70'001;  // two levels of complete tiles, and a ragged edge

std::vector<MerkleHash> NumberedLeaves(uint64_t size) {
  std::vector<MerkleHash> leaves(size);
  for (uint64_t i = 0; i < size; ++i) leaves[i] = LeafHash(std::as_bytes(std::span(&i, 1)));
  return leaves;
}

// The tree in memory, hashed from its leaves each time.
NodeSource InMemory(const std::vector<MerkleHash>& leaves) {
  return [&leaves](NodePlace place) -> absl::StatusOr<MerkleHash> {
    const auto begin = leaves.begin() + static_cast<ptrdiff_t>(place.index << place.height);
    return RootOfComplete({begin, begin + (ptrdiff_t{1} << place.height)});
  };
}

class TreeFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(path_);
    ASSERT_TRUE(tree_.Open().ok());
    ASSERT_TRUE(tree_.Truncate(0).ok());
    // In portions of many sizes.
    for (uint64_t begin = 0, portion = 1; begin < kSize; begin += portion, portion += 37) {
      portion = std::min(portion, kSize - begin);
      ASSERT_TRUE(tree_.Append(std::span(leaves_).subspan(begin, portion)).ok());
    }
    ASSERT_EQ(tree_.size(), kSize);
  }

  void FlipByte(const std::string& file, uint64_t offset) {
    std::fstream stream(path_ + "/" + file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(static_cast<char>(byte ^ 1));
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("tree");
  const std::vector<MerkleHash> leaves_ = NumberedLeaves(kSize);
  TreeFiles tree_{path_};
};

TEST_F(TreeFilesTest, ProvesFromDiskWhatTheTreeInMemoryProves) {
  const NodeSource memory = InMemory(leaves_);
  for (const uint64_t size : {uint64_t{1}, uint64_t{255}, uint64_t{256}, uint64_t{65'537}, kSize}) {
    const MerkleHash root = *tree_.Root(size);
    EXPECT_EQ(root, *RootOf(size, memory));
    for (const uint64_t leaf : {uint64_t{0}, size / 2, size - 1}) {
      const auto proof = InclusionPath({leaf, size}, tree_.Nodes());
      ASSERT_TRUE(proof.ok()) << proof.status();
      EXPECT_TRUE(VerifyInclusion({leaf, size}, leaves_[leaf], *proof, root));
    }
    const auto proof = ConsistencyPath({size, kSize}, tree_.Nodes());
    EXPECT_TRUE(VerifyConsistency({size, kSize}, {root, *tree_.Root(kSize)}, *proof));
  }
}

TEST_F(TreeFilesTest, GoesOnWhereItWasAndForgetsWhatIsBehind) {
  TreeFiles again(path_);
  ASSERT_TRUE(again.Open().ok());
  EXPECT_EQ(*again.LeavesOnDisk(), kSize);
  ASSERT_TRUE(again.Truncate(40'000).ok());
  ASSERT_TRUE(again.Append(std::span(leaves_).subspan(40'000)).ok());
  EXPECT_EQ(*again.Root(kSize), *RootOf(kSize, InMemory(leaves_)));
}

TEST_F(TreeFilesTest, FindsADamagedTile) {
  FlipByte("level-0", 32 * 300 + 5);  // in tile 1
  EXPECT_EQ(InclusionPath({300, kSize}, tree_.Nodes()).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_TRUE(InclusionPath({600, kSize}, tree_.Nodes()).ok());
  FlipByte("level-1", 32 * 2 + 5);  // the parent of tile 2
  EXPECT_EQ(InclusionPath({600, kSize}, tree_.Nodes()).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(TreeFilesTest, RefusesFilesThatAreTooShort) {
  std::filesystem::resize_file(path_ + "/level-1", 32);
  TreeFiles again(path_);
  ASSERT_TRUE(again.Open().ok());
  EXPECT_EQ(again.Truncate(kSize).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(again.size(), 0U);
}

// What is left of a drop that is cut short is told from damage.
TEST_F(TreeFilesTest, IsMarkedWhileItIsDroppedOrMadeAnew) {
  EXPECT_FALSE(TreeFiles::IsBeingRebuilt(path_));
  TreeFiles again(path_);
  ASSERT_TRUE(again.Open().ok());
  ASSERT_TRUE(again.BeginAnew().ok());
  EXPECT_TRUE(TreeFiles::IsBeingRebuilt(path_));
  ASSERT_TRUE(again.EndAnew().ok());
  EXPECT_FALSE(TreeFiles::IsBeingRebuilt(path_));
  std::filesystem::remove(path_ + "/level-3");
  std::filesystem::create_directories(path_ + "/level-3/x");  // can't be removed
  EXPECT_FALSE(TreeFiles::Drop(path_).ok());
  EXPECT_TRUE(TreeFiles::IsBeingRebuilt(path_));
  std::filesystem::remove_all(path_ + "/level-3");
  EXPECT_TRUE(TreeFiles::Drop(path_).ok());
  EXPECT_TRUE(std::filesystem::is_empty(path_));
  EXPECT_TRUE(TreeFiles::Drop(path_ + "/nowhere").ok());
}

class CheckpointFileTest : public testing::Test {
 protected:
  std::string Note(uint64_t size) const {
    SignedNote note{.text = Checkpoint{.origin = "lumbung/a", .size = size}.ToText()};
    note.signatures = {key_.Sign(note.text)};
    return note.ToString();
  }
  void WriteTwo() {
    CheckpointFile file(path_);
    ASSERT_TRUE(file.Open(key_.verifier()).ok());
    ASSERT_TRUE(file.Append(5, Note(5)).ok());
    ASSERT_TRUE(file.Append(9, Note(9)).ok());
  }

  // The second of two records, of which `what` is left, is cut off and can be written again.
  void ExpectTheSecondCutOff(const std::string& what, uintmax_t whole) {
    CheckpointFile file(path_);
    const absl::Status opened = file.Open(key_.verifier());
    ASSERT_TRUE(opened.ok()) << what << ": " << opened;
    EXPECT_EQ(file.newest().size(), 1U);
    EXPECT_EQ(std::filesystem::file_size(path_), whole / 2);
    ASSERT_TRUE(file.Append(9, Note(9)).ok());
    EXPECT_EQ(std::filesystem::file_size(path_), whole);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("checkpoints");
  SigningKey key_ = *SigningKey::ReadOrMake(folder_.Path("key"), "lumbung/a", KeyType::kEd25519);
};

TEST_F(CheckpointFileTest, CutsATornEndOffAtEveryLength) {
  WriteTwo();
  const auto whole = std::filesystem::file_size(path_);
  for (auto size = whole - 1; size > whole / 2; --size) {
    std::filesystem::resize_file(path_, size);
    ExpectTheSecondCutOff(std::to_string(size) + " bytes", whole);
  }
}

TEST_F(CheckpointFileTest, CutsATornEndOffAlsoWhereThePowerLeftZerosBehindIt) {
  WriteTwo();
  const auto whole = std::filesystem::file_size(path_);
  for (auto size = whole - 1; size > whole / 2; --size) {
    std::filesystem::resize_file(path_, size);
    std::filesystem::resize_file(path_, whole);
    ExpectTheSecondCutOff(std::to_string(size) + " bytes and zeros", whole);
  }
}

TEST_F(CheckpointFileTest, CutsATornEndOffWhoseFirstSectorThePowerDidNotReach) {
  WriteTwo();
  const auto whole = std::filesystem::file_size(path_);
  std::fstream stream(path_, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(whole / 2));
  stream << std::string(20, '\0');
  stream.close();
  ExpectTheSecondCutOff("zeros in front", whole);
}

// The first one, and in the last its word, its length, its first line and its end.
TEST_F(CheckpointFileTest, RefusesADamagedRecordAndLeavesItThere) {
  WriteTwo();
  const auto whole = std::filesystem::file_size(path_);
  for (const auto at : {uintmax_t{40}, whole / 2, whole / 2 + 11, whole / 2 + 20, whole - 2}) {
    std::fstream stream(path_, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const char good = static_cast<char>(stream.get());
    stream.seekp(static_cast<std::streamoff>(at)).put('#').flush();
    CheckpointFile file(path_);
    EXPECT_EQ(file.Open(key_.verifier()).code(), absl::StatusCode::kDataLoss) << at;
    EXPECT_EQ(std::filesystem::file_size(path_), whole) << at;
    stream.seekp(static_cast<std::streamoff>(at)).put(good);
  }
}

}  // namespace
}  // namespace lumbung
