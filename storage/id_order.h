// The order in which the ids of a sealed generation are written to the cold index. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/huge_array.h"
#include "engine/id_window.h"

namespace lumbung {

// Keeps its memory, 36 bytes an id of the largest generation, since fresh pages would cost more
// than the sort.
class IdOrder {
 public:
  // The places of `ids` in ascending order of id, each id once: that of the lowest sequence, which
  // spent it first. A ledger has each id once, so a second one is not expected, but it must not be
  // what ends the engine. Good until the next call. REQUIRES: fewer than 2^32 ids.
  std::span<const uint32_t> Of(std::span<const SealedId> ids);

 private:
  // What is moved in the place of 40 bytes, and decides without a look at them nearly always.
  struct Key {
    uint64_t high;
    uint32_t low;  // the upper bits of the lower half
    uint32_t place;
  };
  static_assert(sizeof(Key) == 16);
  using Keys = std::vector<Key, HugeAllocator<Key>>;

  void RadixSort();

  Keys keys_;
  Keys other_;  // the other side of the radix sort
  std::vector<uint32_t> order_;
};

}  // namespace lumbung
