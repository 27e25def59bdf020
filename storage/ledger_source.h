// A ledger to read from front to back, wherever it is kept: a data folder or a backup
// (ledger_store.h), an exported file, a server. What goes through a whole ledger (recovery, audit,
// export, books) is written against this and reads all of them.
//
// INVARIANT: what a visitor is given has been checked: each block's own hash, the chain from one to
// the next, and contiguity. It is given nothing behind the first block that fails.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/entry.h"
#include "engine/types.h"

namespace lumbung {

// A block as read back: verified, decoded in place.
struct StoredBlock {
  Sequence first;
  std::vector<std::byte> bytes;  // owns what the spans show
  std::span<const Entry> entries;
  std::span<const std::byte> attachments;
};

// Calls `visit` for each entry of the block from the sequence `from` on, with its attachment, until
// it returns false.
using VisitEntry = std::function<bool(Sequence sequence, const Entry& entry,
                                      std::span<const std::byte> attachment)>;
void ForEachEntry(const StoredBlock& block, Sequence from, const VisitEntry& visit);

class LedgerSource {
 public:
  virtual ~LedgerSource() = default;

  // The sequence of the last entry; 0 if empty. Of a ledger that still grows, the last one so far.
  virtual Sequence last() const = 0;
  // Calls `visit` for each block from the one that contains `from` on, in order, until it returns
  // false or the end is reached. DATA_LOSS names the sequence and what was wrong there; other codes
  // are the environment's.
  virtual absl::Status StreamBlocks(
      Sequence from,
      const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const = 0;
  // The block that contains the sequence, checked by its own hash: by streaming from it, unless the
  // source knows a quicker way. NOT_FOUND if there is none.
  virtual absl::StatusOr<std::shared_ptr<const StoredBlock>> ReadBlock(Sequence sequence) const;
};

}  // namespace lumbung
