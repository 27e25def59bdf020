// The state machine's workshop: the parts that it is made of, and the memory that they reuse from
// one command to the next. Apply thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/command.h"
#include "engine/facts.h"
#include "engine/holds.h"
#include "engine/posting.h"
#include "engine/reversals.h"
#include "engine/state_data.h"
#include "engine/state_machine.h"

namespace lumbung {

// The legs of the commands that are prefetched and not yet applied.
class PrefetchQueue {
 public:
  // Takes in a leg and gives the one that came kDistance calls before.
  Leg Exchange(const Leg& leg) {
    const Leg earlier = legs_[next_];
    legs_[next_] = leg;
    next_ = (next_ + 1) % kDistance;
    return earlier;
  }

 private:
  // Commands that are applied while a slot comes from memory.
  static constexpr size_t kDistance = 4;

  std::array<Leg, kDistance> legs_{};
  size_t next_ = 0;
};

struct StateMachine::Scratch {
  explicit Scratch(State::Data& data)
      : posting(data), holds(data, posting), reversals(data, posting), facts(data) {}

  Posting posting;
  Holds holds;
  Reversals reversals;
  Facts facts;
  PrefetchQueue prefetch;
};

}  // namespace lumbung
