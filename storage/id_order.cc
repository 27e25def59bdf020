#include "storage/id_order.h"

#include <algorithm>
#include <array>

#include "engine/check.h"

namespace lumbung {

// By the upper halves: least significant byte first. A byte that is the same in all is passed over,
// as most of the time in a UUIDv7 is.
void IdOrder::RadixSort() {
  constexpr size_t kBytes = 8;
  std::array<std::array<uint32_t, 256>, kBytes> counts{};
  for (const Key& key : keys_) {
    for (size_t byte = 0; byte < kBytes; ++byte) ++counts[byte][key.high >> 8 * byte & 0xff];
  }
  other_.resize(keys_.size());
  for (size_t byte = 0; byte < kBytes; ++byte) {
    if (counts[byte][keys_[0].high >> 8 * byte & 0xff] == keys_.size()) continue;
    std::array<uint32_t, 256> next;
    uint32_t before = 0;
    for (size_t value = 0; value < next.size(); ++value) {
      next[value] = before;
      before += counts[byte][value];
    }
    for (const Key& key : keys_) other_[next[key.high >> 8 * byte & 0xff]++] = key;
    keys_.swap(other_);
  }
}

std::span<const uint32_t> IdOrder::Of(std::span<const SealedId> ids) {
  LUMBUNG_CHECK(ids.size() < UINT32_MAX);
  order_.clear();
  if (ids.empty()) return order_;
  keys_.resize(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    keys_[i] = {.high = ids[i].id.high,
                .low = static_cast<uint32_t>(ids[i].id.low >> 32),
                .place = static_cast<uint32_t>(i)};
  }
  RadixSort();
  // Of keys with the same upper half.
  const auto precedes = [ids](const Key& a, const Key& b) {
    if (a.low != b.low) return a.low < b.low;
    const SealedId& left = ids[a.place];
    const SealedId& right = ids[b.place];
    return left.id.low != right.id.low ? left.id.low < right.id.low
                                       : left.record.sequence < right.record.sequence;
  };
  const auto is_same = [ids](const Key& a, const Key& b) {
    return a.low == b.low && ids[a.place].id == ids[b.place].id;
  };
  order_.reserve(ids.size());
  for (auto run = keys_.begin(); run != keys_.end();) {
    auto end = run + 1;
    while (end != keys_.end() && end->high == run->high) ++end;
    if (end - run > 1) std::sort(run, end, precedes);
    order_.push_back(run->place);
    for (++run; run != end; ++run) {
      if (!is_same(run[-1], *run)) order_.push_back(run->place);
    }
  }
  return order_;
}

}  // namespace lumbung
