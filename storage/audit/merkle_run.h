// The Merkle tree (merkle.h) over leaves that come in order, without keeping them: at each height
// at most one node waits for its sibling. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "storage/transparency/merkle.h"

namespace lumbung::audit {

class MerkleRun {
 public:
  // Sees the complete subtrees of the heights 0, 8, 16, … as they come: the tree's files keep
  // these.
  using Sink =
      std::function<void(unsigned height, uint64_t first, std::span<const MerkleHash> nodes)>;

  explicit MerkleRun(Sink sink) : sink_(std::move(sink)) {}

  void Append(std::span<const MerkleHash> leaves);
  uint64_t size() const { return size_; }
  // MTH of all leaves so far.
  MerkleHash Root() const;

 private:
  const Sink sink_;
  uint64_t size_ = 0;
  // At each height, the node without a sibling; within Append also the new ones behind it.
  std::array<std::vector<MerkleHash>, 64> nodes_;
};

}  // namespace lumbung::audit
