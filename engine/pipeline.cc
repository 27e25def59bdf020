#include "engine/pipeline.h"

#include <bit>
#include <chrono>
#include <thread>
#include <utility>

#include "engine/apply_stage.h"
#include "engine/block_pool.h"
#include "engine/check.h"
#include "engine/hand_over.h"
#include "engine/persist_stage.h"
#include "engine/progress.h"
#include "engine/reply_stage.h"
#include "engine/ring.h"

namespace lumbung {

// The mapping of stages to threads: one thread a stage; a small group is written and answered by
// the apply thread itself, and a lone request by the thread that submits it, if it helps. The
// numbers are those of the life of a request in README.md.
struct Pipeline::Parts {
  Parts(Options options, State& state, IdWindow& ids, Journal& journal, OriginalSource& reader,
        Clock& clock, Sequence next, std::function<void(const absl::Status&)> on_failure)
      : ring(options.ring_slots, options.reserved_slots),  // 3
        pool(options.blocks),
        hand_over(std::bit_ceil(options.ring_slots + options.blocks + 2)),
        progress(options.spin_microseconds),
        begin_thread(options.begin_thread),
        persist({ring, pool, hand_over, progress, journal}, std::move(on_failure)),          // 5
        reply(ring, progress),                                                               // 6
        apply({ring, pool, hand_over, progress, persist, reply, state, ids, reader, clock},  // 4
              next) {
    progress.durable_sequence.store(next.value() - 1, std::memory_order_relaxed);
  }

  Ring ring;
  BlockPool pool;
  HandOver hand_over;
  Progress progress;
  void (*const begin_thread)();
  PersistStage persist;
  ReplyStage reply;
  ApplyStage apply;
  std::thread threads[3];
};

Pipeline::Pipeline(Options options, State& state, IdWindow& ids, Journal& journal,
                   OriginalSource& reader, Clock& clock, Sequence next,
                   std::function<void(const absl::Status&)> on_failure)
    : parts_(std::make_unique<Parts>(options, state, ids, journal, reader, clock, next,
                                     std::move(on_failure))) {}

Pipeline::~Pipeline() { Stop(); }

void Pipeline::Start() {
  LUMBUNG_CHECK(!parts_->threads[0].joinable());
  const auto start = [this](auto& stage) {
    return std::thread([this, &stage] {
      parts_->begin_thread();
      stage.Run();
    });
  };
  parts_->threads[0] = start(parts_->apply);
  parts_->threads[1] = start(parts_->persist);
  parts_->threads[2] = start(parts_->reply);
}

void Pipeline::Stop() {
  parts_->ring.Close();
  parts_->progress.apply_signal.Notify();
  for (std::thread& thread : parts_->threads) {
    if (thread.joinable()) thread.join();
  }
}

void Pipeline::Fail() {
  Progress& progress = parts_->progress;
  progress.failed.store(true, std::memory_order_release);
  parts_->ring.Close();
  progress.apply_signal.Notify();
  progress.persist_signal.Notify();
  progress.reply_signal.Notify();
}

SubmitStatus Pipeline::Submit(Request& request, Room room, Helping helping) {
  LUMBUNG_CHECK(request.done != nullptr);
  const auto claimant =
      room == Room::kReserved ? Ring::Claimant::kReserved : Ring::Claimant::kOrdinary;
  switch (parts_->ring.Put(request, claimant)) {
    case Ring::ClaimStatus::kClaimed:
      if (helping == Helping::kYes) HelpOrNotify();
      if (helping == Helping::kNo) Notify();
      return SubmitStatus::kTaken;
    case Ring::ClaimStatus::kFull:
      return SubmitStatus::kFull;
    case Ring::ClaimStatus::kClosed:
      return SubmitStatus::kStopped;
  }
  LUMBUNG_CHECK(false);
}

void Pipeline::HelpOrNotify() { parts_->apply.HelpOrNotify(); }

void Pipeline::Notify() { parts_->progress.apply_signal.Notify(); }

Cursors Pipeline::cursors() const {
  const Parts& parts = *parts_;
  Cursors cursors;
  // From the last to the first: what is read later can only be further on. The far end may have
  // moved past the capacity meanwhile; then the look is repeated.
  do {
    cursors.replied = parts.ring.replied();
    cursors.durable = parts.progress.durable.load(std::memory_order_acquire);
    cursors.applied = parts.progress.applied.load(std::memory_order_acquire);
    cursors.published = parts.ring.PublishedFrom(cursors.applied);
    cursors.claimed = parts.ring.claimed();
  } while (cursors.claimed > cursors.replied + parts.ring.capacity());
  return cursors;
}

Sequence Pipeline::durable_sequence() const {
  return Sequence{parts_->progress.durable_sequence.load(std::memory_order_acquire)};
}

Sequence Pipeline::WaitForDurable(Sequence sequence, int64_t timeout_ns) const {
  constexpr auto kPause = std::chrono::milliseconds(2);
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(timeout_ns);
  // Polled: whoever follows the live end must cost the pipeline nothing.
  while (durable_sequence() <= sequence && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kPause);
  }
  return durable_sequence();
}

std::optional<Timestamp> Pipeline::next_deadline() const {
  const int64_t deadline = parts_->progress.next_deadline_ns.load(std::memory_order_acquire);
  if (deadline == Progress::kNoDeadline) return std::nullopt;
  return Timestamp{deadline};
}

bool Pipeline::failed() const { return parts_->progress.failed.load(std::memory_order_acquire); }

size_t Pipeline::capacity() const { return parts_->ring.capacity(); }

}  // namespace lumbung
