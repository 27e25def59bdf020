#include "storage/audit/merkle_run.h"

#include <optional>

#include "storage/transparency/tree_files.h"

namespace lumbung::audit {

void MerkleRun::Append(std::span<const MerkleHash> leaves) {
  uint64_t before = size_;  // nodes at this height
  size_ += leaves.size();
  nodes_[0].insert(nodes_[0].end(), leaves.begin(), leaves.end());
  for (unsigned height = 0; height < nodes_.size(); ++height) {
    std::vector<MerkleHash>& nodes = nodes_[height];
    const size_t waiting = before & 1;
    if (nodes.size() == waiting) break;  // nothing new
    if (height % TreeFiles::kTileHeight == 0 && sink_) {
      sink_(height, before, std::span(nodes).subspan(waiting));
    }
    const size_t pairs = nodes.size() / 2;
    if (pairs == 0) break;
    std::vector<MerkleHash>& parents = nodes_[height + 1];
    const size_t old = parents.size();
    parents.resize(old + pairs);
    NodeHashes(std::span(nodes).first(2 * pairs), std::span(parents).subspan(old));
    nodes.erase(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(2 * pairs));
    before /= 2;
  }
}

MerkleHash MerkleRun::Root() const {
  std::optional<MerkleHash> root;
  for (const std::vector<MerkleHash>& nodes : nodes_) {
    if (nodes.empty()) continue;
    root = root ? NodeHash({nodes.front(), *root}) : nodes.front();
  }
  return root.value_or(EmptyRoot());
}

}  // namespace lumbung::audit
