#include "api/server/open_streams.h"

#include <vector>

#include "api/server/submit_stream.h"

namespace lumbung {

bool OpenStreams::Add(SubmitStreamReactor& stream) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  streams_.insert(&stream);
  return true;
}

void OpenStreams::Remove(SubmitStreamReactor& stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(&stream);
}

void OpenStreams::End() {
  std::vector<SubmitStreamReactor*> open;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    // A stream that is kept here still has gRPC's reference, so another can be added to it.
    for (SubmitStreamReactor* const stream : streams_) stream->Reference();
    open.assign(streams_.begin(), streams_.end());
  }
  // Without the lock, which a stream that ends needs to take itself out.
  for (SubmitStreamReactor* const stream : open) {
    stream->End();
    stream->Unreference();
  }
}

}  // namespace lumbung
