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
//  - Young ids: the newest birth time of all UUIDv7 that have left the window is known. A UUIDv7
//    made after that was not among them, so the disk need not be asked, however fast ids come and
//    go. (At a million a second a window lasts some seconds.) For what was spent before a restart
//    the bound is its time + kMaxClockSkewNs, since ids from further ahead are refused. A client
//    whose clock is ahead moves the bound ahead by as much, which costs look-ups, never exactness.
// The same bound for the sealed generation in memory saves the probe of its table.
//
// `dropped` and ColdIndex::generations count in the same base: since the window and the index were
// opened. What was in the index at that time is seen by every look-up.
//
// Threads: the apply thread alone finds and inserts; start(), dropped(), NotNeeded() and
// NeedsCold() may be called by any thread; the sealing calls belong to one background thread. A
// recovering thread is all of these at once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/cold_index.h"
#include "engine/huge_array.h"
#include "engine/id_record.h"
#include "engine/transaction_id.h"
#include "engine/types.h"

namespace lumbung {

// An id and what is remembered of it, as the sealing thread takes them out.
struct SealedId {
  TransactionId id;
  IdRecord record;
};

// All of a generation: visited at random when they are sorted, so in large pages.
using SealedIds = std::vector<SealedId, HugeAllocator<SealedId>>;

class IdWindow {
 public:
  struct Options {
    // A power of two, at least 16. A generation takes 32 bytes a slot and is sealed when three
    // quarters of its slots are taken. There are two.
    size_t slots_per_generation = size_t{4} << 20;
  };

  IdWindow(Options options, const ColdIndex& cold);
  ~IdWindow();
  IdWindow(const IdWindow&) = delete;
  IdWindow& operator=(const IdWindow&) = delete;

  // Restart: what was spent before `time` is in the cold index and not in this window.
  // REQUIRES: the window is empty.
  void BeginAt(Timestamp time);

  // --- apply thread ---
  // What is remembered of the id, or nothing if it was never spent. Asks the cold index itself only
  // if `lookup` was overtaken (see above).
  std::optional<IdRecord> Find(const TransactionId& id, const ColdLookup& lookup) const;
  // The same, of what is in memory alone: an id that left the window is not found.
  std::optional<IdRecord> FindInMemory(const TransactionId& id) const;
  // Remembers an id. `time` never decreases.
  // REQUIRES: the id is not in the window; sequences increase; if NeedsSealing(), at most a fifth
  // of a generation has been inserted since that became true.
  void Insert(const TransactionId& id, const IdRecord& record, Timestamp time);
  // Asks the processor for the cache lines that Find(id) will touch.
  void Prefetch(const TransactionId& id) const;
  // Ids after which a generation is full.
  size_t full_at() const;
  // Whether the current generation is full and the background thread still has to make room.
  bool NeedsSealing() const;

  // --- any thread ---
  // The look-up to be sent with an id for which NeedsCold is false.
  // REQUIRES: NotNeeded() is called before NeedsCold(id), not after: the proof is as of this call.
  ColdLookup NotNeeded() const;
  // Whether an id made like this must be looked up in the cold index.
  bool NeedsCold(const TransactionId& id) const;
  // The time from which on all spent ids are in the window; the least possible time if all are.
  Timestamp start() const;
  // Generations that have left the window.
  uint64_t dropped() const;
  // Ids in the window, roughly.
  size_t size() const;

  // --- background thread ---
  // Takes the memory of the table that is filled now, or next, before an id needs it: ids go to any
  // page, so the first few hundred would each wait for one. To be called before the first
  // insertion, and from time to time; mostly it has nothing to do.
  void TakeMemoryAhead();
  // The highest sequence in the sealed generation that is to be written, or nothing if there is
  // none.
  std::optional<Sequence> SealedUpTo() const;
  // Replaces `ids` by that generation's, in no order. REQUIRES: SealedUpTo().
  void CopySealed(SealedIds& ids) const;
  // The sealed generation is in the cold index: it may leave the window at the next turn.
  // REQUIRES: SealedUpTo(), which was durable in the ledger before it was indexed.
  void MarkIndexed();
  // Freezes the current generation although it is not full, if it has ids and the one before is
  // indexed. Returns whether it did. REQUIRES: the apply thread does not run.
  bool SealNow();

 private:
  struct Generation;

  bool CanTurn() const;
  void Turn();
  std::optional<IdRecord> FindCold(const TransactionId& id) const;

  // Set at construction.
  const ColdIndex& cold_;
  const size_t slots_per_generation_;
  std::unique_ptr<Generation> generations_[2];

  // Background thread.
  size_t tables_taken_ = 0;

  // Apply thread.
  Generation* current_;
  Generation* previous_ = nullptr;

  // Shared. Each names the operation that it pairs with in the source.
  std::atomic<uint64_t> dropped_{0};
  std::atomic<int64_t> start_;
  std::atomic<uint64_t> newest_left_ms_{0};  // birth of the newest UUIDv7 that left
  std::atomic<size_t> size_{0};
  std::atomic<Generation*> to_index_{nullptr};
};

}  // namespace lumbung
