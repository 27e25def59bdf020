// The rules: (state, command, time) → (result, entries). No clock, no I/O, no randomness, no
// threads: the same commands at the same times give the same entries, byte for byte. Apply thread
// only.
//
// For each transaction, in this order: the id (a repeat gets its original outcome, other content
// under a spent id is refused), the original or the hold it names, the legs, then each check in the
// order of Outcome; then all legs are posted and the entries written, or none is posted and the
// decline is written. Exactly the accepted and the declined spend their id.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/block_writer.h"
#include "engine/command.h"
#include "engine/id_window.h"
#include "engine/original_source.h"
#include "engine/request.h"
#include "engine/state.h"
#include "engine/types.h"

namespace lumbung {

class StateMachine {
 public:
  StateMachine(State& state, IdWindow& ids, OriginalSource& originals);
  ~StateMachine();

  // REQUIRES: `now` is later than every time given before; the command passed Validate
  // (validate.h).
  Result Apply(const Command& command, const Lookups& lookups, Timestamp now, BlockWriter& out);

  // How many commands ahead the apply stage calls Prefetch; bench/README.md has what other
  // distances cost.
  static constexpr size_t kPrefetchDistance = 12;

  // Asks for the memory that Apply(command) will touch; call it some commands ahead. Also of a
  // command that was refused as malformed, which Apply must not see.
  void Prefetch(const Command& command) const;

  // Writes an expiry for each open hold whose deadline is at or before `now`, at most `limit` of
  // them, in order of (deadline, sequence). Returns how many. All carry the time `now`.
  size_t ExpireHolds(Timestamp now, size_t limit, BlockWriter& out);
  // The earliest deadline among open holds.
  std::optional<Timestamp> NextDeadline() const;

 private:
  struct Scratch;

  // The answer to an id that was spent before or may not be spent; kNone if it is free.
  Result RefuseKnown(const TransactionId& id, const Lookups& lookups, uint64_t fingerprint,
                     Timestamp now) const;
  Result Execute(const Post& post, const Lookups& lookups, Timestamp now, BlockWriter& out);
  Result Execute(const Hold& hold, const Lookups& lookups, Timestamp now, BlockWriter& out);
  Result Execute(const Capture& capture, const Lookups& lookups, Timestamp now, BlockWriter& out);
  Result Execute(const Void& release, const Lookups& lookups, Timestamp now, BlockWriter& out);
  Result Execute(const Refund& refund, const Lookups& lookups, Timestamp now, BlockWriter& out);
  Result Execute(const Reverse& reverse, const Lookups& lookups, Timestamp now, BlockWriter& out);
  Result Execute(const Resolve& resolve, const Lookups& lookups, Timestamp now, BlockWriter& out);

  State& state_;
  IdWindow& ids_;
  OriginalSource& originals_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace lumbung
