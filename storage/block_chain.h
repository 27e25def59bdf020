// Checks blocks that come from outside, one behind the other: a file, a connection. What it lets
// pass keeps the invariant of LedgerSource. Safe on any bytes. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/types.h"
#include "storage/block_codec.h"
#include "storage/ledger_source.h"

namespace lumbung {

class BlockChain {
 public:
  // The first block is to contain the sequence `from` (0 means 1). It may name any block before it,
  // unless it begins at 1: then none.
  explicit BlockChain(Sequence from);
  // The first block is to begin at `first` and to name `previous` as the hash of the block before.
  BlockChain(Sequence first, const BlockHash& previous);

  // The block of these bytes if it is the next one. DATA_LOSS with the sequence and what was wrong.
  absl::StatusOr<std::shared_ptr<const StoredBlock>> Take(std::vector<std::byte> bytes);

  // The sequence that the next block is to begin with; before the first one, `from` or `first`.
  Sequence next() const { return next_; }
  // Of the last block taken, or `previous`.
  const BlockHash& hash() const { return hash_; }

 private:
  absl::StatusOr<Sequence> FirstOf(std::span<const std::byte> bytes) const;

  Sequence next_;
  BlockHash hash_ = kGenesisHash;
  bool begun_;  // a block must begin at next_ and name hash_
};

// DATA_LOSS: the block that begins with `first` does not name the hash of the block before it.
// Which of the two blocks was changed it can't tell.
absl::Status BrokenLink(Sequence first);
// Whether the status is that of BrokenLink, also with another message.
bool IsBrokenLink(const absl::Status& status);
// The same failure in other words.
absl::Status Reworded(const absl::Status& status, const std::string& message);

// What the headers of a stored block say: the hash of the block before, and its own.
BlockHash PreviousHashOf(const StoredBlock& block);
BlockHash HashOf(const StoredBlock& block);
// The block's last sequence.
Sequence LastOf(const StoredBlock& block);

}  // namespace lumbung
