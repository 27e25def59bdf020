#include "engine/reply_stage.h"

#include <thread>

#include "engine/check.h"
#include "engine/request.h"

namespace lumbung {

ReplyStage::ReplyStage(Ring& ring, Progress& progress) : ring_(ring), progress_(progress) {}

void ReplyStage::Run() {
  bool persist_done = false;
  while (!persist_done) {
    progress_.reply_signal.WaitUntil([&] {
      return progress_.durable.load(std::memory_order_acquire) != replied_ ||
             progress_.persist_done.load(std::memory_order_acquire);
    });
    // Read before the cursor: if it is set, the cursor is final.
    persist_done = progress_.persist_done.load(std::memory_order_acquire);
    ReplyUpTo(progress_.durable.load(std::memory_order_acquire));
  }
  if (progress_.failed.load(std::memory_order_acquire)) RefuseTheRest();
  LUMBUNG_CHECK(ring_.IsEnd(replied_));
}

void ReplyStage::ReplyUpTo(uint64_t durable) {
  while (replied_ != durable) {
    Request* const request = ring_.Published(replied_);
    LUMBUNG_CHECK(request != nullptr);
    request->fate = Request::Fate::kReplied;
    request->done(*request, request->context);
    ring_.Release(replied_++);
  }
}

void ReplyStage::RefuseTheRest() {
  while (!ring_.IsEnd(replied_)) {
    Request* const request = ring_.Published(replied_);
    if (request == nullptr) {
      // Claimed and about to be published by its producer.
      std::this_thread::yield();
      continue;
    }
    request->fate = Request::Fate::kUnavailable;
    request->done(*request, request->context);
    ring_.Release(replied_++);
  }
}

}  // namespace lumbung
