// A cold index in memory, for tests. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "engine/cold_index.h"
#include "engine/id_window.h"

namespace lumbung {

class MapColdIndex final : public ColdIndex {
 public:
  void Add(const SealedIds& ids) {
    const std::lock_guard lock(mutex_);
    for (const SealedId& sealed : ids) records_[sealed.id] = sealed.record;
    ++generations_;
  }

  void Find(std::span<const TransactionId> ids, std::span<ColdLookup> answers) const override {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < ids.size(); ++i) {
      const auto found = records_.find(ids[i]);
      answers[i].generations = generations_;
      answers[i].answer =
          found == records_.end() ? ColdLookup::Answer::kAbsent : ColdLookup::Answer::kFound;
      if (found != records_.end()) answers[i].record = found->second;
    }
  }

  uint64_t generations() const override {
    const std::lock_guard lock(mutex_);
    return generations_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<TransactionId, IdRecord> records_;
  uint64_t generations_ = 0;
};

}  // namespace lumbung
