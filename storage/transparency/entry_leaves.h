// The leaves of the Merkle tree: each entry as it is stored, with its attachment behind it. Pure
// functions, any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/entry.h"
#include "storage/transparency/merkle.h"

namespace lumbung {

// Entries that follow each other, and all of their attachments, one behind the other.
struct EntryRun {
  std::span<const Entry> entries;
  std::span<const std::byte> attachments;
};

// Appends the leaf hashes of the entries. REQUIRES: the attachments are as long together as the
// entries say.
void AppendLeafHashes(const EntryRun& run, std::vector<MerkleHash>& leaves);

}  // namespace lumbung
