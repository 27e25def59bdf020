#include "engine/id_window.h"

#include <cstring>
#include <limits>
#include <random>

#include "engine/check.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

struct Slot {
  TransactionId id;
  uint64_t sequence_and_outcome = 0;  // sequence << 16 | outcome; 0 marks a free slot
  uint64_t fingerprint = 0;

  bool free() const { return sequence_and_outcome == 0; }
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

}  // namespace

struct IdWindow::Generation {
  explicit Generation(size_t slot_count)
      : slots(slot_count),
        shift(64 - __builtin_ctzll(slot_count)),
        full_at(slot_count / 4 * 3),
        limit(slot_count / 16 * 15) {
    std::random_device random;
    for (uint64_t& word : key) word = (uint64_t{random()} << 32 | random()) | 1;
  }

  const Slot& Probe(const TransactionId& id) const {
    const size_t mask = slots.size() - 1;
    for (size_t i = Mix(id, key) >> shift;; i = (i + 1) & mask) {
      const Slot& slot = slots[i & mask];
      if (slot.free() || slot.id == id) return slot;
    }
  }

  void Insert(const TransactionId& id, const IdRecord& record, Timestamp time) {
    LUMBUNG_CHECK(count < limit);
    Slot& slot = const_cast<Slot&>(Probe(id));
    LUMBUNG_CHECK(slot.free());
    slot.id = id;
    slot.sequence_and_outcome =
        record.sequence.value() << 16 | static_cast<uint16_t>(record.outcome);
    slot.fingerprint = record.fingerprint;
    if (count == 0) first_time = time;
    ++count;
    if (record.sequence > last_sequence) last_sequence = record.sequence;
  }

  void Clear() {
    std::memset(static_cast<void*>(slots.data()), 0, slots.size() * sizeof(Slot));
    count = 0;
    last_sequence = kNoSequence;
    indexed.store(false, std::memory_order_relaxed);
  }

  // Set at construction.
  std::vector<Slot> slots;
  int shift;
  size_t full_at;
  size_t limit;
  uint64_t key[2];

  // Apply thread; frozen once the generation is sealed.
  size_t count = 0;
  Sequence last_sequence;
  Timestamp first_time;

  // Set by the background thread (release, in MarkIndexed), read by the apply thread (acquire, in
  // CanTurn): when it is seen, the index has answered for this generation.
  std::atomic<bool> indexed{false};
};

IdWindow::IdWindow(Options options, const ColdIndex& cold) : cold_(cold), start_(kAlways) {
  const size_t slots = options.slots_per_generation;
  LUMBUNG_CHECK(slots >= 16 && (slots & (slots - 1)) == 0);
  for (auto& generation : generations_) generation = std::make_unique<Generation>(slots);
  current_ = generations_[0].get();
  clean_.store(generations_[1].get(), std::memory_order_relaxed);
  // The third table becomes the clean one when the first turn has taken the second.
  to_clear_.store(generations_[2].get(), std::memory_order_relaxed);
}

IdWindow::~IdWindow() = default;

void IdWindow::BeginAt(Timestamp time) {
  LUMBUNG_CHECK(current_->count == 0 && previous_ == nullptr);
  start_.store(time.value(), std::memory_order_release);
}

std::optional<IdRecord> IdWindow::Find(const TransactionId& id, const ColdLookup& lookup) const {
  if (const Slot& slot = current_->Probe(id); !slot.free()) return slot.record();
  if (previous_ != nullptr) {
    if (const Slot& slot = previous_->Probe(id); !slot.free()) return slot.record();
  }
  if (lookup.answer == ColdLookup::Answer::kFound) return lookup.record;
  // The apply thread itself is the writer of dropped_.
  if (lookup.generations >= dropped_.load(std::memory_order_relaxed)) return std::nullopt;
  if (!NeedsCold(id)) return std::nullopt;
  return FindCold(id);
}

std::optional<IdRecord> IdWindow::FindCold(const TransactionId& id) const {
  ColdLookup lookup;
  cold_.Find({&id, 1}, {&lookup, 1});
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
  if (previous_ != nullptr) {
    __builtin_prefetch(&previous_->slots[Mix(id, previous_->key) >> previous_->shift], 0);
  }
}

bool IdWindow::NeedsSealing() const { return current_->count >= current_->full_at && !CanTurn(); }

bool IdWindow::CanTurn() const {
  // Pairs with the release stores of MarkIndexed and ClearDropped.
  if (previous_ != nullptr && !previous_->indexed.load(std::memory_order_acquire)) return false;
  return clean_.load(std::memory_order_acquire) != nullptr;
}

// The previous generation leaves, the current one is sealed, a clean one becomes current.
void IdWindow::Turn() {
  Generation* const leaving = previous_;
  previous_ = current_;
  current_ = clean_.exchange(nullptr, std::memory_order_acquire);
  if (leaving != nullptr) {
    // A thread that sees the new count (acquire, in NotNeeded) also sees the new start.
    start_.store(previous_->first_time.value(), std::memory_order_relaxed);
    dropped_.fetch_add(1, std::memory_order_release);
    to_clear_.store(leaving, std::memory_order_release);  // pairs with ClearDropped
  }
  to_index_.store(previous_, std::memory_order_release);  // pairs with SealedUpTo
}

ColdLookup IdWindow::NotNeeded() const {
  ColdLookup lookup;
  lookup.answer = ColdLookup::Answer::kNotNeeded;
  lookup.generations = dropped_.load(std::memory_order_acquire);  // pairs with Turn
  return lookup;
}

bool IdWindow::NeedsCold(const TransactionId& id) const {
  const int64_t start = start_.load(std::memory_order_acquire);
  if (start == kAlways) return false;
  const std::optional<Timestamp> birth = id.BirthTime();
  return !birth || birth->value() < start + kMaxClockSkewNs;
}

Timestamp IdWindow::start() const { return Timestamp{start_.load(std::memory_order_acquire)}; }

uint64_t IdWindow::dropped() const { return dropped_.load(std::memory_order_acquire); }

size_t IdWindow::size() const { return size_.load(std::memory_order_relaxed); }

std::optional<Sequence> IdWindow::SealedUpTo() const {
  const Generation* const sealed = to_index_.load(std::memory_order_acquire);  // pairs with Turn
  if (sealed == nullptr) return std::nullopt;
  return sealed->last_sequence;
}

void IdWindow::CopySealed(std::vector<SealedId>& ids) const {
  const Generation* const sealed = to_index_.load(std::memory_order_acquire);
  LUMBUNG_CHECK(sealed != nullptr);
  ids.clear();
  ids.reserve(sealed->count);
  for (const Slot& slot : sealed->slots) {
    if (!slot.free()) ids.push_back({slot.id, slot.record()});
  }
}

void IdWindow::MarkIndexed() {
  Generation* const sealed = to_index_.exchange(nullptr, std::memory_order_relaxed);
  LUMBUNG_CHECK(sealed != nullptr);
  sealed->indexed.store(true, std::memory_order_release);  // pairs with CanTurn
}

void IdWindow::ClearDropped() {
  Generation* const dropped = to_clear_.load(std::memory_order_acquire);  // pairs with Turn
  if (dropped == nullptr || clean_.load(std::memory_order_relaxed) != nullptr) return;
  to_clear_.store(nullptr, std::memory_order_relaxed);
  dropped->Clear();
  clean_.store(dropped, std::memory_order_release);  // pairs with CanTurn
}

bool IdWindow::SealNow() {
  ClearDropped();
  if (current_->count == 0 || !CanTurn()) return false;
  Turn();
  return true;
}

}  // namespace lumbung
