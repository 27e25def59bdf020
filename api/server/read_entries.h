// One ReadEntries call. A message at a time: blocks are read on the readers' threads (readers.h),
// and the next only when gRPC has taken the message before it, so a slow auditor is waited for and
// slows nobody else. At the live end a follower waits without a thread (live_end.h).
#pragma once

#include <grpcpp/support/server_callback.h>
#include <atomic>
#include <cstdint>

#include "api/server/engine_parts.h"
#include "api/server/entry_filter.h"
#include "lumbung/v1/ledger_service.pb.h"

namespace lumbung {

// Deletes itself when gRPC is done with it. Its steps follow one another; only OnCancel may come
// between.
class ReadEntriesReactor final : public grpc::ServerWriteReactor<v1::ReadEntriesReply>,
                                 private LiveEnd::Follower {
 public:
  ReadEntriesReactor(EngineParts& engine, const v1::ReadEntriesRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override { cancelled_.store(true, std::memory_order_relaxed); }
  void OnDone() override { delete this; }

 private:
  // What the reader has reached.
  enum class Reach : uint8_t {
    kMore,     // there is more to read now
    kLiveEnd,  // all that is durable was read
    kAll,      // the limit or the end of the time range
  };

  void Wake() override;
  bool Gone() const override { return cancelled_.load(std::memory_order_relaxed); }

  // Fills the next message and sends it, waits at the live end, or finishes.
  void Continue();
  absl::StatusOr<Reach> Fill();
  // Adds the block's matching entries from next_ on. False if nothing behind them is wanted.
  bool AddFrom(const StoredBlock& block);

  // Set at construction.
  EngineParts& engine_;
  const EntryFilter filter_;
  const bool follow_;

  // The step at work.
  Sequence next_;
  Sequence told_;  // the next_ of the last message
  uint64_t left_;  // entries that may still be sent
  v1::ReadEntriesReply reply_;

  std::atomic<bool> cancelled_{false};
};

}  // namespace lumbung
