// What ends a hold: capture, void, and the deadline. Apply thread only.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/block_writer.h"
#include "engine/command.h"
#include "engine/id_record.h"
#include "engine/posting.h"
#include "engine/request.h"
#include "engine/state_data.h"

namespace lumbung {

// Whole seconds since 1970, as deadlines are kept. REQUIRES: a time before 2106.
uint32_t SecondsOf(Timestamp time);
// The same, rounded up: what a hold's duration is reckoned from, so that it never ends early.
uint32_t SecondsRoundedUp(Timestamp time);

class Holds {
 public:
  Holds(State::Data& data, Posting& posting) : data_(data), posting_(posting) {}

  // `hold` is what is remembered of the id that the command names.
  Result Capture(const struct Capture& capture, std::optional<IdRecord> hold, Timestamp now,
                 BlockWriter& out);
  Result Void(const struct Void& release, std::optional<IdRecord> hold, Timestamp now,
              BlockWriter& out);

  // See StateMachine.
  size_t Expire(Timestamp now, size_t limit, BlockWriter& out);
  std::optional<Timestamp> NextDeadline();

 private:
  // Plans one leg for each of the hold's, first leg given.
  void Plan(HoldRef first);
  // Why the hold can't be captured or voided, or kAccepted; plans its legs if it is one.
  Outcome Check(const Header& header, const std::optional<IdRecord>& hold, Timestamp now,
                Transaction& transaction);
  Outcome PlanAmount(std::optional<Amount> amount);
  // The first leg of the hold with the earliest deadline; empty if no hold is open.
  HoldRef Earliest();

  State::Data& data_;
  Posting& posting_;
};

}  // namespace lumbung
