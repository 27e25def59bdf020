// The reply thread: answers what is durable, in order, and frees its slots. It alone calls
// Request::done, so nothing can be seen before it is durable. After a journal error it answers
// everything that is not durable with kUnavailable.
#pragma once

#include "engine/progress.h"
#include "engine/ring.h"

namespace lumbung {

class ReplyStage {
 public:
  ReplyStage(Ring& ring, Progress& progress);

  // The thread's body: returns when the persist thread is done and every claimed slot is answered.
  void Run();

 private:
  void ReplyUpTo(uint64_t durable);
  void RefuseTheRest();

  // Set at construction.
  Ring& ring_;
  Progress& progress_;

  // Reply thread only.
  uint64_t replied_ = 0;
};

}  // namespace lumbung
