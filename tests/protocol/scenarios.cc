#include "tests/protocol/checked_atomic.h"
// Above this line std::atomic is the library's, below it is the checked one.
#include "engine/hand_over.h"
#include "engine/request.h"
#include "engine/ring.h"
#include "engine/turn.h"
#include "engine/wait_strategy.h"
#include "tests/protocol/scenarios.h"
#include "tests/protocol/window_scenario.h"

namespace lumbung {

namespace {

using Ends = Explorer::Ends;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

// --- a thread that waits for what two others do ---

struct TwoEvents {
  Signal signal{0};
  std::atomic<uint64_t> happened[2];
  Plain left[2];
};

void WaitForTwoEvents(Explorer& explorer) {
  auto& events = explorer.Make<TwoEvents>();
  for (size_t i = 0; i < 2; ++i) {
    explorer.AddThread("notifier " + std::to_string(i), Ends::kMust, [&events, i] {
      events.left[i].Write(7);
      events.happened[i].store(1, kRelease);
      events.signal.Notify();
    });
  }
  explorer.AddThread("the waiter", Ends::kMust, [&] {
    for (size_t i = 0; i < 2; ++i) {
      events.signal.WaitUntil([&] { return events.happened[i].load(kAcquire) != 0; });
      explorer.Expect(events.left[i].Read() == 7, "the waiter does not see what was left for it");
    }
  });
}

// --- the ring ---

struct WatchedRing {
  explicit WatchedRing(size_t slots) : ring(slots, 0) {}

  bool Put(size_t number) {
    content[number].Write(number);
    taken[number] =
        ring.Put(requests[number], Ring::Claimant::kOrdinary) == Ring::ClaimStatus::kClaimed;
    return taken[number];
  }
  void Consume(Explorer& explorer, uint64_t n) {
    Request* const request = ring.Published(n);
    explorer.Expect(request != nullptr, "what was published is gone");
    const auto number = static_cast<size_t>(request - requests);
    explorer.Expect(content[number].Read() == number, "a request without its content");
    ++consumed[number];
    emptied[n].Write(1);
    ring.Release(n);
  }
  void ExpectEachConsumedOnce(Explorer& explorer) const {
    for (size_t i = 0; i < 4; ++i) {
      explorer.Expect(consumed[i] == (taken[i] ? 1 : 0), "what was taken was not consumed once");
    }
    explorer.Expect(ring.replied() == ring.claimed(), "a slot is not free again");
  }

  Ring ring;
  Signal signal{0};
  Request requests[4];
  Plain content[4];  // of a request
  Plain emptied[4];  // slot n is used no longer
  bool taken[4] = {};
  int consumed[4] = {};
};

void FillARingOfTwoSlots(Explorer& explorer) {
  auto& watched = explorer.Make<WatchedRing>(2);
  explorer.AddThread("the producer", Ends::kMust, [&] {
    for (size_t i = 0; i < 4; ++i) {
      if (!watched.Put(i)) break;
      if (i >= 2) watched.emptied[i - 2].Read();
      watched.signal.Notify();
    }
    explorer.Expect(watched.taken[0] && watched.taken[1], "a ring with room refuses a request");
  });
  explorer.AddThread("the consumer", Ends::kMayWaitForEver, [&] {
    for (uint64_t n = 0; n < 4; ++n) {
      watched.signal.WaitUntil([&] { return watched.ring.Published(n) != nullptr; });
      watched.Consume(explorer, n);
    }
  });
  explorer.AtEnd([&] { watched.ExpectEachConsumedOnce(explorer); });
}

void ContendForARingThatIsClosed(Explorer& explorer) {
  auto& watched = explorer.Make<WatchedRing>(2);
  for (size_t p = 0; p < 2; ++p) {
    explorer.AddThread("producer " + std::to_string(p), Ends::kMust, [&watched, p] {
      if (watched.Put(p)) watched.signal.Notify();
      if (p == 0) {
        watched.ring.Close();
        watched.signal.Notify();
      }
    });
  }
  explorer.AddThread("the consumer", Ends::kMust, [&] {
    for (uint64_t n = 0;; ++n) {
      watched.signal.WaitUntil(
          [&] { return watched.ring.Published(n) != nullptr || watched.ring.IsEnd(n); });
      if (watched.ring.Published(n) == nullptr) break;
      watched.Consume(explorer, n);
    }
    watched.ExpectEachConsumedOnce(explorer);
  });
}

// --- the queue between the apply and the persist thread ---

struct WatchedQueue {
  HandOver queue{2};
  Signal not_empty{0};
  Signal not_full{0};
  Plain content[5];
  Plain emptied[5];
};

void HandOverThreeItemsThroughTwoPlaces(Explorer& explorer) {
  auto& watched = explorer.Make<WatchedQueue>();
  constexpr uint64_t kItems = 3;
  explorer.AddThread("the apply thread", Ends::kMust, [&] {
    for (uint64_t n = 1; n <= kItems; ++n) {
      watched.content[n].Write(n);
      watched.not_full.WaitUntil([&] { return watched.queue.TryPush({nullptr, n}); });
      if (n > 2) watched.emptied[n - 2].Read();
      watched.not_empty.Notify();
    }
    watched.not_full.WaitUntil([&] { return watched.queue.drained(); });
    watched.emptied[kItems].Read();
  });
  explorer.AddThread("the persist thread", Ends::kMust, [&] {
    uint64_t taken = 0;
    while (taken < kItems) {
      watched.not_empty.WaitUntil([&] { return !watched.queue.empty(); });
      watched.emptied[taken + 1].Write(1);
      for (HandedOver item; watched.queue.TryPop(item);) {  // all that is there, as one group
        explorer.Expect(item.applied == ++taken, "an item out of order");
        explorer.Expect(watched.content[taken].Read() == taken, "an item without its content");
        watched.emptied[taken + 1].Write(1);
      }
      watched.not_full.Notify();
    }
  });
}

// --- the turn: an apply thread and two that help (ApplyStage::Run and HelpOrNotify) ---

struct Applying {
  bool IsPublished(uint64_t n) { return n < 2 && published[n].load(kAcquire) != 0; }
  bool HasWork() { return IsPublished(applied.load(kAcquire)); }
  bool ProcessNext() {
    const uint64_t n = books.Read();
    if (!IsPublished(n)) return false;
    books.Write(n + 1);
    applied.store(n + 1, kRelease);
    return true;
  }
  void RunApplyThread() {
    for (;;) {
      if (ProcessNext()) continue;
      turn.Return();
      signal.WaitUntil([&] {
        turn.Watch();
        return HasWork() && turn.Take();
      });
    }
  }
  void HelpOrNotify() {
    switch (turn.TakeToHelp()) {
      case Turn::Holder::kHelper:
        return;
      case Turn::Holder::kApplyThread:
        return signal.Notify();
      case Turn::Holder::kNobody:
        break;
    }
    ProcessNext();
    if (turn.Return() == Turn::Asked::kYes || HasWork()) signal.Notify();
  }

  Turn turn;
  Signal signal{0};
  std::atomic<uint64_t> published[2];  // slots of a ring, claimed in the order of the threads
  std::atomic<uint64_t> applied{0};
  Plain books;  // belong to whoever has the turn; the number of requests applied
};

void ApplyInTurns(Explorer& explorer, size_t helpers) {
  auto& applying = explorer.Make<Applying>();
  for (size_t i = 0; i < 2; ++i) {
    const bool helps = i < helpers;
    explorer.AddThread((helps ? "helper " : "notifier ") + std::to_string(i), Ends::kMust,
                       [&applying, i, helps] {
                         applying.published[i].store(1, kRelease);
                         helps ? applying.HelpOrNotify() : applying.signal.Notify();
                       });
  }
  explorer.AddThread("the apply thread", Ends::kMayWaitForEver, [&] { applying.RunApplyThread(); });
  explorer.AtEnd([&] {
    explorer.Expect(applying.books.Read() == 2, "a request is left lying: a lost wake-up");
  });
}

}  // namespace

std::span<const NamedScenario> Scenarios() {
  static const NamedScenario scenarios[] = {
      {"a thread waits for two events", WaitForTwoEvents, {}},
      {"a ring of two slots is filled", FillARingOfTwoSlots, {.stale_loads = 2, .preemptions = 3}},
      {"producers contend for a ring that is closed",
       ContendForARingThatIsClosed,
       {.stale_loads = 2, .preemptions = 2}},
      {"three items go through a queue of two",
       HandOverThreeItemsThroughTwoPlaces,
       {.stale_loads = 2, .preemptions = 2}},
      {"a helper and the apply thread take turns",
       [](Explorer& explorer) { ApplyInTurns(explorer, 1); },
       {.stale_loads = 2, .preemptions = 3}},
      {"two helpers and the apply thread take turns",
       [](Explorer& explorer) { ApplyInTurns(explorer, 2); },
       {.stale_loads = 2, .preemptions = 3}},
      {"the first id leaves the window while it is looked up",
       [](Explorer& explorer) { LookUpAnIdThatLeavesTheWindow(explorer, 1); },
       {.stale_loads = 2, .preemptions = 3}},
      {"another id leaves the window while it is looked up",
       [](Explorer& explorer) { LookUpAnIdThatLeavesTheWindow(explorer, 2); },
       {.stale_loads = 2, .preemptions = 3}},
  };
  return scenarios;
}

}  // namespace lumbung
