// Start-up: brings a State and an IdWindow from the data folder to the end of the ledger. Loads the
// checkpoint, replays the ledger from the lower watermark with the hash chain checked, and indexes
// ids and daily balances on the way, so that an empty `derived/` is filled again. One thread reads
// ahead and verifies, the caller's replays, a third writes full generations of ids; the last sealed
// one may be left in the window, for Background to index.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/id_window.h"
#include "engine/state.h"
#include "engine/types.h"
#include "storage/derived_store.h"
#include "storage/ledger_store.h"

namespace lumbung {

struct RecoveryReport {
  Sequence last;           // the ledger's last entry
  Sequence replayed_from;  // first entry read again
  uint64_t replayed_entries = 0;
  uint64_t accounts = 0;    // loaded from the checkpoint
  double load_seconds = 0;  // for that
  double seconds = 0;       // in all
};

// How much of a long replay may have to be done again if it is cut short, in entries.
struct RecoveryPace {
  uint64_t checkpoint_every = 4'000'000;
  // Daily balances made meanwhile are stored: many days pass in a long replay, and until then their
  // balances take memory.
  uint64_t daily_balances_every = 500'000;
};

// REQUIRES: `state` and `ids` are new. `progress` (may be empty) is called every two seconds with
// the sequence reached. DATA_LOSS with the sequence if the ledger does not fit together, or if the
// derived data knows entries that it does not have.
absl::StatusOr<RecoveryReport> Recover(const LedgerStore& ledger, DerivedStore& derived,
                                       State& state, IdWindow& ids,
                                       const std::function<void(Sequence)>& progress,
                                       const RecoveryPace& pace = {});

}  // namespace lumbung
