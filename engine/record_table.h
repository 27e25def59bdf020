// Records by a 64-bit key, with the bookkeeping of the fuzzy checkpoint (state.h). Records stand in
// chunks and never move, so a pointer to one stays good; they are never removed.
//
// The index is one open-addressing table of 8-byte slots, at most three quarters full: the upper 32
// bits of the key's hash and the record's number. The upper bits choose the place, so that the
// table grows by copying slots in order, without a look at the records. It grows by a quarter, so
// an account takes 128 bytes, 11 to 13 for the index and 2 bits for the checkpoint. Index and
// records are in large pages, since they are touched at random.
//
// A record type has a function `uint64_t KeyOf(const Record&)` beside it. Not thread-safe.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/check.h"
#include "engine/huge_array.h"

namespace lumbung {

template <typename Record>
class RecordTable {
 public:
  // A record and its number, by which it is marked as dirty.
  struct Ref {
    Record* record = nullptr;
    uint32_t number = 0;

    explicit operator bool() const { return record != nullptr; }
    Record& operator*() const { return *record; }
    Record* operator->() const { return record; }
  };

  RecordTable() : slots_(kFirstSlots) {}

  size_t size() const { return size_; }
  const Record& at(size_t number) const { return chunks_[number / kChunk][number % kChunk]; }
  // REQUIRES: number < size().
  Ref RefOf(uint32_t number) {
    return {.record = &chunks_[number / kChunk][number % kChunk], .number = number};
  }

  // Empty if there is none.
  Ref Find(uint64_t key) {
    const uint32_t tag = TagOf(key);
    for (size_t place = PlaceOf(tag);; place = Next(place)) {
      const Slot slot = slots_[place];
      if (slot.number_plus_1 == 0) return {};
      if (slot.tag != tag) continue;
      const Ref found = RefOf(slot.number_plus_1 - 1);
      if (KeyOf(*found) == key) return found;
    }
  }
  const Record* Find(uint64_t key) const {
    return const_cast<RecordTable*>(this)->Find(key).record;
  }

  // Takes in a new record; it is not dirty. REQUIRES: its key is not in the table.
  Ref Insert(Record record) {
    LUMBUNG_CHECK(size_ < UINT32_MAX - 1);
    if (4 * (size_ + 1) > 3 * slots_.size()) Grow();
    if (size_ == chunks_.size() * kChunk) {
      chunks_.emplace_back(kChunk);
      dirty_.resize(chunks_.size() * kChunk / kWordBits);
    }
    const uint32_t number = static_cast<uint32_t>(size_++);
    Place({.tag = TagOf(KeyOf(record)), .number_plus_1 = number + 1});
    const Ref stored = RefOf(number);
    *stored = std::move(record);
    return stored;
  }

  // Asks for the slot that Find(key) will touch; then, when that has arrived, for the record.
  // Always inlined: g++ 12 takes a function of prefetches alone for one without an effect, and
  // leaves its calls out.
  [[gnu::always_inline]] void PrefetchSlot(uint64_t key) const {
    __builtin_prefetch(&slots_[PlaceOf(TagOf(key))]);
  }
  [[gnu::always_inline]] void PrefetchRecord(uint64_t key) const {
    const uint32_t tag = TagOf(key);
    for (size_t place = PlaceOf(tag); slots_[place].number_plus_1 != 0; place = Next(place)) {
      if (slots_[place].tag != tag) continue;
      const char* const record =
          reinterpret_cast<const char*>(&at(slots_[place].number_plus_1 - 1));
      for (size_t line = 0; line < sizeof(Record); line += kCacheLine) {
        __builtin_prefetch(record + line, 1);
      }
      return;
    }
  }

  // --- checkpoint ---
  void MarkDirty(uint32_t number) {
    dirty_[number / kWordBits] |= uint64_t{1} << (number % kWordBits);
  }
  // What is dirty now makes up the round; nothing is dirty any more.
  // REQUIRES: the round before is complete.
  void BeginRound() {
    std::swap(dirty_, round_);
    dirty_.assign(chunks_.size() * kChunk / kWordBits, 0);
    round_word_ = 0;
  }
  bool RoundIsComplete() const { return round_word_ == round_.size(); }
  // Appends up to `limit` records of the round, as they are now. Returns how many.
  size_t Collect(size_t limit, std::vector<Record>& out) {
    size_t taken = 0;
    for (; round_word_ < round_.size(); ++round_word_) {
      uint64_t& word = round_[round_word_];
      for (; word != 0; word &= word - 1) {
        if (taken == limit) return taken;
        out.push_back(at(round_word_ * kWordBits + static_cast<size_t>(std::countr_zero(word))));
        ++taken;
      }
    }
    return taken;
  }

 private:
  struct Slot {
    uint32_t tag = 0;
    uint32_t number_plus_1 = 0;  // 0: free
  };
  static_assert(sizeof(Slot) == 8);
  using Slots = std::vector<Slot, HugeAllocator<Slot>>;
  using Chunk = std::vector<Record, HugeAllocator<Record>>;

  static constexpr size_t kFirstSlots = 256;
  static constexpr size_t kWordBits = 64;
  static constexpr size_t kCacheLine = 64;
  // One large page of records, but for what is too little for another word of bits.
  static constexpr size_t kChunk = HugePages::kPage / sizeof(Record) / kWordBits * kWordBits;
  static_assert(kChunk > 0);

  static uint32_t TagOf(uint64_t key) {
    // Both halves of the product, since the upper bits of a key hardly differ between neighbours.
    const unsigned __int128 product =
        static_cast<unsigned __int128>(key) * uint64_t{0x9e3779b97f4a7c15};
    const uint64_t mixed = (static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64)) *
                           uint64_t{0xd6e8feb86659fd93};
    return static_cast<uint32_t>(mixed >> 32);
  }
  size_t PlaceOf(uint32_t tag) const { return (uint64_t{tag} * slots_.size()) >> 32; }
  size_t Next(size_t place) const { return place + 1 == slots_.size() ? 0 : place + 1; }

  void Place(Slot slot) {
    size_t place = PlaceOf(slot.tag);
    while (slots_[place].number_plus_1 != 0) place = Next(place);
    slots_[place] = slot;
  }
  void Grow() {
    Slots old(slots_.size() + slots_.size() / 4);
    std::swap(old, slots_);
    for (const Slot& slot : old) {
      if (slot.number_plus_1 != 0) Place(slot);
    }
  }

  Slots slots_;
  std::vector<Chunk> chunks_;
  size_t size_ = 0;
  std::vector<uint64_t> dirty_;  // one bit a record
  std::vector<uint64_t> round_;  // what the open round has still to copy
  size_t round_word_ = 0;
};

}  // namespace lumbung
