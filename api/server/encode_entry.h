// From the ledger's entries to the API's. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "engine/entry.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"
#include "storage/ledger_store.h"

namespace lumbung {

namespace v1 = ::lumbung::v1;

void EncodeEntry(Sequence sequence, const Entry& entry, std::span<const std::byte> attachment,
                 v1::Entry* proto);

// Calls `visit` for each entry of the block from the sequence `from` on, with its attachment, until
// it returns false.
using VisitEntry = std::function<bool(Sequence sequence, const Entry& entry,
                                      std::span<const std::byte> attachment)>;
void ForEachEntry(const StoredBlock& block, Sequence from, const VisitEntry& visit);

}  // namespace lumbung
