// A journal in memory, for tests: keeps the entries, can be held up and made to fail, and knows how
// far it is. Append belongs to the persist thread, the rest to any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "engine/check.h"
#include "engine/journal.h"
#include "engine/original_source.h"

namespace lumbung {

class MemoryJournal final : public Journal, public OriginalSource {
 public:
  absl::Status Append(std::span<Block* const> blocks) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_ || let_through_ > 0; });
    if (let_through_ > 0) --let_through_;
    --waiting_;
    ++appends_;
    most_blocks_ = std::max(most_blocks_, blocks.size());
    if (appends_ == fail_at_) return absl::DataLossError("the disk is gone");
    for (const Block* block : blocks) {
      LUMBUNG_CHECK(block->closed() && !block->empty());
      LUMBUNG_CHECK(block->first().value() == entries_.size() + 1);
      entries_.insert(entries_.end(), block->entries().begin(), block->entries().end());
    }
    last_.store(entries_.size(), std::memory_order_release);
    return absl::OkStatus();
  }

  bool ReadTransaction(Sequence first, std::vector<Entry>& legs) override {
    const std::lock_guard lock(mutex_);
    LUMBUNG_CHECK(first != kNoSequence && first.value() <= entries_.size());
    const Entry& leg = entries_[first.value() - 1];
    legs.assign(&leg, &leg + leg.leg_count);
    return true;
  }

  // Holds every append from now on, until Release.
  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Lets one append pass, and returns when the next is held. REQUIRES: one is held now.
  void ReleaseUpToTheNext() {
    std::unique_lock lock(mutex_);
    const uint64_t before = appends_;
    let_through_ = 1;
    changed_.notify_all();
    changed_.wait(lock, [&] { return appends_ > before && waiting_ > 0; });
  }
  void WaitUntilHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }
  // The n-th append from the start fails.
  void FailAt(uint64_t n) {
    const std::lock_guard lock(mutex_);
    fail_at_ = n;
  }

  // The last sequence that was appended.
  uint64_t last() const { return last_.load(std::memory_order_acquire); }
  uint64_t appends() const {
    const std::lock_guard lock(mutex_);
    return appends_;
  }
  // Of one append.
  size_t most_blocks() const {
    const std::lock_guard lock(mutex_);
    return most_blocks_;
  }
  std::vector<Entry> entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Entry> entries_;
  bool held_ = false;
  int waiting_ = 0;
  int let_through_ = 0;
  uint64_t appends_ = 0;
  size_t most_blocks_ = 0;
  uint64_t fail_at_ = 0;
  std::atomic<uint64_t> last_{0};
};

}  // namespace lumbung
