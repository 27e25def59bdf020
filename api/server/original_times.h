// The times of repeated transactions. A result that repeats an earlier one names its sequence but
// not its time, which only the ledger still has. Reading it costs a block (up to 128 KiB, verified
// by its hash), too much for the thread that replies, on which all payments wait; so calls
// with repeats are answered by the readers (readers.h), and the hundredfold rest without a detour.
#pragma once

#include <span>

#include "engine/request.h"
#include "storage/ledger_store.h"

namespace lumbung {

// Whether a result names an entry without its time.
bool NeedsOriginalTime(std::span<const Result> results);

// Reads the missing times; each block once, whatever the order of the results. Where the ledger
// can't be read a time stays missing: the outcome stands without it.
void ReadOriginalTimes(const LedgerStore& ledger, std::span<Result> results);

}  // namespace lumbung
