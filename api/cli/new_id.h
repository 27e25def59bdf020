// Makes ids for people who brought none. Any thread.
#pragma once

#include "engine/transaction_id.h"

namespace lumbung::cli {

// A new UUIDv7: this machine's clock in milliseconds, the rest random.
TransactionId NewTransactionId();

}  // namespace lumbung::cli
