// The stored form of a block: its 128-byte header, and the check of everything behind it. The
// grammar stands at the top of the .cc and, with a worked example in hex, in FORMAT.md. Pure
// functions, any thread; Verify is safe on arbitrary bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/block.h"
#include "engine/entry.h"
#include "engine/types.h"

namespace lumbung {

using BlockHash = std::array<uint8_t, 32>;

// The hash before the first block.
inline constexpr BlockHash kGenesisHash{};

// What a block's bytes say, once verified. The spans point into the bytes.
struct BlockView {
  Sequence first;
  BlockHash previous_hash;
  BlockHash hash;
  std::span<const Entry> entries;
  std::span<const std::byte> attachments;

  Sequence last() const { return Sequence{first.value() + entries.size() - 1}; }
};

// Writes the header into a closed block's bytes and returns the block's hash.
BlockHash SealBlock(Block& block, const BlockHash& previous_hash);

// Checks the header, the lengths, the hash, and that the entries are whole transactions whose
// attachments add up, without a reserved bit. DATA_LOSS with `expected_first` and what was wrong.
// REQUIRES: bytes are aligned to 8.
absl::StatusOr<BlockView> VerifyBlock(std::span<const std::byte> bytes, Sequence expected_first);

// The same for blocks that are read one behind the other, in their order: their hashes are computed
// side by side, which takes half the time where the processor has the instructions.
inline constexpr size_t kVerifiedTogether = 4;
struct UnverifiedBlock {
  std::span<const std::byte> bytes;
  Sequence expected_first;
};
std::vector<absl::StatusOr<BlockView>> VerifyBlocks(std::span<const UnverifiedBlock> blocks);

}  // namespace lumbung
