// The apply thread: takes published requests in order, stamps the time, expires holds, applies
// each command, and fills blocks. When the disk is idle and what is to be written is little, it
// writes it itself, and answers it if the reply thread is idle too: single payments then cost no
// switch of threads between the ring and the answer, and those that come meanwhile, which wake
// nobody either, are the next group. While there is more to do than that it never waits for the
// disk, only for a free block when the disk is a whole pool behind, and for the id window's
// background thread when that is a whole generation behind.
#pragma once

#include <vector>

#include "engine/block_pool.h"
#include "engine/block_writer.h"
#include "engine/clock.h"
#include "engine/hand_over.h"
#include "engine/id_window.h"
#include "engine/original_source.h"
#include "engine/persist_stage.h"
#include "engine/progress.h"
#include "engine/reply_stage.h"
#include "engine/ring.h"
#include "engine/state.h"
#include "engine/state_machine.h"
#include "engine/turn.h"

namespace lumbung {

class ApplyStage final : private BlockWriter::Blocks, private OriginalSource {
 public:
  struct Parts {
    Ring& ring;
    BlockPool& pool;
    HandOver& hand_over;
    Progress& progress;
    PersistStage& persist;
    ReplyStage& reply;
    State& state;
    IdWindow& ids;
    OriginalSource& ledger;
    Clock& clock;
  };

  // `next` is the sequence of the first entry to be written.
  ApplyStage(Parts parts, Sequence next);

  // The thread's body: returns when the ring is closed and empty, or the journal has failed.
  void Run();

  // A thread that has published and may work for a sync or two: does what the apply thread would
  // do next, if that one has nothing to do, it is little and the disk is idle. Otherwise wakes it.
  void HelpOrNotify();

 private:
  // REQUIRES: the turn is the caller's, and so all that is applied is handed over. It fills one
  // block at most and writes it, so it waits for the disk, but never for a block, ids or a Signal:
  // those are the apply thread's to wait for.
  void Help();
  bool MayHelpWith(const Request& request, int64_t now) const;
  // Any thread. Whether there is reason to take the turn.
  bool HasWork() const;
  // REQUIRES: a request is published.
  void ProcessNext(int64_t now);
  bool ExpiryIsDue(int64_t now) const;
  void Process(Request& request, int64_t now);
  void ApplyCommands(Request& request, int64_t now);
  // False if the pipeline failed meanwhile: then nothing more may be applied.
  bool MakeRoomForIds();
  void PublishDeadline();
  bool HasUnwritten() const;
  // Whether what is unwritten can be written, or must wait for the persist thread.
  bool PersistIsIdle() const;
  void WriteIfDue();
  void WriteHere();
  void HandOverAll();
  void Push(Block* block);
  void WriteAndReply(Block* block);
  int64_t NextTime(int64_t clock_ns);

  // BlockWriter::Blocks
  Block& Exchange(Block& closed) override;
  // OriginalSource: the pool's blocks first, then the ledger.
  bool ReadTransaction(Sequence first, std::vector<Entry>& legs) override;

  // Set at construction.
  Parts parts_;

  // Any thread.
  Turn turn_;

  // The apply thread, or who helps in its place: whoever has the turn. While nobody has it, all
  // that is applied is handed over.
  StateMachine machine_;
  BlockWriter writer_;
  uint64_t applied_ = 0;      // requests
  uint64_t handed_over_ = 0;  // requests
  int64_t last_time_;
  bool writes_itself_ = false;  // what Push does
  bool discarding_ = false;     // blocks that will never be written, after a failure
};

}  // namespace lumbung
