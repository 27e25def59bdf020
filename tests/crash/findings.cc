#include "tests/crash/findings.h"

namespace lumbung {

namespace {

constexpr const char* kNames[Findings::kSorts] = {"LOST", "DOUBLED", "FOREIGN", "ORDER", "WRONG"};

}  // namespace

void Findings::Add(Sort sort, const std::string& message) {
  counts_[static_cast<size_t>(sort)].fetch_add(1);
  any_ = true;
  const std::lock_guard lock(mutex_);
  if (messages_.size() >= kMostMessages) return;
  messages_.push_back(std::string(kNames[static_cast<size_t>(sort)]) + ": " + message);
}

std::vector<std::string> Findings::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

}  // namespace lumbung
