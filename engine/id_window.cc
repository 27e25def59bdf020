#include "engine/id_window.h"

#include <algorithm>
#include <limits>
#include <random>

#include "engine/canary.h"
#include "engine/check.h"
#include "engine/huge_array.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

struct Slot {
  TransactionId id;
  uint64_t sequence_and_outcome;  // sequence << 16 | outcome
  uint64_t fingerprint;

  IdRecord record() const {
    return {Sequence{sequence_and_outcome >> 16},
            static_cast<Outcome>(sequence_and_outcome & 0xFFFF), fingerprint};
  }
};

static_assert(sizeof(Slot) == 32, "two slots a cache line");

// Multiply and fold, keyed: clients choose the ids, and must not be able to choose the collisions.
uint64_t Mix(const TransactionId& id, const uint64_t (&key)[2]) {
  const unsigned __int128 product =
      static_cast<unsigned __int128>(id.high ^ key[0]) * (id.low ^ key[1]);
  const uint64_t folded = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  return folded * 0x9E3779B97F4A7C15u;
}

constexpr int64_t kAlways = std::numeric_limits<int64_t>::min();
constexpr int64_t kNsPerMs = 1'000'000;

// The milliseconds of a UUIDv7, which lie in its upper 48 bits.
bool IsVersion7(const TransactionId& id) { return (id.high >> 12 & 0xF) == 7; }
uint64_t BirthMs(const TransactionId& id) { return id.high >> 16; }

}  // namespace

// A slot is free if its sequence lies below the generation's first: what a former generation left
// in the table is no longer seen, and nothing has to be cleared.
struct IdWindow::Generation {
  explicit Generation(size_t slot_count)
      : slots(slot_count),
        shift(64 - __builtin_ctzll(slot_count)),
        full_at(slot_count / 4 * 3),
        limit(slot_count / 16 * 15) {
    std::random_device random;
    for (uint64_t& word : key) word = (uint64_t{random()} << 32 | random()) | 1;
  }

  bool IsFree(const Slot& slot) const { return slot.sequence_and_outcome < free_below; }

  // The id's slot, or the free one where it would be put.
  const Slot& Probe(const TransactionId& id) const {
    const size_t mask = slots.size() - 1;
    for (size_t i = Mix(id, key) >> shift;; i = (i + 1) & mask) {
      const Slot& slot = slots[i];
      if (IsFree(slot) || slot.id == id) return slot;
    }
  }

  // False only if the id can't be in here, because every UUIDv7 in here was made before it.
  bool MayHold(const TransactionId& id) const {
    return !IsVersion7(id) || BirthMs(id) <= newest_birth_ms;
  }

  void Insert(const TransactionId& id, const IdRecord& record, Timestamp time) {
    LUMBUNG_CHECK(count < limit && record.sequence > last_sequence);
    Slot& slot = const_cast<Slot&>(Probe(id));
    LUMBUNG_CHECK(IsFree(slot));
    slot.id = id;
    slot.sequence_and_outcome =
        record.sequence.value() << 16 | static_cast<uint16_t>(record.outcome);
    slot.fingerprint = record.fingerprint;
    if (count == 0) first_time = time;
    ++count;
    last_sequence = record.sequence;
    if (IsVersion7(id)) newest_birth_ms = std::max(newest_birth_ms, BirthMs(id));
  }

  // Forgets everything; from now on holds what comes after `last`.
  void BeginAfter(Sequence last) {
    free_below = (last.value() + 1) << 16;
    last_sequence = last;
    count = 0;
    newest_birth_ms = 0;
    indexed.store(false, std::memory_order_relaxed);
  }

  // Set at construction.
  HugeArray<Slot> slots;
  int shift;
  size_t full_at;
  size_t limit;
  uint64_t key[2];

  // Apply thread; frozen once the generation is sealed.
  uint64_t free_below = uint64_t{1} << 16;
  size_t count = 0;
  Sequence last_sequence;
  Timestamp first_time;
  uint64_t newest_birth_ms = 0;  // of the UUIDv7 in here; 0 if there is none

  // Set by the background thread (release, in MarkIndexed), read by the apply thread (acquire, in
  // CanTurn): when it is seen, the index has answered for this generation, and nobody reads it.
  std::atomic<bool> indexed{false};
};

IdWindow::IdWindow(Options options, const ColdIndex& cold)
    : cold_(cold), slots_per_generation_(options.slots_per_generation), start_(kAlways) {
  const size_t slots = slots_per_generation_;
  LUMBUNG_CHECK(slots >= 16 && (slots & (slots - 1)) == 0);
  for (auto& generation : generations_) generation = std::make_unique<Generation>(slots);
  current_ = generations_[0].get();
}

IdWindow::~IdWindow() = default;

void IdWindow::BeginAt(Timestamp time) {
  LUMBUNG_CHECK(current_->count == 0 && previous_ == nullptr);
  newest_left_ms_.store(static_cast<uint64_t>((time.value() + kMaxClockSkewNs) / kNsPerMs),
                        std::memory_order_relaxed);
  start_.store(time.value(), std::memory_order_release);
}

std::optional<IdRecord> IdWindow::FindInMemory(const TransactionId& id) const {
  if (const Slot& slot = current_->Probe(id); !current_->IsFree(slot)) return slot.record();
  if (previous_ != nullptr && previous_->MayHold(id)) {
    if (const Slot& slot = previous_->Probe(id); !previous_->IsFree(slot)) return slot.record();
  }
  return std::nullopt;
}

std::optional<IdRecord> IdWindow::Find(const TransactionId& id, const ColdLookup& lookup) const {
  if (const auto record = FindInMemory(id)) return record;
  if (lookup.answer == ColdLookup::Answer::kFound) return lookup.record;
  if (lookup.answer == ColdLookup::Answer::kUnreadable) [[unlikely]]
    return FindCold(id);
  // The apply thread itself is the writer of dropped_.
  if (lookup.generations >= dropped_.load(std::memory_order_relaxed)) return std::nullopt;
  if (!NeedsCold(id)) return std::nullopt;
  return FindCold(id);
}

std::optional<IdRecord> IdWindow::FindCold(const TransactionId& id) const {
  ColdLookup lookup;
  cold_.Find({&id, 1}, {&lookup, 1});
  // It can't prove that an id is new: going on could pay twice.
  LUMBUNG_CHECK(lookup.answer != ColdLookup::Answer::kUnreadable && "the id index can't be read");
  if (lookup.answer != ColdLookup::Answer::kFound) return std::nullopt;
  return lookup.record;
}

void IdWindow::Insert(const TransactionId& id, const IdRecord& record, Timestamp time) {
  LUMBUNG_CHECK(record.sequence != kNoSequence && record.sequence.value() <= kMaxSequence);
  if (current_->count >= current_->full_at && CanTurn()) Turn();
  current_->Insert(id, record, time);
  size_.store(current_->count + (previous_ != nullptr ? previous_->count : 0),
              std::memory_order_relaxed);
}

void IdWindow::Prefetch(const TransactionId& id) const {
  __builtin_prefetch(&current_->slots[Mix(id, current_->key) >> current_->shift], 1);
  if (previous_ != nullptr && previous_->MayHold(id)) {
    __builtin_prefetch(&previous_->slots[Mix(id, previous_->key) >> previous_->shift], 0);
  }
}

size_t IdWindow::full_at() const { return current_->full_at; }

bool IdWindow::NeedsSealing() const { return current_->count >= current_->full_at && !CanTurn(); }

bool IdWindow::CanTurn() const {
  // Pairs with the release store of MarkIndexed.
  return previous_ == nullptr || previous_->indexed.load(std::memory_order_acquire);
}

// The previous generation leaves, the current one is sealed, and the table of the one that left
// takes what comes next.
void IdWindow::Turn() {
  Generation* const leaving = previous_;
  previous_ = current_;
  current_ = leaving != nullptr ? leaving : generations_[1].get();
  if (leaving != nullptr) {
    // A thread that sees the new count (acquire, in NotNeeded) also sees the new bounds.
    newest_left_ms_.store(
        std::max(newest_left_ms_.load(std::memory_order_relaxed), leaving->newest_birth_ms),
        std::memory_order_relaxed);
    start_.store(previous_->first_time.value(), std::memory_order_release);  // pairs with NeedsCold
    dropped_.fetch_add(1, std::memory_order_release);
  }
  current_->BeginAfter(previous_->last_sequence);
  if (Sings(Canary::kForgottenGeneration)) previous_->free_below = current_->free_below;
  to_index_.store(previous_, std::memory_order_release);  // pairs with SealedUpTo
}

ColdLookup IdWindow::NotNeeded() const {
  ColdLookup lookup;
  lookup.answer = ColdLookup::Answer::kNotNeeded;
  lookup.generations = dropped_.load(std::memory_order_acquire);  // pairs with Turn
  return lookup;
}

bool IdWindow::NeedsCold(const TransactionId& id) const {
  if (Sings(Canary::kColdIdNotLookedUp)) return false;
  if (start_.load(std::memory_order_acquire) == kAlways) return false;  // pairs with Turn
  return !IsVersion7(id) || BirthMs(id) <= newest_left_ms_.load(std::memory_order_relaxed);
}

Timestamp IdWindow::start() const { return Timestamp{start_.load(std::memory_order_acquire)}; }

uint64_t IdWindow::dropped() const { return dropped_.load(std::memory_order_acquire); }

size_t IdWindow::size() const { return size_.load(std::memory_order_relaxed); }

// The second table is first filled when the first one is full, at three quarters of its slots.
void IdWindow::TakeMemoryAhead() {
  const size_t due = size() < slots_per_generation_ / 4 ? 1 : 2;
  for (; tables_taken_ < due; ++tables_taken_) generations_[tables_taken_]->slots.TakeNow();
}

std::optional<Sequence> IdWindow::SealedUpTo() const {
  const Generation* const sealed = to_index_.load(std::memory_order_acquire);  // pairs with Turn
  if (sealed == nullptr) return std::nullopt;
  return sealed->last_sequence;
}

void IdWindow::CopySealed(SealedIds& ids) const {
  const Generation* const sealed = to_index_.load(std::memory_order_acquire);
  LUMBUNG_CHECK(sealed != nullptr);
  ids.clear();
  ids.reserve(sealed->count);
  for (const Slot& slot : sealed->slots) {
    if (!sealed->IsFree(slot)) ids.push_back({slot.id, slot.record()});
  }
}

void IdWindow::MarkIndexed() {
  Generation* const sealed = to_index_.exchange(nullptr, std::memory_order_relaxed);
  LUMBUNG_CHECK(sealed != nullptr);
  sealed->indexed.store(true, std::memory_order_release);  // pairs with CanTurn
}

bool IdWindow::SealNow() {
  if (current_->count == 0 || !CanTurn()) return false;
  Turn();
  return true;
}

}  // namespace lumbung
