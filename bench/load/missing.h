// What a measurement needs and this machine has not: room on the disk, another program. That is no
// fault of what is measured, so the measurement is left out; any other error is one.
//
// Any thread.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace lumbung {

// FAILED_PRECONDITION with a mark, by which it is told from others of that code.
absl::Status MissingError(std::string_view message);

bool IsMissing(const absl::Status& status);

}  // namespace lumbung
