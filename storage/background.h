// The background thread beside the pipeline: fuzzy checkpoints, cold-id generations, daily
// balances, and the tick that makes holds expire when nothing else arrives. It reaches the state
// only through requests of the pipeline, whose answers come when what they saw is durable; so
// nothing reaches `derived/` that the ledger could still lose.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "engine/clock.h"
#include "engine/id_window.h"
#include "engine/pipeline.h"
#include "storage/derived_store.h"

namespace lumbung {

class Background {
 public:
  struct Options {
    int64_t checkpoint_interval_ms = 10'000;  // between the end of a round and the next
    // A round begins earlier after so many entries, which bounds what a restart replays; but after
    // a pause as long as the round before, so that no more than half the time goes into rounds.
    uint64_t checkpoint_entries = 2'000'000;
    size_t objects_per_part = 4096;  // copied by one request: bounds the pause
  };

  // `on_failure` is called once, on the background thread, if the derived store can't be written.
  Background(Options options, Pipeline& pipeline, IdWindow& ids, DerivedStore& derived,
             Clock& clock, std::function<void(const absl::Status&)> on_failure);
  ~Background();

  void Start();
  // Ends the thread. The pipeline must still run.
  void Stop();
  // One round of the thread's work, for who runs it in the thread's place.
  // REQUIRES: Start was not called.
  enum class Checkpointing : uint8_t { kSkipped, kIncluded };
  absl::Status RunOnce(Checkpointing checkpointing);
  // Makes a complete checkpoint now and returns when it is stored. Any thread.
  absl::Status CheckpointNow();
  // Sequence up to which the last complete checkpoint reaches. Any thread.
  Sequence checkpoint_watermark() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lumbung
