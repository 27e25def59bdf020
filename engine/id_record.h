// What the engine remembers of a spent id, in the window (id_window.h) and in the cold index.
#pragma once

#include <cstdint>

#include "engine/outcome.h"
#include "engine/types.h"

namespace lumbung {

struct IdRecord {
  Sequence sequence;  // of the transaction's first entry
  Outcome outcome = Outcome::kNone;
  uint64_t fingerprint = 0;  // of the content (fingerprint.h)
};

// The answer of the cold index, found by the thread that decoded the request.
struct ColdLookup {
  enum class Answer : uint8_t {
    kNotNeeded,  // a young UUIDv7: it can only be in the window
    kAbsent,
    kFound,
    kUnreadable,  // nobody knows: what brought the id must not be applied
  };
  Answer answer = Answer::kNotNeeded;
  // Generations that were in the index before the look-up began. If more have left the window
  // since, the answer kAbsent (or kNotNeeded) is not proof, and the apply thread looks again.
  uint64_t generations = 0;
  IdRecord record;  // valid if kFound
};

}  // namespace lumbung
