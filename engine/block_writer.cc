#include "engine/block_writer.h"

#include "engine/check.h"

namespace lumbung {

BlockWriter::BlockWriter(Blocks& blocks, Block& block, Sequence first)
    : blocks_(blocks), block_(&block), next_(first) {
  block_->Reset(first);
}

std::span<Entry> BlockWriter::Append(size_t entries, size_t attachment_bytes) {
  if (!block_->Fits(entries, attachment_bytes)) Flush();
  next_ = Sequence{next_.value() + entries};
  LUMBUNG_CHECK(next_.value() <= kMaxSequence);
  return block_->Append(entries, attachment_bytes);
}

void BlockWriter::Flush() {
  if (block_->empty()) return;
  block_->Close();
  block_ = &blocks_.Exchange(*block_);
  block_->Reset(next_);
}

}  // namespace lumbung
