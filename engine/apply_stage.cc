#include "engine/apply_stage.h"

#include <algorithm>
#include <chrono>

#include "engine/check.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

// Up to as many entries are written by the apply thread itself. To apply them takes a fraction of
// the time of one sync, so that nearly nothing is lost by doing the two one after the other.
constexpr size_t kEntriesWrittenHere = 64;

// Up to as many requests are answered by the apply thread itself.
constexpr uint64_t kRequestsAnsweredHere = 64;

}  // namespace

ApplyStage::ApplyStage(Parts parts, Sequence next)
    : parts_(parts),
      machine_(parts.state, parts.ids, *this),
      writer_(*this, parts.pool.current(), next),
      last_time_(parts.state.last_timestamp().value()) {
  PublishDeadline();
}

void ApplyStage::Run() {
  Progress& progress = parts_.progress;
  while (!progress.failed.load(std::memory_order_acquire)) {
    if (parts_.ring.Published(applied_) != nullptr) {
      ProcessNext(parts_.clock.Now().value());
    } else if (parts_.ring.IsEnd(applied_)) {
      break;
    } else if (HasUnwritten()) {
      progress.apply_signal.WaitUntil([&] { return HasWork() || PersistIsIdle(); });
    } else {
      turn_.Return();
      progress.apply_signal.WaitUntil([&] {
        turn_.Watch();
        return HasWork() && turn_.Take();
      });
    }
    WriteIfDue();
  }
  HandOverAll();
  progress.apply_done.store(true, std::memory_order_release);
  progress.persist_signal.Notify();
}

void ApplyStage::HelpOrNotify() {
  Progress& progress = parts_.progress;
  switch (turn_.TakeToHelp()) {
    case Turn::Holder::kHelper:
      return;  // it will see what was published
    case Turn::Holder::kApplyThread:
      return progress.apply_signal.Notify();
    case Turn::Holder::kNobody:
      break;
  }
  Help();
  if (turn_.Return() == Turn::Asked::kYes || HasWork()) progress.apply_signal.Notify();
}

void ApplyStage::Help() {
  if (!PersistIsIdle()) return;
  for (uint64_t count = 0; count < kRequestsAnsweredHere; ++count) {
    const Request* const request = parts_.ring.Published(applied_);
    const int64_t now = parts_.clock.Now().value();
    if (request == nullptr || !MayHelpWith(*request, now)) break;
    ProcessNext(now);
  }
  if (HasUnwritten()) WriteHere();
}

bool ApplyStage::MayHelpWith(const Request& request, int64_t now) const {
  return request.commands.size() <= 1 && writer_.block().count() <= kEntriesWrittenHere &&
         !parts_.ids.NeedsSealing() && !ExpiryIsDue(now) &&
         !parts_.progress.failed.load(std::memory_order_acquire);
}

bool ApplyStage::HasWork() const {
  const Progress& progress = parts_.progress;
  const uint64_t applied = progress.applied.load(std::memory_order_acquire);
  // By its stamp: a helper may be done with the slot, and somebody fill it again.
  return parts_.ring.IsPublished(applied) || parts_.ring.IsEnd(applied) ||
         progress.failed.load(std::memory_order_acquire);
}

void ApplyStage::ProcessNext(int64_t now) {
  Process(*parts_.ring.Published(applied_), now);
  parts_.progress.applied.store(++applied_, std::memory_order_release);
}

bool ApplyStage::ExpiryIsDue(int64_t now) const {
  const std::optional<Timestamp> deadline = machine_.NextDeadline();
  return deadline && deadline->value() <= std::max(now, last_time_ + 1);
}

void ApplyStage::Process(Request& request, int64_t now) {
  if (ExpiryIsDue(now)) {
    machine_.ExpireHolds(Timestamp{NextTime(now)}, kMaxExpiriesPerRequest, writer_);
  }
  ApplyCommands(request, now);
  PublishDeadline();
  if (request.query) request.query(parts_.state, Sequence{writer_.next().value() - 1});
}

void ApplyStage::ApplyCommands(Request& request, int64_t now) {
  constexpr size_t kAhead = StateMachine::kPrefetchDistance;
  const size_t count = request.commands.size();
  LUMBUNG_CHECK(request.lookups.size() == count && request.results.size() == count);
  for (size_t i = 0; i < std::min(count, kAhead); ++i) {
    machine_.Prefetch(request.commands[i]);
  }
  for (size_t i = 0; i < count; ++i) {
    // After a failure nobody is told a result, and what follows may need what is discarded.
    if (discarding_) [[unlikely]]
      return;
    if (i + kAhead < count) machine_.Prefetch(request.commands[i + kAhead]);
    if (IsRefused(request.results[i].outcome)) continue;
    if (parts_.ids.NeedsSealing() && !MakeRoomForIds()) [[unlikely]]
      return;
    request.results[i] =
        machine_.Apply(request.commands[i], request.lookups[i], Timestamp{NextTime(now)}, writer_);
  }
}

// The sealed generation can be indexed only when its entries are durable, so what is in the open
// block is handed over before the wait.
bool ApplyStage::MakeRoomForIds() {
  HandOverAll();
  while (parts_.ids.NeedsSealing()) {
    if (parts_.progress.failed.load(std::memory_order_acquire)) return false;
    Pause(std::chrono::microseconds(200));
  }
  return true;
}

void ApplyStage::PublishDeadline() {
  const std::optional<Timestamp> deadline = machine_.NextDeadline();
  parts_.progress.next_deadline_ns.store(deadline ? deadline->value() : Progress::kNoDeadline,
                                         std::memory_order_release);
}

bool ApplyStage::HasUnwritten() const {
  return handed_over_ != applied_ || !writer_.block().empty();
}

bool ApplyStage::PersistIsIdle() const {
  // In this order: if the persist thread has taken something and not written it, then it said
  // before it took it that it is not hungry.
  return parts_.hand_over.drained() &&
         parts_.progress.persist_hungry.load(std::memory_order_acquire);
}

void ApplyStage::WriteIfDue() {
  if (!HasUnwritten() || !PersistIsIdle()) return;
  if (writer_.block().count() > kEntriesWrittenHere) {
    parts_.progress.persist_hungry.store(false, std::memory_order_relaxed);
    HandOverAll();
    return;
  }
  // What is published already goes along.
  if (parts_.ring.Published(applied_) != nullptr) return;
  WriteHere();
}

void ApplyStage::WriteHere() {
  writes_itself_ = true;
  HandOverAll();
  writes_itself_ = false;
}

void ApplyStage::HandOverAll() {
  if (!writer_.block().empty()) {
    writer_.Flush();
  } else if (handed_over_ != applied_) {
    Push(nullptr);
  }
}

void ApplyStage::Push(Block* block) {
  handed_over_ = applied_;
  if (writes_itself_) return WriteAndReply(block);
  // Not full: it has room for every block of the pool and every slot of the ring. After a failure
  // blocks are handed out without end, but nothing is written any more.
  if (!parts_.hand_over.TryPush({block, applied_})) {
    LUMBUNG_CHECK(parts_.progress.failed.load(std::memory_order_acquire));
    return;
  }
  parts_.progress.persist_signal.Notify();
}

void ApplyStage::WriteAndReply(Block* block) {
  if (!parts_.persist.WriteOnApplyThread({block, applied_})) return;
  if (parts_.reply.idle() && applied_ - parts_.ring.replied() <= kRequestsAnsweredHere) {
    parts_.reply.ReplyOnApplyThread(applied_);
  } else {
    parts_.persist.LeaveToReplyThread();
  }
}

int64_t ApplyStage::NextTime(int64_t clock_ns) {
  last_time_ = std::max(clock_ns, last_time_ + 1);
  // Before anything is made of it: one entry of such a time would spoil the ledger for good.
  LUMBUNG_CHECK(last_time_ <= kLastSecond * kNsPerSecond);
  return last_time_;
}

Block& ApplyStage::Exchange(Block& closed) {
  Push(&closed);
  const auto free_or_failed = [&] {
    return parts_.pool.CanAdvance() || parts_.progress.failed.load(std::memory_order_acquire);
  };
  parts_.progress.apply_signal.WaitUntil(free_or_failed);
  if (parts_.pool.CanAdvance()) return parts_.pool.Advance();
  // After a failure nothing is written any more, and blocks need not be kept.
  discarding_ = true;
  return parts_.pool.Discard();
}

bool ApplyStage::ReadTransaction(Sequence first, std::vector<Entry>& legs) {
  const Entry* const leg = parts_.pool.Find(first);
  if (leg == nullptr) return parts_.ledger.ReadTransaction(first, legs);
  // A transaction never spans two blocks, so its other legs follow in memory.
  legs.assign(leg, leg + leg->leg_count);
  return true;
}

}  // namespace lumbung
