#include "storage/transparency/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/sha256.h"
#include "storage/transparency/entry_leaves.h"
#include "tests/storage/sample_blocks.h"

namespace lumbung {
namespace {

std::vector<std::byte> FromHex(std::string_view hex) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::string ToHex(const MerkleHash& hash) {
  std::string hex;
  for (const uint8_t byte : hash) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

// The recursive definitions of RFC 6962 §2.1, word for word, on the portable SHA-256: the second
// opinion. Remembers the roots, which would be computed again and again otherwise.
class NaiveTree {
 public:
  using Leaves = std::vector<std::vector<std::byte>>;
  explicit NaiveTree(Leaves leaves) : leaves_(std::move(leaves)) {}

  static MerkleHash Hash(std::byte prefix, const MerkleHash& left, const MerkleHash& right) {
    std::vector<std::byte> bytes = {prefix};
    for (const uint8_t byte : left) bytes.push_back(std::byte{byte});
    for (const uint8_t byte : right) bytes.push_back(std::byte{byte});
    return Sha256Portable(bytes);
  }
  MerkleHash Root(size_t begin, size_t end) const {
    const auto [found, is_new] = roots_.try_emplace({begin, end});
    if (is_new) found->second = ComputedRoot(begin, end);
    return found->second;
  }
  MerkleHash ComputedRoot(size_t begin, size_t end) const {
    if (begin == end) return Sha256Portable({});
    if (end - begin == 1) {
      std::vector<std::byte> bytes = {std::byte{0}};
      bytes.insert(bytes.end(), leaves_[begin].begin(), leaves_[begin].end());
      return Sha256Portable(bytes);
    }
    const size_t k = Split(end - begin);
    return Hash(std::byte{1}, Root(begin, begin + k), Root(begin + k, end));
  }
  MerkleProof Path(size_t m, size_t begin, size_t end) const {
    if (end - begin == 1) return {};
    const size_t k = Split(end - begin);
    MerkleProof path = m < k ? Path(m, begin, begin + k) : Path(m - k, begin + k, end);
    path.push_back(m < k ? Root(begin + k, end) : Root(begin, begin + k));
    return path;
  }
  MerkleProof SubProof(size_t m, size_t begin, size_t end, bool whole) const {
    if (m == end - begin) return whole ? MerkleProof{} : MerkleProof{Root(begin, end)};
    const size_t k = Split(end - begin);
    MerkleProof proof =
        m <= k ? SubProof(m, begin, begin + k, whole) : SubProof(m - k, begin + k, end, false);
    proof.push_back(m <= k ? Root(begin + k, end) : Root(begin, begin + k));
    return proof;
  }
  NodeSource Nodes() const {
    return [this](NodePlace place) -> absl::StatusOr<MerkleHash> {
      const size_t begin = place.index << place.height;
      return Root(begin, begin + (size_t{1} << place.height));
    };
  }

 private:
  static size_t Split(size_t n) {
    size_t k = 1;
    while (2 * k < n) k *= 2;
    return k;
  }
  const Leaves leaves_;
  mutable std::map<std::pair<size_t, size_t>, MerkleHash> roots_;  // by begin and end
};

NaiveTree NumberedTree(size_t size) {
  NaiveTree::Leaves leaves;
  for (size_t i = 0; i < size; ++i) leaves.push_back(FromHex("00ff"));
  for (size_t i = 0; i < size; ++i) leaves[i][0] = static_cast<std::byte>(i);
  return NaiveTree(leaves);
}

// The vectors of the Certificate Transparency code base.
constexpr std::string_view kLeaves[] = {"",
                                        "00",
                                        "10",
                                        "2021",
                                        "3031",
                                        "40414243",
                                        "5051525354555657",
                                        "606162636465666768696a6b6c6d6e6f"};
constexpr std::string_view kRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST(Merkle, HasTheRootsOfThePublishedVectors) {
  EXPECT_EQ(ToHex(EmptyRoot()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  std::vector<MerkleHash> hashes;
  const NodeSource nodes = [&hashes](NodePlace place) -> absl::StatusOr<MerkleHash> {
    const auto begin = hashes.begin() + static_cast<ptrdiff_t>(place.index << place.height);
    return RootOfComplete({begin, begin + (ptrdiff_t{1} << place.height)});
  };
  for (size_t i = 0; i < std::size(kLeaves); ++i) {
    hashes.push_back(LeafHash(FromHex(kLeaves[i])));
    EXPECT_EQ(ToHex(*RootOf(i + 1, nodes)), kRoots[i]) << "size " << i + 1;
  }
}

TEST(Merkle, AgreesWithTheRecursiveDefinitionOnEveryInclusionProof) {
  for (size_t size = 1; size <= 130; ++size) {
    const NaiveTree tree = NumberedTree(size);
    const MerkleHash root = tree.Root(0, size);
    EXPECT_EQ(*RootOf(size, tree.Nodes()), root);
    for (size_t leaf = 0; leaf < size; ++leaf) {
      const MerkleProof proof = tree.Path(leaf, 0, size);
      ASSERT_EQ(*InclusionPath({leaf, size}, tree.Nodes()), proof) << leaf << " of " << size;
      const MerkleHash hash = tree.Root(leaf, leaf + 1);
      EXPECT_TRUE(VerifyInclusion({leaf, size}, hash, proof, root));
      EXPECT_FALSE(VerifyInclusion({leaf + 1, size}, hash, proof, root));
      EXPECT_FALSE(VerifyInclusion({leaf, size}, NodeHash({hash, hash}), proof, root));
      MerkleProof longer = proof;
      longer.push_back(root);
      EXPECT_FALSE(VerifyInclusion({leaf, size}, hash, longer, root));
    }
  }
}

TEST(Merkle, AgreesWithTheRecursiveDefinitionOnEveryConsistencyProof) {
  for (size_t second = 1; second <= 130; ++second) {
    const NaiveTree tree = NumberedTree(second);
    const MerkleHash new_root = tree.Root(0, second);
    for (size_t first = 1; first <= second; ++first) {
      const MerkleProof proof = tree.SubProof(first, 0, second, true);
      ASSERT_EQ(*ConsistencyPath({first, second}, tree.Nodes()), proof) << first << " " << second;
      const MerkleHash old_root = tree.Root(0, first);
      EXPECT_TRUE(VerifyConsistency({first, second}, {old_root, new_root}, proof));
      const MerkleHash other = NodeHash({old_root, old_root});
      EXPECT_FALSE(VerifyConsistency({first, second}, {other, new_root}, proof));
      EXPECT_FALSE(VerifyConsistency({first, second}, {old_root, other}, proof));
      if (first == second) continue;
      MerkleProof shorter = proof;
      shorter.pop_back();
      EXPECT_FALSE(VerifyConsistency({first, second}, {old_root, new_root}, shorter));
    }
  }
}

TEST(Merkle, HashesManyMessagesAsItHashesOne) {
  for (const size_t length :
       {size_t{0}, size_t{1}, size_t{54}, size_t{55}, size_t{64}, size_t{128}}) {
    for (size_t count = 0; count <= 5; ++count) {
      std::vector<std::byte> messages(length * count);
      for (size_t i = 0; i < messages.size(); ++i) messages[i] = static_cast<std::byte>(i * 7);
      std::vector<Sha256Digest> digests(count);
      Sha256OfPrefixed(std::byte{9}, messages, length, digests);
      for (size_t i = 0; i < count; ++i) {
        std::vector<std::byte> one = {std::byte{9}};
        one.insert(one.end(), messages.begin() + static_cast<ptrdiff_t>(i * length),
                   messages.begin() + static_cast<ptrdiff_t>((i + 1) * length));
        EXPECT_EQ(digests[i], Sha256Portable(one)) << length << " bytes, message " << i;
      }
    }
  }
}

// Neighbours of different lengths are padded to different numbers of blocks.
TEST(Merkle, HashesManyMessagesOfTwoPartsAsItHashesOne) {
  std::vector<std::byte> bytes(kMaxSplitBytes);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7);
  const std::span<const std::byte> all(bytes);
  for (const size_t front : {size_t{0}, size_t{1}, size_t{54}, size_t{128}}) {
    std::vector<SplitMessage> messages;
    for (size_t back = 0; back <= kMaxSplitBytes - front; back = back * 3 + 1) {
      messages.push_back({.front = all.first(front), .back = all.subspan(front, back)});
      std::vector<Sha256Digest> digests(messages.size());
      Sha256OfPrefixed(std::byte{9}, messages, digests);
      for (size_t i = 0; i < messages.size(); ++i) {
        std::vector<std::byte> one = {std::byte{9}};
        one.insert(one.end(), all.begin(),
                   all.begin() + static_cast<ptrdiff_t>(front + messages[i].back.size()));
        EXPECT_EQ(digests[i], Sha256Portable(one))
            << front << " and " << messages[i].back.size() << " bytes";
      }
    }
  }
  Sha256OfPrefixed(std::byte{9}, std::span<const SplitMessage>(), {});
}

TEST(Merkle, HashesTheLeavesOfABlockAsItHashesEachAlone) {
  const auto block = MakeBlock(Sequence{1}, kMaxBlockEntries, "bon 17");
  std::vector<MerkleHash> leaves(3);  // what stands there already stays
  AppendLeafHashes({block->entries(), block->attachments()}, leaves);
  ASSERT_EQ(leaves.size(), 3 + kMaxBlockEntries);
  size_t offset = 0;
  for (size_t i = 0; i < kMaxBlockEntries; ++i) {
    const size_t length = block->entries()[i].attachment_length;
    EXPECT_EQ(leaves[3 + i], LeafHash(std::as_bytes(block->entries().subspan(i, 1)),
                                      block->attachments().subspan(offset, length)))
        << "entry " << i;
    offset += length;
  }
}

}  // namespace
}  // namespace lumbung
