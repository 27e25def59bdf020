// What was found to be wrong. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace lumbung {

class Findings {
 public:
  enum class Sort : uint8_t {
    kLost,     // acknowledged, and not in the ledger, or not as acknowledged
    kDoubled,  // in the ledger more than once
    kForeign,  // in the ledger, and sent by nobody
    kOrder,    // asked for after another's answer, and recorded before it
    kWrong,    // anything else that may not happen
  };
  static constexpr size_t kSorts = 5;

  void Add(Sort sort, const std::string& message);

  uint64_t count(Sort sort) const { return counts_[static_cast<size_t>(sort)]; }
  bool any() const { return any_; }
  // The first kMostMessages of them.
  static constexpr size_t kMostMessages = 30;
  std::vector<std::string> messages() const;

 private:
  std::atomic<uint64_t> counts_[kSorts] = {};
  std::atomic<bool> any_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;  // under the mutex
};

}  // namespace lumbung
