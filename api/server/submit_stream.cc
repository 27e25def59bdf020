#include "api/server/submit_stream.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/server/convert.h"
#include "api/server/decode.h"
#include "api/server/message_bounds.h"
#include "api/server/original_times.h"
#include "api/server/submit.h"
#include "api/server/unreadable.h"

namespace lumbung {

namespace {

// A transaction of 64 legs and a text takes some 2.5 KiB; what is much larger is malformed. Up to
// here it is refused by itself, with the field; beyond, with the stream.
constexpr size_t kMostRowBytes = 64 << 10;
// What a slot keeps for its next transaction.
constexpr size_t kMostKeptBytes = 4 << 10;

bool IsTooLarge(const grpc::ByteBuffer& bytes) {
  if (bytes.Length() > kMostRowBytes) return true;
  if (bytes.Length() <= 2 * kMaxRowFields) return false;
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return true;
  std::vector<grpc_slice> raw;
  for (const grpc::Slice& slice : slices) raw.push_back(slice.c_slice());
  grpc_byte_buffer* const buffer = grpc_raw_byte_buffer_create(raw.data(), raw.size());
  const bool exceeds = Exceeds(*buffer, {.rows = kMaxRowFields, .fields_of_row = kMaxRowFields});
  grpc_byte_buffer_destroy(buffer);
  for (const grpc_slice& slice : raw) grpc_slice_unref(slice);
  return exceeds;
}

}  // namespace

SubmitStreamReactor::SubmitStreamReactor(EngineParts& engine, OpenStreams& open,
                                         Principal principal)
    : engine_(engine), open_(open), principal_(principal) {
  slots_.resize(engine.config.stream_window);
  if (!open_.Add(*this)) ending_.store(true, std::memory_order_relaxed);
  Advance();
}

void SubmitStreamReactor::OnReadDone(bool ok) {
  // Acquires what Step did before it opened the intake; pairs with its release in TakeEvents.
  Intake open = Intake::kOpen;
  const bool taking =
      ok && intake_.compare_exchange_strong(open, Intake::kTaking, std::memory_order_acq_rel);
  // tail_ does not move while a read is in flight, so it may be used here.
  const bool begun = taking && Begin(SlotAt(tail_));
  // Releases the slot and final_status_ to the thread that takes the event.
  read_event_.store(begun ? Event::kSucceeded : Event::kFailed, std::memory_order_release);
  Advance();
}

void SubmitStreamReactor::OnDone() {
  open_.Remove(*this);
  Unreference();
}

void SubmitStreamReactor::End() {
  // Releases to ShutIfEnding, which the Advance below makes run once more.
  ending_.store(true, std::memory_order_release);
  Advance();
}

void SubmitStreamReactor::OnWriteDone(bool ok) {
  write_event_.store(ok ? Event::kSucceeded : Event::kFailed, std::memory_order_release);
  Advance();
}

bool SubmitStreamReactor::Parse(Slot& slot) {
  if (IsTooLarge(slot.bytes)) {
    final_status_ = {grpc::StatusCode::INVALID_ARGUMENT,
                     absl::StrCat("further_legs: expected transactions of at most ", kMaxRowFields,
                                  " fields and ", kMostRowBytes,
                                  " bytes, found more; what has no result was not recorded")};
    return false;
  }
  slot.large = slot.bytes.Length() > kMostKeptBytes;
  bool parsed = false;
  {
    grpc::ProtoBufferReader reader(&slot.bytes);
    parsed = reader.status().ok() && slot.message.ParseFromZeroCopyStream(&reader);
  }
  slot.bytes.Clear();
  if (!parsed) final_status_ = Unreadable();
  return parsed;
}

bool SubmitStreamReactor::Begin(Slot& slot) {
  slot.request.Clear();
  slot.result.Clear();
  slot.ready.store(false, std::memory_order_relaxed);
  if (!Parse(slot)) return false;
  slot.request.legs.reserve(LegsOf(slot.message));
  const DecodeContext context{.principal = principal_, .now = engine_.clock.Now()};
  const Verdict verdict = Decode(slot.message, context, slot.request);
  if (verdict.outcome != Outcome::kAccepted) {
    slot.result.set_outcome(ToProto(verdict.outcome));
    slot.result.set_field(verdict.field);
    slot.result.set_message(verdict.message);
    if (slot.large) slot.message = v1::Transaction();
    slot.ready.store(true, std::memory_order_release);
    return true;
  }
  slot.request.done = Done;
  slot.request.context = &slot;
  Reference();
  const grpc::Status status = Submit(engine_, slot.request, RoomOf(slot.request.commands.front()));
  if (status.ok()) return true;
  Unreference();
  // What it says of the call is not true of a stream, which has taken others before. An earlier one
  // may have taken these, so they must come again under their ids.
  const std::string& told = status.error_message();
  final_status_ = {status.error_code(),
                   absl::StrCat(told.substr(0, told.find(';')),
                                "; what has no result was not recorded by this stream, send it "
                                "again later with the same ids")};
  return false;
}

void SubmitStreamReactor::Done(Request& request, void* context) {
  Slot& slot = *static_cast<Slot*>(context);
  if (request.fate != Request::Fate::kUnavailable && NeedsOriginalTime(request.results)) {
    slot.stream->engine_.readers.Run(
        [&slot] {
          ReadOriginalTimes(slot.stream->engine_.ledger, slot.request.results);
          Complete(slot);
        },
        Admission::kAlways);
    return;
  }
  Complete(slot);
}

void SubmitStreamReactor::Complete(Slot& slot) {
  SubmitStreamReactor& stream = *slot.stream;
  if (slot.request.fate != Request::Fate::kUnavailable) {
    Encode(slot.request.results.front(), &slot.result);
  }
  if (slot.large) slot.message = v1::Transaction();
  // Releases the result to Step.
  slot.ready.store(true, std::memory_order_release);
  stream.Advance();
  stream.Unreference();
}

void SubmitStreamReactor::Advance() {
  // The first to raise the count from 0 works until no new event came while it did. Acquire and
  // release pair with each other, so that each worker sees what the one before it wrote.
  uint32_t seen = events_.fetch_add(1, std::memory_order_acq_rel) + 1;
  if (seen != 1) return;
  do {
    Step();
  } while (!events_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel));
}

void SubmitStreamReactor::TakeEvents() {
  if (const Event event = read_event_.exchange(Event::kNone, std::memory_order_acquire);
      event != Event::kNone) {
    reading_ = false;
    // Releases to OnReadDone of the next read.
    if (!ended_) intake_.store(Intake::kOpen, std::memory_order_release);
    if (event == Event::kSucceeded) {
      ++tail_;
    } else {
      ended_ = true;
    }
  }
  if (const Event event = write_event_.exchange(Event::kNone, std::memory_order_acquire);
      event != Event::kNone) {
    writing_ = false;
    ++head_;
    if (event == Event::kFailed) broken_ = true;
  }
}

void SubmitStreamReactor::StartNextRead() {
  std::unique_ptr<Slot>& slot = slots_[tail_ % slots_.size()];
  if (slot == nullptr) {
    slot = std::make_unique<Slot>();
    slot->stream = this;
  }
  reading_ = true;
  StartRead(&slot->bytes);
}

void SubmitStreamReactor::ShutIfEnding() {
  if (ended_ || broken_ || !ending_.load(std::memory_order_acquire)) return;
  // With OnReadDone at it, its event will come, and this is asked again.
  Intake open = Intake::kOpen;
  if (!intake_.compare_exchange_strong(open, Intake::kShut, std::memory_order_acq_rel)) return;
  ended_ = true;
  final_status_ = {grpc::StatusCode::UNAVAILABLE,
                   "the server is stopping; what has no result was not recorded, send it again "
                   "later"};
}

void SubmitStreamReactor::Step() {
  TakeEvents();
  if (finished_) return;
  ShutIfEnding();
  if (!reading_ && !ended_ && !broken_ && tail_ - head_ < slots_.size()) StartNextRead();
  while (!writing_ && head_ < tail_) {
    Slot& slot = SlotAt(head_);
    if (!slot.ready.load(std::memory_order_acquire)) return;
    if (slot.request.fate == Request::Fate::kUnavailable) unavailable_ = broken_ = true;
    if (broken_) {
      ++head_;
      continue;
    }
    writing_ = true;
    grpc::WriteOptions options;
    // Not the first result: gRPC sends it together with the initial metadata, and would wait for
    // something else to write before it says that the hinted write is done.
    const bool more =
        head_ > 0 && head_ + 1 < tail_ && SlotAt(head_ + 1).ready.load(std::memory_order_acquire);
    if (more) options.set_buffer_hint();
    StartWrite(&slot.result, options);
  }
  if (writing_ || head_ < tail_) return;
  if (ended_ || broken_) {
    finished_ = true;
    Finish(unavailable_ ? FateUnknown() : ended_ ? final_status_ : grpc::Status::OK);
  }
}

void SubmitStreamReactor::Unreference() {
  // Acquires what all other parties released before they let go.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

}  // namespace lumbung
