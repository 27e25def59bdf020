// One ReadBlocks call: the stored blocks as they are. A message at a time, as in read_entries.h:
// the next is read, on a thread of the readers, only when gRPC has taken the one before it.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <atomic>

#include "api/server/engine_parts.h"
#include "lumbung/v1/ledger_service.pb.h"

namespace lumbung {

// Deletes itself when gRPC is done with it. Its steps follow one another; only OnCancel may come
// between.
class ReadBlocksReactor final : public grpc::ServerWriteReactor<v1::ReadBlocksReply> {
 public:
  ReadBlocksReactor(EngineParts& engine, const v1::ReadBlocksRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override { cancelled_.store(true, std::memory_order_relaxed); }
  void OnDone() override { delete this; }

 private:
  // Fills the next message and sends it, or finishes.
  void Continue();
  absl::Status Fill();

  // Set at construction.
  EngineParts& engine_;
  const Sequence durable_;
  const Sequence up_to_;

  // The step at work.
  Sequence next_;
  v1::ReadBlocksReply reply_;

  std::atomic<bool> cancelled_{false};
};

}  // namespace lumbung
