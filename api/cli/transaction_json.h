// Transactions as lines of JSON, for `lumbung submit --file`. The fields are those of the proto's
// Transaction, in the same form as everything that `--json` prints: ids and accounts as text, kinds
// and steps by name, amounts as integer minor units. Pure functions; any thread.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung::cli {

// Reads one line. Refused: what is not a JSON object, a field that is not known (a slip of the pen
// must not silently change a payment), a value of another type, and a line without an id (it could
// not be resolved, nor be sent again without paying twice).
absl::StatusOr<v1::Transaction> ReadTransaction(std::string_view line);

}  // namespace lumbung::cli
