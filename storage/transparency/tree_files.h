// The Merkle tree's hashes on disk, derived from the ledger and rebuilt from it. Level L has the
// hashes of all complete subtrees of height 8·L, in order, 32 bytes each, in a file `level-L` that
// only grows. So 256 neighbours are a tile as in C2SP tlog-tiles, a proof reads at most two tiles a
// level, and no entry costs more than one append.
//
// A tile that is complete is checked against its parent's hash when it is read: damage never
// reaches a proof unseen. What is not yet checked by a parent is checked by whoever compares the
// root with a signed one.
//
// While a tree is dropped, or made anew from the ledger, a file `being-rebuilt` stands beside the
// levels: what they have is right, but they may lack something.
//
// Threads: Node and Root may be called by any; all else belongs to one thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/transparency/merkle.h"

namespace lumbung {

class TreeFiles {
 public:
  static constexpr unsigned kTileHeight = 8;
  static constexpr uint64_t kTileHashes = uint64_t{1} << kTileHeight;
  static constexpr unsigned kLevels = 8;  // as many as 64 bits have tiles

  // `folder` must exist. Nothing is opened yet.
  explicit TreeFiles(std::string folder);
  ~TreeFiles();
  TreeFiles(const TreeFiles&) = delete;
  TreeFiles& operator=(const TreeFiles&) = delete;

  absl::Status Open();
  // The leaves that level 0 has, whole hashes only, of which some may be behind what is good.
  absl::StatusOr<uint64_t> LeavesOnDisk() const;
  // Forgets what is behind `size` leaves and prepares to append there. DATA_LOSS if the files have
  // less or don't fit together at the tree's right edge.
  absl::Status Truncate(uint64_t size);
  // Forgets everything, with the mark, to be appended again.
  absl::Status BeginAnew();
  // The tree has all that was signed: takes the mark away, if it is there, when that is durable.
  absl::Status EndAnew();
  static bool IsBeingRebuilt(const std::string& folder);
  // Removes the levels; the folder, which may be a link to another place, stays. REQUIRES: nobody
  // has them open.
  static absl::Status Drop(const std::string& folder);
  absl::Status Append(std::span<const MerkleHash> leaves);
  // Makes what was appended durable.
  absl::Status Sync();

  uint64_t size() const { return size_.load(std::memory_order_acquire); }
  // REQUIRES (else OUT_OF_RANGE): the subtree is complete within size(). DATA_LOSS if a tile on the
  // way is damaged, or the disk can't read it; of a damaged one the message names file and tile.
  absl::StatusOr<MerkleHash> Node(NodePlace place) const;
  NodeSource Nodes() const;
  // MTH of the first `size` leaves.
  absl::StatusOr<MerkleHash> Root(uint64_t size) const { return RootOf(size, Nodes()); }

 private:
  struct TilePlace {
    unsigned level;
    uint64_t index;
  };
  absl::StatusOr<std::vector<MerkleHash>> ReadTile(TilePlace tile) const;
  absl::StatusOr<MerkleHash> ReadHash(unsigned level, uint64_t index) const;
  absl::Status Write(unsigned level, std::span<const MerkleHash> hashes);
  uint64_t CountAt(unsigned level) const { return size() >> (level * kTileHeight); }

  const std::string folder_;
  std::array<int, kLevels> files_;
  // Appending thread.
  std::array<uint64_t, kLevels> written_{};      // hashes in each file
  std::array<std::vector<MerkleHash>, 64> odd_;  // at each height, the node without a sibling yet
  // Stored after the hashes are written; pairs with the readers' load.
  std::atomic<uint64_t> size_{0};
};

}  // namespace lumbung
