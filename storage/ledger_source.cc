#include "storage/ledger_source.h"

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

}  // namespace lumbung
