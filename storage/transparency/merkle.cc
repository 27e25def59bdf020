#include "storage/transparency/merkle.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/check.h"
#include "engine/sha256.h"

namespace lumbung {

namespace {

constexpr std::byte kNodePrefix{0x01};

// The leaves from `begin` on, as many as `size`, of a tree whose subtrees begin where they may: as
// in RFC 6962, at a multiple of a power of two no smaller than any complete subtree within.
struct Range {
  uint64_t begin = 0;
  uint64_t size = 0;
};

// The largest power of two smaller than n. REQUIRES: n > 1.
uint64_t SplitOf(uint64_t n) { return std::bit_floor(n - 1); }

// MTH of a range: its complete subtrees from the left, joined from the right.
absl::StatusOr<MerkleHash> RootOfRange(Range range, const NodeSource& nodes) {
  std::vector<MerkleHash> complete;
  while (range.size > 0) {
    const uint64_t part = std::bit_floor(range.size);
    const auto height = static_cast<unsigned>(std::countr_zero(part));
    const absl::StatusOr<MerkleHash> node = nodes({height, range.begin >> height});
    if (!node.ok()) return node.status();
    complete.push_back(*node);
    range.begin += part;
    range.size -= part;
  }
  MerkleHash root = complete.back();
  for (size_t i = complete.size() - 1; i-- > 0;) root = NodeHash({complete[i], root});
  return root;
}

}  // namespace

MerkleHash EmptyRoot() { return Sha256({}); }

MerkleHash LeafHash(std::span<const std::byte> leaf) { return LeafHash(leaf, {}); }

MerkleHash LeafHash(std::span<const std::byte> entry, std::span<const std::byte> attachment) {
  std::vector<std::byte> bytes;
  bytes.reserve(1 + entry.size() + attachment.size());
  bytes.push_back(kLeafPrefix);
  bytes.insert(bytes.end(), entry.begin(), entry.end());
  bytes.insert(bytes.end(), attachment.begin(), attachment.end());
  return Sha256(bytes);
}

MerkleHash NodeHash(const Children& children) {
  std::array<std::byte, 65> bytes;
  bytes[0] = kNodePrefix;
  std::ranges::copy(std::as_bytes(std::span(children.left)), bytes.begin() + 1);
  std::ranges::copy(std::as_bytes(std::span(children.right)), bytes.begin() + 33);
  return Sha256(bytes);
}

void NodeHashes(std::span<const MerkleHash> children, std::span<MerkleHash> out) {
  Sha256OfPrefixed(kNodePrefix, std::as_bytes(children), 2 * sizeof(MerkleHash), out);
}

MerkleHash RootOfComplete(std::vector<MerkleHash> hashes) {
  LUMBUNG_CHECK(std::has_single_bit(hashes.size()));
  while (hashes.size() > 1) {
    std::vector<MerkleHash> parents(hashes.size() / 2);
    NodeHashes(hashes, parents);
    hashes = std::move(parents);
  }
  return hashes.front();
}

absl::StatusOr<MerkleHash> RootOf(uint64_t size, const NodeSource& nodes) {
  if (size == 0) return EmptyRoot();
  return RootOfRange({0, size}, nodes);
}

absl::StatusOr<MerkleProof> InclusionPath(const InclusionQuestion& question,
                                          const NodeSource& nodes) {
  LUMBUNG_CHECK(question.leaf < question.size);
  MerkleProof path;
  Range range{0, question.size};
  while (range.size > 1) {
    const uint64_t split = SplitOf(range.size);
    const Range left{range.begin, split};
    const Range right{range.begin + split, range.size - split};
    const bool goes_left = question.leaf < right.begin;
    const absl::StatusOr<MerkleHash> sibling = RootOfRange(goes_left ? right : left, nodes);
    if (!sibling.ok()) return sibling.status();
    path.push_back(*sibling);
    range = goes_left ? left : right;
  }
  std::ranges::reverse(path);
  return path;
}

bool VerifyInclusion(const InclusionQuestion& question, const MerkleHash& leaf_hash,
                     std::span<const MerkleHash> proof, const MerkleHash& root) {
  if (question.leaf >= question.size) return false;
  uint64_t fn = question.leaf;
  uint64_t sn = question.size - 1;
  MerkleHash r = leaf_hash;
  for (const MerkleHash& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = NodeHash({p, r});
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = NodeHash({r, p});
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == root;
}

absl::StatusOr<MerkleProof> ConsistencyPath(const ConsistencyQuestion& question,
                                            const NodeSource& nodes) {
  LUMBUNG_CHECK(question.first <= question.second);
  MerkleProof path;
  if (question.first == 0 || question.first == question.second) return path;
  // SUBPROOF of RFC 6962 §2.1.2. `whole`: the verifier knows the root of the range himself.
  Range range{0, question.second};
  uint64_t first = question.first;
  bool whole = true;
  while (first != range.size) {
    const uint64_t split = SplitOf(range.size);
    const Range left{range.begin, split};
    const Range right{range.begin + split, range.size - split};
    const bool goes_left = first <= split;
    const absl::StatusOr<MerkleHash> sibling = RootOfRange(goes_left ? right : left, nodes);
    if (!sibling.ok()) return sibling.status();
    path.push_back(*sibling);
    if (!goes_left) {
      first -= split;
      whole = false;
    }
    range = goes_left ? left : right;
  }
  if (!whole) {
    const absl::StatusOr<MerkleHash> root = RootOfRange(range, nodes);
    if (!root.ok()) return root.status();
    path.push_back(*root);
  }
  std::ranges::reverse(path);
  return path;
}

bool VerifyConsistency(const ConsistencyQuestion& question, const Roots& roots,
                       std::span<const MerkleHash> proof) {
  const auto [first, second] = question;
  if (first > second) return false;
  if (first == second) return proof.empty() && roots.first == roots.second;
  if (first == 0) return proof.empty() && roots.first == EmptyRoot();
  uint64_t fn = first - 1;
  uint64_t sn = second - 1;
  while ((fn & 1) != 0) {
    fn >>= 1;
    sn >>= 1;
  }
  size_t next = 0;
  // A first tree that is complete is a node of the second: the verifier begins with it.
  if (!std::has_single_bit(first)) {
    if (proof.empty()) return false;
    next = 1;
  }
  MerkleHash fr = next == 1 ? proof.front() : roots.first;
  MerkleHash sr = fr;
  for (; next < proof.size(); ++next) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = NodeHash({proof[next], fr});
      sr = NodeHash({proof[next], sr});
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = NodeHash({sr, proof[next]});
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == roots.first && sr == roots.second;
}

}  // namespace lumbung
