// Replays a ledger from its first block through the rules, in memory alone: whoever wants the state
// of the books without a folder to keep it in. Memory is that of the accounts, and of all holds and
// corrections that there ever were; 17 MB for ids. One thread.
#pragma once

#include "absl/status/status.h"
#include "engine/cold_index.h"
#include "engine/id_window.h"
#include "engine/replay.h"
#include "engine/state.h"
#include "storage/ledger_source.h"

namespace lumbung {

class LedgerReplay {
 public:
  LedgerReplay();

  // The block that follows the one before; the first is that of sequence 1. DATA_LOSS with the
  // sequence and what was wrong if it does not follow from the rules. An id that is spent twice is
  // noticed only within some hundred thousand transactions, because older ones are forgotten.
  absl::Status Apply(const StoredBlock& block);

  // After the last block applied.
  State& state() { return state_; }
  const State& state() const { return state_; }

 private:
  // Ids that leave the window are forgotten.
  class Nowhere final : public ColdIndex {
   public:
    void Find(std::span<const TransactionId>, std::span<ColdLookup> answers) const override;
    uint64_t generations() const override { return 0; }
  };

  const Nowhere nowhere_;
  State state_;
  IdWindow ids_;
  Replay replay_;
};

}  // namespace lumbung
