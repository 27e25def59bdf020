// The id window itself, whose generations leave while a decoding thread looks an id up: what keeps
// a repeat from being paid twice.
#pragma once

#include <cstdint>

#include "tests/protocol/explorer.h"

namespace lumbung {

// The last of so many ids.
void LookUpAnIdThatLeavesTheWindow(Explorer& explorer, uint64_t ids);

}  // namespace lumbung
