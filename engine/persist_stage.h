// The persist thread: takes all closed blocks that wait, writes them in one synced append, and
// moves `durable`. No timer: a group is whatever arrived during the last sync. After a journal
// error it writes nothing more, for ever.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "engine/block.h"
#include "engine/block_pool.h"
#include "engine/hand_over.h"
#include "engine/journal.h"
#include "engine/progress.h"
#include "engine/ring.h"

namespace lumbung {

class PersistStage {
 public:
  struct Parts {
    Ring& ring;
    BlockPool& pool;
    HandOver& hand_over;
    Progress& progress;
    Journal& journal;
  };

  PersistStage(Parts parts, std::function<void(const absl::Status&)> on_failure);

  // The thread's body: returns when the apply thread is done and everything is durable or has
  // failed.
  void Run();

  // Writes one block, or lets requests without entries through, on the apply thread: for a group
  // so small that to wake the persist thread would cost more than it could do meanwhile.
  // REQUIRES: the persist thread is idle (persist_hungry was read after hand_over.drained(), and
  // both were true), so that the two never write at once; what each did before it is seen through
  // those two and through the next push. False if nothing was written: the pipeline has failed.
  // Wakes nobody: what an apply thread may wait for here, it waits for with the turn, and then it
  // is the caller.
  bool WriteOnApplyThread(const HandedOver& item);
  // Lets the reply thread answer all that is durable. The thread that wrote.
  void LeaveToReplyThread();

 private:
  // Blocks in one append: 8 MiB of entries, so that a crowd's sync stays short.
  static constexpr size_t kMaxGroup = 128;

  bool CollectGroup();
  bool WriteGroup();
  void Fail(const absl::Status& status);

  // Set at construction.
  Parts parts_;
  std::function<void(const absl::Status&)> on_failure_;

  // The thread that writes: the persist thread, or the apply thread while that one is idle.
  std::vector<Block*> group_;
  uint64_t group_applied_ = 0;
};

}  // namespace lumbung
