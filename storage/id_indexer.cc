#include "storage/id_indexer.h"

namespace lumbung {

IdIndexer::IdIndexer(IdWindow& ids, DerivedStore& derived)
    : ids_(ids), derived_(derived), thread_([this] { Run(); }) {}

IdIndexer::~IdIndexer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void IdIndexer::Begin() {
  const std::lock_guard lock(mutex_);
  if (wanted_ || busy_) return;
  wanted_ = true;
  changed_.notify_all();
}

absl::Status IdIndexer::MakeRoom() {
  std::unique_lock lock(mutex_);
  // Once more if the generation was sealed while the thread was at the one before.
  while (failure_.ok() && ids_.NeedsSealing()) {
    wanted_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !failure_.ok() || (!wanted_ && !busy_); });
  }
  return failure_;
}

void IdIndexer::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stop_ || wanted_; });
    if (stop_) return;
    wanted_ = false;
    busy_ = true;
    lock.unlock();
    absl::Status status = IndexSealed();
    lock.lock();
    busy_ = false;
    failure_ = status;
    changed_.notify_all();
    if (!status.ok()) return;
  }
}

absl::Status IdIndexer::IndexSealed() {
  if (const auto up_to = ids_.SealedUpTo()) {
    ids_.CopySealed(sealed_);
    if (absl::Status status = derived_.IndexIds(sealed_, *up_to); !status.ok()) return status;
    ids_.MarkIndexed();
  }
  return absl::OkStatus();
}

}  // namespace lumbung
