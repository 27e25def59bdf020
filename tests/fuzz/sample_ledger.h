// A small ledger, the same in every run: two villages with some payments, holds and a refund, and
// what may follow it. Made once; read by one thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/entry.h"
#include "engine/state.h"
#include "engine/types.h"

namespace lumbung::fuzz {

// Transactions that follow the sample ledger, as their block has them.
struct SampleTransaction {
  std::string name;
  std::vector<Entry> entries;
  std::vector<std::byte> attachments;
};

struct Sample {
  CheckpointPart images;  // of the whole state
  StateHash hash;
  Sequence last;
  Timestamp last_timestamp;
  std::vector<SampleTransaction> next;  // each follows `last`, in place of the others
};

const Sample& SampleLedger();

}  // namespace lumbung::fuzz
