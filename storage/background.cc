#include "storage/background.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/canary.h"
#include "engine/check.h"
#include "engine/wait_strategy.h"

namespace lumbung {

namespace {

using SteadyClock = std::chrono::steady_clock;

// How often the thread looks whether a hold is due, a generation is sealed or a round is to be
// begun.
constexpr auto kTick = std::chrono::milliseconds(20);
// How often it looks for an answer of the pipeline.
constexpr auto kPoll = std::chrono::microseconds(200);

}  // namespace

struct Background::Parts {
  Parts(Options options, Pipeline& pipeline, IdWindow& ids, DerivedStore& derived, Clock& clock,
        std::function<void(const absl::Status&)> on_failure)
      : options(options),
        pipeline(pipeline),
        ids(ids),
        derived(derived),
        clock(clock),
        on_failure(std::move(on_failure)),
        watermark(derived.watermarks().state.value()) {}

  void Run();
  absl::Status Round(Checkpointing checkpointing);
  void Report(const absl::Status& status);
  absl::Status Work();
  absl::Status ExpireHolds();
  absl::Status IndexSealed();
  absl::Status CheckpointRound();
  absl::Status Ask(Request::Query query);
  bool CheckpointIsDue() const;

  // Set at construction.
  const Options options;
  Pipeline& pipeline;
  IdWindow& ids;
  DerivedStore& derived;
  Clock& clock;
  const std::function<void(const absl::Status&)> on_failure;

  // Background thread.
  CheckpointPart part;
  SealedIds sealed;
  SteadyClock::time_point last_round = SteadyClock::now();
  SteadyClock::duration round_took{};
  absl::Status failure;
  bool reported = false;

  // Shared: how CheckpointNow asks and is answered.
  std::mutex mutex;
  std::condition_variable changed;
  bool stop = false;      // guarded by mutex
  uint64_t wanted = 0;    // rounds asked for; guarded by mutex
  uint64_t finished = 0;  // the `wanted` that the last finished round began with; guarded by mutex
  bool ended = false;     // the thread has returned; guarded by mutex
  std::atomic<uint64_t> watermark;
  std::thread thread;
};

void Background::Parts::Run() {
  std::unique_lock lock(mutex);
  while (!stop && failure.ok()) {
    changed.wait_for(lock, kTick, [&] { return stop || wanted > finished; });
    if (stop) break;
    const uint64_t asked = wanted;
    const bool due = asked > finished || CheckpointIsDue();
    lock.unlock();
    failure = Round(due ? Checkpointing::kIncluded : Checkpointing::kSkipped);
    lock.lock();
    if (due && failure.ok()) finished = asked;
    changed.notify_all();
  }
  ended = true;
  changed.notify_all();
}

absl::Status Background::Parts::Round(Checkpointing checkpointing) {
  absl::Status status = Work();
  if (status.ok() && checkpointing == Checkpointing::kIncluded) status = CheckpointRound();
  if (!status.ok() && !pipeline.failed()) Report(status);
  return status;
}

void Background::Parts::Report(const absl::Status& status) {
  if (std::exchange(reported, true)) return;
  // Without this thread the pipeline would wait for ever when its ids need room.
  pipeline.Fail();
  on_failure(status);
}

absl::Status Background::Parts::Work() {
  ids.TakeMemoryAhead();
  if (absl::Status status = ExpireHolds(); !status.ok()) return status;
  return IndexSealed();
}

// An empty request: the apply thread expires what is due before each request.
absl::Status Background::Parts::ExpireHolds() {
  const auto deadline = pipeline.next_deadline();
  if (!deadline) return absl::OkStatus();
  if (clock.Now() < *deadline) return absl::OkStatus();
  return Ask(nullptr);
}

absl::Status Background::Parts::IndexSealed() {
  const auto up_to = ids.SealedUpTo();
  if (!up_to || *up_to > pipeline.durable_sequence()) return absl::OkStatus();
  ids.CopySealed(sealed);
  if (absl::Status status = derived.IndexIds(sealed, *up_to); !status.ok()) return status;
  ids.MarkIndexed();
  return absl::OkStatus();
}

bool Background::Parts::CheckpointIsDue() const {
  const uint64_t entries =
      pipeline.durable_sequence().value() - watermark.load(std::memory_order_relaxed);
  const auto pause = SteadyClock::now() - last_round;
  if (entries >= options.checkpoint_entries && pause >= round_took) return true;
  return entries > 0 && pause >= std::chrono::milliseconds(options.checkpoint_interval_ms);
}

absl::Status Background::Parts::CheckpointRound() {
  const auto start = last_round = SteadyClock::now();
  if (pipeline.durable_sequence().value() <= watermark.load(std::memory_order_relaxed)) {
    return absl::OkStatus();
  }
  Sequence begun;
  Timestamp timestamp;
  absl::Status status = Ask([&](State& state, Sequence) {
    begun = state.BeginCheckpoint();
    timestamp = state.last_timestamp();
    state.CollectCheckpoint(options.objects_per_part, part);
  });
  while (status.ok()) {
    // The answer came because all that it saw is durable: the part may be stored.
    status = derived.StorePart(part);
    if (!status.ok() || part.complete) break;
    status = Ask([&](State& state, Sequence) {
      state.CollectCheckpoint(options.objects_per_part, part);
      if (Sings(Canary::kSnapshotTooYoung)) {
        begun = state.last_sequence();
        timestamp = state.last_timestamp();
      }
    });
  }
  if (status.ok()) status = derived.CompleteCheckpoint(begun, timestamp);
  if (!status.ok()) return status;
  watermark.store(begun.value(), std::memory_order_release);
  last_round = SteadyClock::now();
  round_took = last_round - start;
  return absl::OkStatus();
}

// Runs a query on the apply thread and waits until what it saw is durable. Goes on indexing ids
// meanwhile: the apply thread may itself be waiting for that before it comes to the query.
absl::Status Background::Parts::Ask(Request::Query query) {
  std::atomic<bool> answered{false};
  Request request;
  request.query = std::move(query);
  request.context = &answered;
  request.done = [](Request&, void* context) {
    // Pairs with the load below. Nothing here is touched afterwards: both live on the waiter's
    // stack.
    static_cast<std::atomic<bool>*>(context)->store(true, std::memory_order_release);
  };
  SubmitStatus submitted = pipeline.Submit(request, Room::kReserved);
  absl::Status indexed;
  while (submitted == SubmitStatus::kFull ||
         (submitted == SubmitStatus::kTaken && !answered.load(std::memory_order_acquire))) {
    Pause(kPoll);
    if (indexed.ok()) {
      indexed = IndexSealed();
      // Said at once: the apply thread may now wait for ever, and with it this loop.
      if (!indexed.ok()) Report(indexed);
    }
    // Payments come first: a checkpoint can wait for a slot.
    if (submitted == SubmitStatus::kFull) submitted = pipeline.Submit(request, Room::kReserved);
  }
  if (!indexed.ok()) return indexed;
  if (submitted == SubmitStatus::kStopped)
    return absl::UnavailableError("the pipeline is stopping");
  if (request.fate == Request::Fate::kReplied) return absl::OkStatus();
  return absl::UnavailableError("the pipeline has failed");
}

Background::Background(Options options, Pipeline& pipeline, IdWindow& ids, DerivedStore& derived,
                       Clock& clock, std::function<void(const absl::Status&)> on_failure)
    : parts_(
          std::make_unique<Parts>(options, pipeline, ids, derived, clock, std::move(on_failure))) {}

Background::~Background() { Stop(); }

void Background::Start() {
  LUMBUNG_CHECK(!parts_->thread.joinable());
  parts_->thread = std::thread([this] { parts_->Run(); });
}

void Background::Stop() {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->stop = true;
    parts_->changed.notify_all();
  }
  if (parts_->thread.joinable()) parts_->thread.join();
}

absl::Status Background::RunOnce(Checkpointing checkpointing) {
  LUMBUNG_CHECK(!parts_->thread.joinable());
  return parts_->Round(checkpointing);
}

absl::Status Background::CheckpointNow() {
  std::unique_lock lock(parts_->mutex);
  const uint64_t mine = ++parts_->wanted;
  parts_->changed.notify_all();
  parts_->changed.wait(lock, [&] { return parts_->finished >= mine || parts_->ended; });
  if (parts_->finished >= mine) return absl::OkStatus();
  return parts_->failure.ok() ? absl::UnavailableError("the background thread has stopped")
                              : parts_->failure;
}

Sequence Background::checkpoint_watermark() const {
  return Sequence{parts_->watermark.load(std::memory_order_acquire)};
}

}  // namespace lumbung
