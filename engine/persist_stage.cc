#include "engine/persist_stage.h"

#include <utility>

#include "engine/canary.h"

namespace lumbung {

PersistStage::PersistStage(Parts parts, std::function<void(const absl::Status&)> on_failure)
    : parts_(parts), on_failure_(std::move(on_failure)) {
  group_.reserve(kMaxGroup);
}

void PersistStage::Run() {
  Progress& progress = parts_.progress;
  for (;;) {
    // Read before the queue: if it is set, nothing is pushed after what CollectGroup sees.
    const bool apply_done = progress.apply_done.load(std::memory_order_acquire);
    if (CollectGroup()) {
      if (!WriteGroup()) continue;
      if (!group_.empty()) progress.apply_signal.Notify();  // it may wait for a free block
      LeaveToReplyThread();
    } else if (apply_done) {
      break;
    } else {
      progress.persist_hungry.store(true, std::memory_order_release);
      progress.apply_signal.Notify();
      progress.persist_signal.WaitUntil([&] {
        return !parts_.hand_over.empty() || progress.apply_done.load(std::memory_order_acquire);
      });
      progress.persist_hungry.store(false, std::memory_order_relaxed);
    }
  }
  progress.persist_done.store(true, std::memory_order_release);
  progress.reply_signal.Notify();
}

bool PersistStage::CollectGroup() {
  group_.clear();
  HandedOver item;
  bool any = false;
  while (group_.size() < kMaxGroup && parts_.hand_over.TryPop(item)) {
    if (item.block != nullptr) group_.push_back(item.block);
    group_applied_ = item.applied;
    any = true;
  }
  return any;
}

bool PersistStage::WriteOnApplyThread(const HandedOver& item) {
  group_.clear();
  if (item.block != nullptr) group_.push_back(item.block);
  group_applied_ = item.applied;
  return WriteGroup();
}

bool PersistStage::WriteGroup() {
  Progress& progress = parts_.progress;
  if (progress.failed.load(std::memory_order_relaxed)) return false;
  if (!group_.empty()) {
    if (Sings(Canary::kReplyBeforeDurable)) LeaveToReplyThread();
    const absl::Status status = parts_.journal.Append(group_);
    if (!status.ok() && !Sings(Canary::kFailedWriteAnswered)) {
      Fail(status);
      return false;
    }
    progress.durable_sequence.store(group_.back()->last().value(), std::memory_order_release);
    parts_.pool.MarkDurable(group_.size());
  }
  progress.durable.store(group_applied_, std::memory_order_release);
  return true;
}

void PersistStage::LeaveToReplyThread() {
  parts_.progress.reply_due.store(group_applied_, std::memory_order_release);
  parts_.progress.reply_signal.Notify();
}

void PersistStage::Fail(const absl::Status& status) {
  parts_.progress.failed.store(true, std::memory_order_release);
  parts_.ring.Close();
  on_failure_(status);
  parts_.progress.apply_signal.Notify();
  parts_.progress.reply_signal.Notify();
}

}  // namespace lumbung
