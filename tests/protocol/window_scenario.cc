#include "tests/protocol/checked_atomic.h"
// Above this line std::atomic is the library's, below it is the checked one.
#include "engine/id_window.h"
#include "tests/protocol/window_scenario.h"

namespace lumbung {

namespace {

using Ends = Explorer::Ends;

// As storage/derived_store.cc does it: the ids are there for every search before the count says so,
// and a search reads the count before it begins.
class Index final : public ColdIndex {
 public:
  void Add(const SealedIds& ids) {
    generations_of_ids_.push_back(ids);
    const uint64_t count = generations_of_ids_.size();
    ingested_.store(count, std::memory_order_release);
    generations_.store(count, std::memory_order_release);
  }
  void Find(std::span<const TransactionId> ids, std::span<ColdLookup> answers) const override {
    const uint64_t generations = generations_.load(std::memory_order_acquire);
    const uint64_t ingested = ingested_.load(std::memory_order_acquire);
    for (size_t i = 0; i < ids.size(); ++i) {
      answers[i] = {.answer = ColdLookup::Answer::kAbsent, .generations = generations};
      for (size_t g = 0; g < ingested; ++g) {
        for (const SealedId& sealed : generations_of_ids_[g]) {
          if (sealed.id != ids[i]) continue;
          answers[i].answer = ColdLookup::Answer::kFound;
          answers[i].record = sealed.record;
        }
      }
    }
  }
  uint64_t generations() const override { return generations_.load(std::memory_order_acquire); }

 private:
  std::vector<SealedIds> generations_of_ids_;  // a search sees the first `ingested_` of them
  std::atomic<uint64_t> ingested_{0};
  std::atomic<uint64_t> generations_{0};
};

// Generations of one id each. Id n is the n-th, of a UUIDv7 made in millisecond n.
struct WatchedWindow {
  static TransactionId Id(uint64_t n) { return {n << 16 | 0x7000, uint64_t{1} << 63 | n}; }

  // --- the apply thread ---
  void Spend() {
    const uint64_t n = ++spent;
    current().Write(n);
    window.Insert(Id(n), {Sequence{n}, Outcome::kAccepted, n}, Timestamp{static_cast<int64_t>(n)});
  }
  bool Turn() {
    if (!window.SealNow()) return false;
    ++turns;
    current().Write(0);
    return true;
  }
  Plain& current() { return tables[turns % 2]; }
  void ExpectEachFound(Explorer& explorer, const ColdLookup& lookup) {
    for (uint64_t n = 1; n <= spent; ++n) {
      const auto found = window.Find(Id(n), lookup);
      explorer.Expect(found && found->sequence == Sequence{n}, "a spent id is taken for new");
    }
  }

  // --- the background thread ---
  bool IndexSealed() {
    if (!window.SealedUpTo()) return false;
    tables[indexed++ % 2].Read();
    SealedIds ids;
    window.CopySealed(ids);
    index.Add(ids);
    window.MarkIndexed();
    return true;
  }

  // --- a decoding thread ---
  ColdLookup LookUp(const TransactionId& id) const {
    ColdLookup lookup = window.NotNeeded();
    if (window.NeedsCold(id)) index.Find({&id, 1}, {&lookup, 1});
    return lookup;
  }

  Index index;
  IdWindow window{{.slots_per_generation = 16}, index};
  Plain tables[2];  // belong to the apply thread, sealed to nobody who writes
  uint64_t spent = 0;
  size_t turns = 0;
  size_t indexed = 0;
};

}  // namespace

// The generation of the last id is sealed when the threads begin, and leaves as soon as it is in
// the index; the next may follow it. Those before it have left.
void LookUpAnIdThatLeavesTheWindow(Explorer& explorer, uint64_t ids) {
  auto& watched = explorer.Make<WatchedWindow>();
  const ColdLookup early = watched.window.NotNeeded();
  for (uint64_t n = 1; n <= ids; ++n) {
    if (n > 1) explorer.Expect(watched.IndexSealed(), "nothing is sealed");
    watched.Spend();
    explorer.Expect(watched.Turn(), "the window does not turn");
  }
  auto& lookup = explorer.Make<ColdLookup>();
  explorer.AddThread("the apply thread", Ends::kMust, [&, early] {
    for (int more = 0; more < 2; ++more) {
      watched.Spend();
      // A look-up from long ago: it asks the index itself.
      if (watched.Turn()) watched.ExpectEachFound(explorer, early);
    }
  });
  explorer.AddThread("the background thread", Ends::kMust, [&] {
    explorer.Expect(watched.IndexSealed(), "a sealed generation is not shown");
    watched.IndexSealed();
  });
  const TransactionId asked = WatchedWindow::Id(ids);
  explorer.AddThread("a decoding thread", Ends::kMust,
                     [&, asked] { lookup = watched.LookUp(asked); });
  explorer.AtEnd([&, early, asked] {
    explorer.Expect(watched.window.Find(asked, lookup).has_value(),
                    "a repeat that was looked up is taken for new");
    watched.ExpectEachFound(explorer, early);
    while (watched.IndexSealed()) continue;
    watched.Spend();
    explorer.Expect(watched.Turn(), "a generation that is indexed can't leave");
  });
}

}  // namespace lumbung
