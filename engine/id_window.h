// The ids of the most recent transactions, in memory, so that a repeat is found without the disk.
//
// Two generations are kept, each an open-addressing table of 32-byte slots. When the current one is
// full it becomes the previous one, which is sealed (frozen); a background thread writes its ids to
// the cold index. The generation before that leaves memory, but only once it is in the index.
//
// INVARIANT: at any moment every spent id is in the window or in the cold index (or in both).
// From it follow the two rules by which a look-up is exact:
//  - Exactness in time: an answer of the cold index that was found when `generations` were in it is
//    proof of absence only as long as no more than these have left the window.
//  - Young ids: an id spent at time s was made no later than s + kMaxClockSkewNs, since younger ones
//    are refused. So a UUIDv7 made at or after start() + kMaxClockSkewNs was not spent before
//    start(), and what was spent since start() is in the window: the disk need not be asked.
//
// Threads: the apply thread alone finds and inserts; start(), dropped() and NeedsCold() may be called
// by any thread; the sealing calls belong to one background thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/cold_index.h"
#include "engine/id_record.h"
#include "engine/transaction_id.h"
#include "engine/types.h"

namespace lumbung {

// An id and what is remembered of it, as the sealing thread takes them out.
struct SealedId {
  TransactionId id;
  IdRecord record;
};

class IdWindow {
 public:
  struct Options {
    size_t slots_per_generation = size_t{4} << 20;  // a power of two, at least 16; 32 bytes each
  };

  IdWindow(Options options, const ColdIndex& cold);
  ~IdWindow();

  // --- apply thread ---
  // What is remembered of the id, or nothing if it was never spent. Asks the cold index itself only
  // if `lookup` was overtaken (see above).
  std::optional<IdRecord> Find(const TransactionId& id, const ColdLookup& lookup);
  // Remembers an id. `time` never decreases. May wait for the sealing thread if a whole generation
  // filled up faster than it could be written.
  // REQUIRES: the id is not in the window.
  void Insert(const TransactionId& id, const IdRecord& record, Timestamp time);
  // Asks the processor for the cache lines that Find(id) will touch.
  void Prefetch(const TransactionId& id) const;
  // Whether Insert would have to wait for Sealing.
  bool NeedsSealing() const;

  // --- any thread ---
  // Whether an id made like this must be looked up in the cold index; sets what is to be put into the
  // look-up if not.
  ColdLookup NotNeeded() const;
  bool NeedsCold(const TransactionId& id) const;
  // The time of the oldest id of the window; the least possible time if none has left it.
  Timestamp start() const;
  // Generations that have left the window.
  uint64_t dropped() const;
  // Ids in the window, roughly.
  size_t size() const;

  // --- background thread ---
  // The highest sequence in the sealed generation that is to be written, or nothing if there is none.
  std::optional<Sequence> SealedUpTo() const;
  // Its ids, in no order. REQUIRES: SealedUpTo(), which must be durable, and TakeSealed's result in
  // the cold index before MarkIndexed.
  void CopySealed(std::vector<SealedId>& ids) const;
  // The sealed generation is in the cold index: it may leave the window at the next turn.
  void MarkIndexed();
  // Clears what left the window, so that the next turn finds a clean table. Cheap if nothing did.
  void ClearDropped();
  // Freezes the current generation early (at shutdown, and while a ledger is replayed), if the one
  // before is indexed. Apply thread stopped.
  bool SealNow();

 private:
  struct Generation;

  Generation* current_;   // apply thread
  Generation* previous_;  // apply thread; read by the background thread while sealed
  std::unique_ptr<Generation> generations_[3];
  const ColdIndex& cold_;
  std::atomic<uint64_t> dropped_{0};
  std::atomic<int64_t> start_;
  std::atomic<Generation*> sealed_{nullptr};   // to be written to the cold index
  std::atomic<Generation*> to_clear_{nullptr};
  std::atomic<Generation*> clean_{nullptr};    // ready to become the current one
};

}  // namespace lumbung
