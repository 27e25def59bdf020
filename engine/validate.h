// The checks that need no state: made on the thread that decodes, before the ring. What fails here
// is refused, recorded nowhere, and leaves its id free. Any thread.
#pragma once

#include <string>

#include "engine/command.h"
#include "engine/outcome.h"
#include "engine/types.h"

namespace lumbung {

struct Verdict {
  Outcome outcome = Outcome::kAccepted;  // kAccepted: well formed
  // If refused: the field in the API's spelling (`transaction.legs[3].amount`), what was expected
  // and what was found, in one sentence.
  std::string field;
  std::string message;
};

// `now` is the server's clock, for ids from the future.
Verdict Validate(const Command& command, Timestamp now);

}  // namespace lumbung
