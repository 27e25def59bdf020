// What is refused before the ring, said once more: all faults of a command are looked for, and of
// several the one with the lower number counts. Written from the tables of engine/README.md; shares
// only the value types and the chart of accounts with the engine.
#pragma once

#include "engine/command.h"
#include "engine/outcome.h"
#include "engine/types.h"

namespace lumbung {

// kAccepted if there is no fault.
Outcome NaivelyValidated(const Command& command, Timestamp now);

}  // namespace lumbung
