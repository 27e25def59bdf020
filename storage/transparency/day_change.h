// Where the ledger's entries pass midnight: in each of the country's three zones, in the entries'
// own time. Thread: one at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "engine/entry.h"
#include "engine/types.h"

namespace lumbung {

class DayChange {
 public:
  // The entries to come follow one of this time.
  void Follow(Timestamp time);
  // The index of the first entry that is on another day, in some zone, than the one before it;
  // nothing if there is none. The entries up to there are followed then, it included.
  // REQUIRES: timestamps ascend.
  std::optional<size_t> Next(std::span<const Entry> entries);

 private:
  std::optional<Timestamp> midnight_;  // the next one; nothing before the first entry
};

}  // namespace lumbung
