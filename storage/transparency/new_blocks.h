// The blocks that the log has not taken yet: from memory (recent_blocks.h) while its thread keeps
// up with the ledger, and else read back. Thread: the log's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "storage/ledger_store.h"

namespace lumbung {

class NewBlocks {
 public:
  // What is appended from now on is kept in memory, unless another reader has it already. The
  // ledger must outlive this.
  explicit NewBlocks(const LedgerStore& ledger)
      : ledger_(ledger), follows_(ledger.recent().Follow()) {}
  ~NewBlocks() {
    if (follows_) ledger_.recent().Unfollow();
  }
  NewBlocks(const NewBlocks&) = delete;
  NewBlocks& operator=(const NewBlocks&) = delete;

  // Calls `visit` for each block that has an entry of `from` … `to`, in order, until it returns
  // false. All of them are durable if `to` is. Errors as of LedgerStore::ReadBlocks.
  struct Range {
    uint64_t from;
    uint64_t to;
  };
  absl::Status Read(Range range, const std::function<bool(const StoredBlock& block)>& visit);

  // How long to wait before the next Read: so long that meanwhile about a quarter of the room in
  // memory is filled, and 50 ms at most.
  std::chrono::microseconds NextPause();

 private:
  static constexpr std::chrono::microseconds kLongestPause{50'000};
  static constexpr std::chrono::microseconds kShortestPause{1'000};

  // Set at construction.
  const LedgerStore& ledger_;
  const bool follows_;

  size_t from_memory_ = 0;  // blocks, since the last pause
  std::chrono::microseconds pause_ = kLongestPause;
};

}  // namespace lumbung
