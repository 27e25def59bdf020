// The sequencing core: one ring, three stages, five cursors.
//
//   any thread ──Submit──▶ [ring] ─ apply thread ─▶ blocks ─ persist thread ─▶ [durable] ─ reply
//   thread
//                claimed, published   applied                  durable replied
//
// INVARIANT: replied ≤ durable ≤ applied ≤ published ≤ claimed ≤ replied + capacity.
// The apply thread runs ahead of the disk; nothing it did is seen before it is durable, because the
// reply stage alone calls Request::done, and only up to `durable`. Group commit is whatever was
// applied during the last sync: the persist thread takes all closed blocks at once, and the apply
// thread closes the block that it is filling whenever the persist thread waits.
//
// A journal error is fail-stop: every request in flight, and every later one, ends with
// kUnavailable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "engine/clock.h"
#include "engine/id_window.h"
#include "engine/journal.h"
#include "engine/original_source.h"
#include "engine/request.h"
#include "engine/state.h"

namespace lumbung {

// The five cursors: slots that have passed each point since start.
struct Cursors {
  uint64_t claimed = 0;
  uint64_t published = 0;
  uint64_t applied = 0;
  uint64_t durable = 0;
  uint64_t replied = 0;
};

// Which part of the ring a request may use. Releasing held money must get through a flood.
enum class Room : uint8_t {
  kOrdinary,  // all but the reserved slots
  kReserved,  // all slots: capture, void, reversal, and the engine's own queries
};

// Whether the submitting thread may apply, sync and answer in the apply thread's place, and with
// its request those of others, while that one has nothing to do. It saves a lone payment a switch
// of threads. For threads that may wait for one sync, and hold nothing that `done` needs.
enum class Helping : uint8_t {
  kNo,
  kYes,
  // The apply thread is not even woken: the caller will call HelpOrNotify or Notify, once for all
  // that it submits until then.
  kLater,
};

enum class SubmitStatus : uint8_t {
  kTaken,    // `done` will be called
  kFull,     // no slot is free; the request is still the caller's
  kStopped,  // the pipeline is stopping or has failed; the request is still the caller's
};

class Pipeline {
 public:
  struct Options {
    size_t ring_slots = 1024;        // a power of two
    size_t reserved_slots = 64;      // of these, for Room::kReserved
    size_t blocks = 1024;            // in the pool: closed and not yet durable, or kept for reading
    int spin_microseconds = 0;       // before a waiting thread parks
    void (*begin_thread)() = [] {};  // the first that each of its threads does
  };

  // `reader` finds originals that are no longer in the pool's blocks. `next` is the sequence of the
  // first entry to be written. `on_failure` is called once, on the thread that writes (apply,
  // persist or one that helps), after a journal error. All references must outlive the pipeline.
  Pipeline(Options options, State& state, IdWindow& ids, Journal& journal, OriginalSource& reader,
           Clock& clock, Sequence next, std::function<void(const absl::Status&)> on_failure);
  ~Pipeline();

  void Start();
  // Takes no more requests, finishes those in flight, ends the threads.
  void Stop();

  // Ends everything as a journal error does, for a failure beside the pipeline after which it must
  // not go on. on_failure is not called. Any thread, also more than once.
  void Fail();

  // Any thread; wait-free but for the ring's compare-and-swap, unless it helps. `done` may be
  // called before it returns. REQUIRES: request.done is set.
  SubmitStatus Submit(Request& request, Room room, Helping helping = Helping::kNo);

  // What Submit left undone with Helping::kLater: helps, or wakes the apply thread. Any thread.
  void HelpOrNotify();
  void Notify();

  // Any thread; each cursor is read once, in an order that keeps the invariant.
  Cursors cursors() const;
  // The last sequence that is durable. Any thread.
  Sequence durable_sequence() const;
  // Waits until more than `sequence` is durable or the time is over; returns durable_sequence().
  // For readers that follow the live end; any thread but the pipeline's own.
  Sequence WaitForDurable(Sequence sequence, int64_t timeout_ns) const;
  // The earliest deadline among open holds as of the last request; nothing if there is none. A
  // request without commands, sent when it has passed, makes the expiries be written. Any thread.
  std::optional<Timestamp> next_deadline() const;
  bool failed() const;
  size_t capacity() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lumbung
