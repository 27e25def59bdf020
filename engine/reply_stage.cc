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
      return ring_.replied() < progress_.reply_due.load(std::memory_order_acquire) ||
             progress_.persist_done.load(std::memory_order_acquire);
    });
    // Read before the cursor: if it is set, the cursor is final.
    persist_done = progress_.persist_done.load(std::memory_order_acquire);
    ReplyUpTo(progress_.reply_due.load(std::memory_order_acquire));
  }
  if (progress_.failed.load(std::memory_order_acquire)) RefuseTheRest();
  LUMBUNG_CHECK(ring_.IsEnd(ring_.replied()));
}

bool ReplyStage::idle() const {
  return ring_.replied() >= progress_.reply_due.load(std::memory_order_acquire);
}

void ReplyStage::ReplyOnApplyThread(uint64_t durable) { ReplyUpTo(durable); }

void ReplyStage::ReplyUpTo(uint64_t durable) {
  for (uint64_t slot = ring_.replied(); slot < durable; ++slot) {
    Request* const request = ring_.Published(slot);
    LUMBUNG_CHECK(request != nullptr);
    request->fate = Request::Fate::kReplied;
    request->done(*request, request->context);
    ring_.Release(slot);
  }
}

void ReplyStage::RefuseTheRest() {
  uint64_t slot = ring_.replied();
  while (!ring_.IsEnd(slot)) {
    Request* const request = ring_.Published(slot);
    if (request == nullptr) {
      // Claimed and about to be published by its producer.
      std::this_thread::yield();
      continue;
    }
    request->fate = Request::Fate::kUnavailable;
    request->done(*request, request->context);
    ring_.Release(slot++);
  }
}

}  // namespace lumbung
