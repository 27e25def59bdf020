// Brings a State (and an IdWindow) up to the ledger by applying its entries, and disagrees with the
// ledger where the entries don't follow from each other: the recorded balances, back pointers, leg
// counts, sequences and times are compared with what the state says, and an id with those that are
// in the window then (one that is spent twice further apart is not noticed). One thread.
#pragma once

#include <cstddef>
#include <span>

#include "absl/status/status.h"
#include "engine/attachment.h"
#include "engine/entry.h"
#include "engine/id_window.h"
#include "engine/state.h"
#include "engine/types.h"

namespace lumbung {

class Replay {
 public:
  // Entries up to `state_watermark` are taken as already contained in the state, and ids of entries
  // up to `ids_watermark` as already in the cold index.
  Replay(State& state, IdWindow& ids, Sequence state_watermark, Sequence ids_watermark);

  // Applies a run of entries that begins and ends with whole transactions, such as a block's.
  // REQUIRES: the run follows the one before; ids.NeedsSealing() is false, so the caller seals (or
  // indexes) between runs, of which each spends at most a block's ids.
  // DATA_LOSS with the sequence and what was wrong if they don't fit.
  absl::Status Apply(Sequence first, std::span<const Entry> entries,
                     std::span<const std::byte> attachments);

 private:
  // What has been asked for of a run, in entries from its front.
  struct LookedAhead {
    size_t slots = 0;
    size_t records = 0;
  };
  // Asks the processor for the memory that the entries behind `at` will touch.
  void LookAhead(Sequence first, std::span<const Entry> entries, size_t at,
                 LookedAhead& done) const;
  absl::Status ApplyOne(Sequence first, std::span<const Entry> entries,
                        std::span<const std::byte> attachment);
  absl::Status RememberId(Sequence first, std::span<const Entry> entries,
                          const Attachment& attachment);

  State& state_;
  IdWindow& ids_;
  Sequence state_watermark_;
  Sequence ids_watermark_;
  Timestamp last_timestamp_;  // of the entry before
};

}  // namespace lumbung
