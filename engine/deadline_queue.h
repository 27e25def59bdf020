// The deadlines of open holds, earliest first. A hold that ends otherwise stays in the queue until
// its turn comes and is skipped then: releasing one costs nothing here. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "engine/types.h"

namespace lumbung {

class DeadlineQueue {
 public:
  // Ordered by deadline, then by sequence: the order in which holds expire.
  struct Item {
    uint32_t deadline = 0;  // seconds since 1970 UTC
    uint32_t number = 0;    // of the first leg's record: it is found without a look-up
    Sequence first;         // the hold's first leg

    friend bool operator>(const Item& a, const Item& b) {
      return a.deadline != b.deadline ? a.deadline > b.deadline : a.first > b.first;
    }
  };
  static_assert(sizeof(Item) == 16);

  void Push(Item item) {
    heap_.push_back(item);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  std::optional<Item> Top() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front();
  }
  // REQUIRES: not empty.
  void Pop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
  }

 private:
  std::vector<Item> heap_;
};

}  // namespace lumbung
