#include "storage/ledger_replay.h"

namespace lumbung {

namespace {

// Two generations of 32 bytes a slot; three quarters of the slots are used.
constexpr size_t kSlots = size_t{1} << 18;

}  // namespace

void LedgerReplay::Nowhere::Find(std::span<const TransactionId>,
                                 std::span<ColdLookup> answers) const {
  for (ColdLookup& answer : answers) answer.answer = ColdLookup::Answer::kAbsent;
}

LedgerReplay::LedgerReplay()
    : ids_({kSlots}, nowhere_), replay_(state_, ids_, kNoSequence, kNoSequence) {}

absl::Status LedgerReplay::Apply(const StoredBlock& block) {
  if (ids_.NeedsSealing()) ids_.MarkIndexed();
  if (absl::Status status = replay_.Apply(block.first, block.entries, block.attachments);
      !status.ok()) {
    return status;
  }
  // They are made day by day, for a store that is not there.
  state_.TakeDailyBalances();
  return absl::OkStatus();
}

}  // namespace lumbung
