// The mathematics of the Merkle tree over the ledger's entries. Definitions: RFC 6962 §2.1 (the
// tree, its hashes and both kinds of proof); algorithms of verification: RFC 9162 §2.1.3.2 and
// §2.1.4.2.
//
//   leaf = SHA-256(0x00 ‖ entry (128 bytes) ‖ attachment), node = SHA-256(0x01 ‖ left ‖ right)
//
// Entry `sequence` is leaf `sequence` - 1; a tree of size n is over the entries 1 … n. A complete
// subtree is named by its height and its place: node (h, i) is over the leaves i·2^h … (i+1)·2^h-1.
//
// Pure functions, any thread. The verifiers take any numbers and bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace lumbung {

using MerkleHash = std::array<uint8_t, 32>;
using MerkleProof = std::vector<MerkleHash>;

// In front of what is hashed as a leaf.
inline constexpr std::byte kLeafPrefix{0x00};

// SHA-256 of nothing: the root of the tree of size 0.
MerkleHash EmptyRoot();
MerkleHash LeafHash(std::span<const std::byte> leaf);
// The same of a leaf in two parts.
MerkleHash LeafHash(std::span<const std::byte> entry, std::span<const std::byte> attachment);

struct Children {
  const MerkleHash& left;
  const MerkleHash& right;
};
MerkleHash NodeHash(const Children& children);
// The parents of hashes that follow each other. REQUIRES: children.size() == 2 * out.size().
void NodeHashes(std::span<const MerkleHash> children, std::span<MerkleHash> out);
// The root over a whole number of levels. REQUIRES: hashes.size() is a power of two.
MerkleHash RootOfComplete(std::vector<MerkleHash> hashes);

// A complete subtree.
struct NodePlace {
  unsigned height = 0;
  uint64_t index = 0;
};
// Gives the hash of a complete subtree within the tree that is asked about.
using NodeSource = std::function<absl::StatusOr<MerkleHash>(NodePlace place)>;

// MTH(D[0:size]). Asks for as many nodes as size has bits.
absl::StatusOr<MerkleHash> RootOf(uint64_t size, const NodeSource& nodes);

struct InclusionQuestion {
  uint64_t leaf = 0;  // from 0
  uint64_t size = 0;
};
// PATH(leaf, D[0:size]). REQUIRES: leaf < size.
absl::StatusOr<MerkleProof> InclusionPath(const InclusionQuestion& question,
                                          const NodeSource& nodes);
bool VerifyInclusion(const InclusionQuestion& question, const MerkleHash& leaf_hash,
                     std::span<const MerkleHash> proof, const MerkleHash& root);

struct ConsistencyQuestion {
  uint64_t first = 0;  // sizes of trees
  uint64_t second = 0;
};
// PROOF(first, D[0:second]); empty if first is 0 or equals second. REQUIRES: first <= second.
absl::StatusOr<MerkleProof> ConsistencyPath(const ConsistencyQuestion& question,
                                            const NodeSource& nodes);
struct Roots {
  const MerkleHash& first;
  const MerkleHash& second;
};
// A tree of size 0 is consistent with every tree, by an empty proof.
bool VerifyConsistency(const ConsistencyQuestion& question, const Roots& roots,
                       std::span<const MerkleHash> proof);

}  // namespace lumbung
