// One SubmitStream call: a terminal's upload. Up to `stream_window` transactions are in flight at a
// time; their results are sent in the order in which they came. Beyond the window the stream is not
// read, so a fast sender is held back by HTTP/2's flow control and nothing piles up here.
//
// It reads bytes and parses them itself: gRPC would take a message that can't be parsed for the end
// of the stream, and the rest of an upload would be missing under an OK. A message is bounded
// before it is parsed, since two bytes of it can become 150 in memory, and 256 of them wait here.
//
// Three parties drive it: gRPC's threads (OnReadDone, OnWriteDone), the thread that replies
// and the readers (a transaction is done). What happened is put into atomics, then Advance runs on
// whichever thread finds nobody in it; the others leave their event to that one. No lock, no
// waiting.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/server/engine_parts.h"
#include "api/server/open_streams.h"
#include "engine/request.h"
#include "lumbung/v1/payment_service.pb.h"

namespace lumbung {

// Deletes itself when gRPC and all its transactions are done with it.
class SubmitStreamReactor final
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, v1::TransactionResult> {
 public:
  SubmitStreamReactor(EngineParts& engine, OpenStreams& open, Principal principal);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

  // Takes nothing more, sends the results of what it has taken, and ends with UNAVAILABLE. Any
  // thread, while it holds a reference.
  void End();
  void Reference() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unreference();

 private:
  // A transaction between its reading and the sending of its result.
  struct Slot {
    SubmitStreamReactor* stream = nullptr;
    grpc::ByteBuffer bytes;  // as received
    v1::Transaction message;
    v1::TransactionResult result;
    Request request;
    bool large = false;              // the message: given back with its result
    std::atomic<bool> ready{false};  // the result is complete
  };
  enum class Event : uint8_t { kNone, kSucceeded, kFailed };
  // Who has the say over the transaction being read.
  enum class Intake : uint8_t {
    kOpen,    // nobody yet
    kTaking,  // OnReadDone: it will be submitted and answered
    kShut,    // Step: it will never be
  };

  Slot& SlotAt(uint64_t position) { return *slots_[position % slots_.size()]; }
  // Decodes and submits the transaction just read. False if the stream must end with final_status_.
  bool Begin(Slot& slot);
  // Reads slot.message from slot.bytes, which are given back. False likewise.
  bool Parse(Slot& slot);
  static void Done(Request& request, void* context);
  // The result is complete.
  static void Complete(Slot& slot);

  // Something happened: moves on, or leaves it to the thread that is at it.
  void Advance();
  // Begins what can begin. In Advance only.
  void Step();
  void TakeEvents();
  void StartNextRead();
  // If the server stops: takes nothing more, unless OnReadDone is at it.
  void ShutIfEnding();

  // Set at construction.
  EngineParts& engine_;
  OpenStreams& open_;
  const Principal principal_;
  std::vector<std::unique_ptr<Slot>> slots_;

  // Any of the parties.
  std::atomic<uint32_t> events_{0};
  std::atomic<Event> read_event_{Event::kNone};
  std::atomic<Event> write_event_{Event::kNone};
  std::atomic<Intake> intake_{Intake::kOpen};
  std::atomic<bool> ending_{false};      // the server stops
  std::atomic<uint32_t> references_{1};  // gRPC's, and one of each transaction in flight

  // In Advance only.
  uint64_t head_ = 0;  // transactions whose results were sent
  uint64_t tail_ = 0;  // transactions taken; head_ <= tail_ <= head_ + window
  bool reading_ = false;
  bool writing_ = false;
  bool ended_ = false;        // nothing more will be read
  bool broken_ = false;       // the client is gone, or the engine failed: results go nowhere
  bool unavailable_ = false;  // the engine failed
  bool finished_ = false;

  // Written by OnReadDone before the event that sets ended_, or in Advance with the intake shut;
  // read in Advance after it.
  grpc::Status final_status_ = grpc::Status::OK;
};

}  // namespace lumbung
