#include "storage/read_ahead.h"

#include <utility>

namespace lumbung {

namespace {

// At most 8 MiB, and enough that neither side waits for the other's hiccups.
constexpr size_t kBlocksAhead = 64;

}  // namespace

ReadAhead::ReadAhead(const LedgerSource& ledger, Sequence from)
    : thread_([this, &ledger, from] { Run(ledger, from); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void ReadAhead::Run(const LedgerSource& ledger, Sequence from) {
  absl::Status status = ledger.StreamBlocks(
      from, [this](std::shared_ptr<const StoredBlock> block) { return Push(std::move(block)); });
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
  ended_ = true;
  changed_.notify_all();
}

bool ReadAhead::Push(std::shared_ptr<const StoredBlock> block) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stop_ || blocks_.size() < kBlocksAhead; });
  if (stop_) return false;
  blocks_.push_back(std::move(block));
  if (blocks_.size() == 1) changed_.notify_all();
  return true;
}

std::shared_ptr<const StoredBlock> ReadAhead::Next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || !blocks_.empty(); });
  if (blocks_.empty()) return nullptr;
  std::shared_ptr<const StoredBlock> block = std::move(blocks_.front());
  blocks_.pop_front();
  // A reader that waits is woken when half of the room is free: not once a block.
  if (blocks_.size() == kBlocksAhead / 2) changed_.notify_all();
  return block;
}

}  // namespace lumbung
