// The id window itself, whose generations leave while a decoding thread looks an id up: what keeps
// a repeat from being paid twice.
#pragma once

#include "tests/protocol/explorer.h"

namespace lumbung {

void LookUpAnIdThatLeavesTheWindow(Explorer& explorer);

}  // namespace lumbung
