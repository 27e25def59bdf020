// The replies: answers what is durable, in order, and frees its slots. It alone calls
// Request::done, so nothing can be seen before it is durable. After a journal error it answers
// everything that is not durable with kUnavailable. Its thread answers whatever it is left
// (Progress::reply_due); what the apply thread has synced itself, that thread also answers while
// this one is idle.
//
// `replied` has one writer at a time. The reply thread writes only while replied < reply_due, and
// its last act there is to make them equal. The apply thread writes only when it has seen that they
// are (or that it got further itself), and only while it is the one who may move reply_due. What
// either did is seen by the other through these two cursors, with the push to the persist thread
// between them if that one moves reply_due next.
#pragma once

#include <cstdint>

#include "engine/progress.h"
#include "engine/ring.h"

namespace lumbung {

class ReplyStage {
 public:
  ReplyStage(Ring& ring, Progress& progress);

  // The thread's body: returns when the persist thread is done and every claimed slot is answered.
  void Run();

  // Whether the reply thread has answered all that it was left, and touches nothing any more.
  // REQUIRES: the apply thread, while it may write the journal (PersistStage::WriteOnApplyThread).
  bool idle() const;
  // REQUIRES: as idle(), which was true; `durable` requests are durable.
  void ReplyOnApplyThread(uint64_t durable);

 private:
  void ReplyUpTo(uint64_t durable);
  void RefuseTheRest();

  // Set at construction.
  Ring& ring_;
  Progress& progress_;
};

}  // namespace lumbung
