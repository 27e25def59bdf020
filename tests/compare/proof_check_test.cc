#include "bench/compare/proof_check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/entry.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/signing_key.h"

namespace lumbung {
namespace {

constexpr uint64_t kEntries = 4;

std::vector<std::byte> LeafOf(uint64_t sequence) {
  Entry entry;
  entry.amount = Amount{static_cast<int64_t>(sequence)};
  entry.leg_count = 1;
  std::vector<std::byte> leaf(sizeof(Entry));
  std::memcpy(leaf.data(), &entry, sizeof(Entry));
  return leaf;
}

std::string BytesOf(const MerkleHash& hash) { return {hash.begin(), hash.end()}; }

// A signed tree over four entries.
class CheckProofTest : public testing::Test {
 protected:
  CheckProofTest() {
    std::array<MerkleHash, kEntries> leaves;
    for (uint64_t i = 0; i < kEntries; ++i) leaves[i] = LeafHash(LeafOf(i + 1));
    const MerkleHash right = NodeHash({leaves[2], leaves[3]});
    // Of entry 2.
    good_.add_hashes(BytesOf(leaves[0]));
    good_.add_hashes(BytesOf(right));
    const MerkleHash root = NodeHash({NodeHash({leaves[0], leaves[1]}), right});
    SignedNote note{.text = Checkpoint{"test/ledger", kEntries, root}.ToText()};
    note.signatures = {key_.Sign(note.text)};
    checkpoint_ = note.ToString();
  }
  ~CheckProofTest() override { std::filesystem::remove(path_); }

  absl::Status Check(const v1::ProveInclusionReply& reply, uint64_t sequence = 2,
                     uint64_t leaf_of = 2) {
    const std::vector<std::byte> leaf = LeafOf(leaf_of);
    return CheckProof(
        reply,
        {.sequence = sequence, .leaf = leaf, .checkpoint = checkpoint_, .log = key_.verifier()});
  }

  const std::string path_ = testing::TempDir() + "/proof-check-key-" + std::to_string(getpid());
  const SigningKey key_ = *SigningKey::ReadOrMake(path_, "test/ledger", KeyType::kEd25519);
  v1::ProveInclusionReply good_;
  std::string checkpoint_;
};

TEST_F(CheckProofTest, TakesAProofThatHolds) {
  const absl::Status status = Check(good_);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(CheckProofTest, RefusesEveryHashWithABitChanged) {
  for (int i = 0; i < good_.hashes_size(); ++i) {
    v1::ProveInclusionReply bad = good_;
    (*bad.mutable_hashes(i))[7] ^= 1;
    EXPECT_FALSE(Check(bad).ok()) << "hash " << i;
  }
}

TEST_F(CheckProofTest, RefusesHashesThatAreMissingCutOffOrTooMany) {
  v1::ProveInclusionReply missing = good_;
  missing.mutable_hashes()->RemoveLast();
  EXPECT_FALSE(Check(missing).ok());
  v1::ProveInclusionReply cut_off = good_;
  cut_off.mutable_hashes(0)->pop_back();
  EXPECT_FALSE(Check(cut_off).ok());
  v1::ProveInclusionReply more = good_;
  *more.add_hashes() = good_.hashes(0);
  EXPECT_FALSE(Check(more).ok());
}

TEST_F(CheckProofTest, RefusesTheProofOfAnotherEntryAndAnotherEntrysBytes) {
  EXPECT_FALSE(Check(good_, 1).ok());
  EXPECT_FALSE(Check(good_, 2, 3).ok());
}

TEST_F(CheckProofTest, RefusesACheckpointThatTheLogDidNotSign) {
  const size_t size_at = checkpoint_.find("\n4\n");
  ASSERT_NE(size_at, std::string::npos);
  checkpoint_[size_at + 1] = '5';
  EXPECT_FALSE(Check(good_).ok());
}

}  // namespace
}  // namespace lumbung
