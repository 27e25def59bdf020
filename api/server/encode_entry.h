// From the ledger's entries to the API's. Any thread.
#pragma once

#include <cstddef>
#include <span>

#include "engine/entry.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung {

void EncodeEntry(Sequence sequence, const Entry& entry, std::span<const std::byte> attachment,
                 v1::Entry* proto);

}  // namespace lumbung
