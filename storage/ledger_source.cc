#include "storage/ledger_source.h"

#include <string>
#include <utility>

namespace lumbung {

void ForEachEntry(const StoredBlock& block, Sequence from, const VisitEntry& visit) {
  size_t offset = 0;
  for (size_t i = 0; i < block.entries.size(); ++i) {
    const Entry& entry = block.entries[i];
    const Sequence sequence{block.first.value() + i};
    const auto attachment = block.attachments.subspan(offset, entry.attachment_length);
    offset += entry.attachment_length;
    if (sequence >= from && !visit(sequence, entry, attachment)) return;
  }
}

absl::StatusOr<std::shared_ptr<const StoredBlock>> LedgerSource::ReadBlock(
    Sequence sequence) const {
  std::shared_ptr<const StoredBlock> found;
  const absl::Status status = StreamBlocks(sequence, [&](auto block) {
    found = std::move(block);
    return false;
  });
  if (!status.ok()) return status;
  if (found == nullptr || sequence < found->first ||
      sequence.value() - found->first.value() >= found->entries.size()) {
    return absl::NotFoundError("sequence " + std::to_string(sequence.value()) +
                               " is not in the ledger");
  }
  return found;
}

}  // namespace lumbung
