#include "api/server/read_entries.h"

#include <limits>
#include <memory>

#include "api/server/encode_entry.h"
#include "api/server/submit.h"

namespace lumbung {

namespace {

// A message goes out when it has so many entries, or after so many blocks of which nothing matched:
// the first bounds its size (about 150 KiB), the second the time between two signs of life.
constexpr int kEntriesPerMessage = 512;
constexpr int kBlocksPerMessage = 64;
// A follower whose filter matches little is told how far it has come after so many entries, so that
// it need not read them again when it resumes.
constexpr uint64_t kEntriesUntold = 32'768;

}  // namespace

ReadEntriesReactor::ReadEntriesReactor(EngineParts& engine, const v1::ReadEntriesRequest& request)
    : engine_(engine),
      filter_(request.filter()),
      follow_(request.follow()),
      next_(std::max<uint64_t>(request.from_sequence(), 1)),
      told_(next_),
      left_(request.limit() == 0 ? std::numeric_limits<uint64_t>::max() : request.limit()) {
  if (!engine_.readers.Run([this] { Continue(); }, Admission::kIfRoom)) Finish(TooManyReads());
}

void ReadEntriesReactor::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status::CANCELLED);
  engine_.readers.Run([this] { Continue(); }, Admission::kAlways);
}

void ReadEntriesReactor::Wake() {
  engine_.readers.Run([this] { Continue(); }, Admission::kAlways);
}

void ReadEntriesReactor::Continue() {
  if (Gone()) return Finish(grpc::Status::CANCELLED);
  if (engine_.live_end.stopped()) {
    return Finish({grpc::StatusCode::UNAVAILABLE, "the server is stopping; resume from sequence " +
                                                      std::to_string(next_.value())});
  }
  reply_.Clear();
  const absl::StatusOr<Reach> reach = Fill();
  if (!reach.ok()) return Finish(ToGrpc(reach.status()));
  reply_.set_next_sequence(next_.value());
  switch (*reach) {
    case Reach::kMore:
      told_ = next_;
      return StartWrite(&reply_);
    case Reach::kLiveEnd:
      if (!follow_) break;
      if (reply_.entries().empty() && next_.value() - told_.value() < kEntriesUntold) {
        return engine_.live_end.Wait(*this, Sequence{next_.value() - 1});
      }
      told_ = next_;
      return StartWrite(&reply_);
    case Reach::kAll:
      break;
  }
  StartWriteAndFinish(&reply_, grpc::WriteOptions(), grpc::Status::OK);
}

absl::StatusOr<ReadEntriesReactor::Reach> ReadEntriesReactor::Fill() {
  for (int blocks = 0; blocks < kBlocksPerMessage; ++blocks) {
    if (reply_.entries_size() >= kEntriesPerMessage) break;
    if (next_ > engine_.pipeline.durable_sequence()) return Reach::kLiveEnd;
    const auto block = engine_.ledger.ReadBlock(next_);
    if (!block.ok()) return block.status();
    if (!AddFrom(**block)) return Reach::kAll;
    next_ = Sequence{(*block)->first.value() + (*block)->entries.size()};
  }
  return Reach::kMore;
}

bool ReadEntriesReactor::AddFrom(const StoredBlock& block) {
  bool wanted = true;
  ForEachEntry(block, next_, [&](Sequence sequence, const Entry& entry, auto attachment) {
    if (filter_.EndsBefore(entry)) {
      wanted = false;
      return false;
    }
    next_ = Sequence{sequence.value() + 1};
    if (!filter_.Matches(entry)) return true;
    EncodeEntry(sequence, entry, attachment, reply_.add_entries());
    wanted = --left_ > 0;
    return wanted;
  });
  return wanted;
}

}  // namespace lumbung
