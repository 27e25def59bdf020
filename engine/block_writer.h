// Where the state machine puts its entries: numbers them and fills one block after the other. A
// transaction never spans two blocks, so that it is stored whole or not at all. Apply thread only.
#pragma once

#include <cstddef>
#include <span>

#include "engine/block.h"
#include "engine/entry.h"
#include "engine/types.h"

namespace lumbung {

class BlockWriter {
 public:
  // Takes full blocks and gives empty ones. Called once a block, not once a transaction. Two
  // implementations: the apply stage's pool, and a list in tests.
  class Blocks {
   public:
    virtual ~Blocks() = default;
    // Takes over a closed block and returns another one, which may mean to wait for it. The
    // returned block is Reset by the caller.
    virtual Block& Exchange(Block& closed) = 0;
  };

  // `first` is the sequence of the next entry; `block` is empty.
  BlockWriter(Blocks& blocks, Block& block, Sequence first);

  // Room for a transaction's entries, zeroed, with consecutive sequences from next().
  std::span<Entry> Append(size_t entries, size_t attachment_bytes);
  // The attachment room of the last Append.
  std::span<std::byte> LastAttachment() { return block_->LastAttachment(); }

  // The sequence that the next entry will get.
  Sequence next() const { return next_; }
  // The block being filled.
  const Block& block() const { return *block_; }
  // Closes the block being filled, if it has entries, and exchanges it for an empty one.
  void Flush();

 private:
  Blocks& blocks_;
  Block* block_;
  Sequence next_;
};

}  // namespace lumbung
