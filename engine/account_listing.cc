#include "engine/account_listing.h"

#include <algorithm>

namespace lumbung {

void AccountListing::Add(CooperativeId cooperative) {
  uint32_t& last = last_[cooperative];
  before_.push_back(last);
  last = static_cast<uint32_t>(before_.size());
  if (!sorted_.empty()) sorted_.erase(cooperative);
}

const std::vector<uint32_t>& AccountListing::Of(CooperativeId cooperative,
                                                const RecordTable<Account>& accounts) {
  const auto kept = sorted_.find(cooperative);
  if (kept != sorted_.end()) return kept->second;
  if (sorted_.size() >= kMaxSorted) sorted_.clear();
  std::vector<uint32_t>& order = sorted_[cooperative];
  const auto last = last_.find(cooperative);
  uint32_t number_plus_1 = last == last_.end() ? 0 : last->second;
  for (; number_plus_1 != 0; number_plus_1 = before_[number_plus_1 - 1]) {
    order.push_back(number_plus_1 - 1);
  }
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return accounts.at(a).id < accounts.at(b).id; });
  return order;
}

}  // namespace lumbung
