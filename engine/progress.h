// What the stages tell each other: cursors, flags and the signals to wait on. One writer each,
// named beside it; written with release and read with acquire, so that who sees a cursor also sees
// the work behind it.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "engine/wait_strategy.h"

namespace lumbung {

struct Progress {
  explicit Progress(int spin_microseconds)
      : apply_signal(spin_microseconds),
        persist_signal(spin_microseconds),
        reply_signal(spin_microseconds) {}

  static constexpr int64_t kNoDeadline = std::numeric_limits<int64_t>::max();

  // Apply thread.
  alignas(64) std::atomic<uint64_t> applied{0};
  std::atomic<int64_t> next_deadline_ns{kNoDeadline};
  std::atomic<bool> apply_done{false};

  // The thread that writes: the persist thread, or the apply thread while that one is idle.
  alignas(64) std::atomic<uint64_t> durable{0};
  std::atomic<uint64_t> durable_sequence{0};
  std::atomic<bool> persist_done{false};
  std::atomic<bool> failed{false};  // also by Pipeline::Fail
  // Up to here the reply thread is to answer; what the apply thread answers itself is never in it.
  std::atomic<uint64_t> reply_due{0};

  // Set by the persist thread when it has nothing to write, so that the apply thread closes the
  // block that it is filling; cleared by whoever of the two acts on it.
  alignas(64) std::atomic<bool> persist_hungry{false};

  // Each waits for one thread.
  Signal apply_signal;
  Signal persist_signal;
  Signal reply_signal;
};

}  // namespace lumbung
