#include "api/server/read_blocks.h"

#include <algorithm>
#include <string>

#include "api/server/submit.h"
#include "storage/block_chain.h"

namespace lumbung {

namespace {

// A message goes out when it has so many bytes: far below the 4 MiB that a client takes unasked,
// and little enough that the readers' threads are soon free for others.
constexpr size_t kMessageBytes = size_t{1} << 20;

}  // namespace

ReadBlocksReactor::ReadBlocksReactor(EngineParts& engine, const v1::ReadBlocksRequest& request)
    : engine_(engine),
      durable_(engine.pipeline.durable_sequence()),
      up_to_(request.up_to() == 0 ? durable_ : std::min(Sequence{request.up_to()}, durable_)),
      next_(std::max<uint64_t>(request.from_sequence(), 1)) {
  if (!engine_.readers.Run([this] { Continue(); }, Admission::kIfRoom)) Finish(TooManyReads());
}

void ReadBlocksReactor::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status::CANCELLED);
  engine_.readers.Run([this] { Continue(); }, Admission::kAlways);
}

void ReadBlocksReactor::Continue() {
  if (cancelled_.load(std::memory_order_relaxed)) return Finish(grpc::Status::CANCELLED);
  if (engine_.live_end.stopped()) {
    return Finish({grpc::StatusCode::UNAVAILABLE, "the server is stopping; resume from sequence " +
                                                      std::to_string(next_.value())});
  }
  reply_.Clear();
  reply_.set_durable_sequence(durable_.value());
  if (const absl::Status status = Fill(); !status.ok()) return Finish(ToGrpc(status));
  if (next_ <= up_to_) return StartWrite(&reply_);
  StartWriteAndFinish(&reply_, grpc::WriteOptions(), grpc::Status::OK);
}

absl::Status ReadBlocksReactor::Fill() {
  if (next_ > up_to_) return absl::OkStatus();
  size_t bytes = 0;
  return engine_.ledger.ReadBlocks(next_, [&](const StoredBlock& block) {
    reply_.add_blocks(block.bytes.data(), block.bytes.size());
    bytes += block.bytes.size();
    next_ = Sequence{LastOf(block).value() + 1};
    return next_ <= up_to_ && bytes < kMessageBytes;
  });
}

}  // namespace lumbung
