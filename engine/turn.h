// Whose turn it is to apply: the apply thread's, or that of a thread that has just published while
// the apply thread has nothing to do. It spares a lone payment the switch to another thread. What
// is said of the apply thread elsewhere holds for whoever has the turn.
//
// Memory ordering: every attempt and every return is a read-modify-write (acq_rel) of one variable,
// so they have one order, each sees what was done before those that came before it, and who takes
// the turn sees what its former holder did. No request is left lying:
//  - A publisher that is told kHelpers left its mark before the helper's Return, so the helper sees
//    what was published when it looks at the ring after that.
//  - The apply thread that asks in vain leaves a mark that Return reports; the helper wakes it.
//  - The apply thread looks at the ring after its own Return, so it sees what was published by
//    those who were told kApplyThread; for what comes later there is its Signal.
//  - Slots are published in any order. The apply thread may have been woken for slot 2 while slot 1
//    was empty, and the helper that publishes slot 1 need not know of slot 2: each looks at the
//    other's slot after it filled, or was told of, its own. So the apply thread Watches before it
//    looks. If that comes before the helper's Return, the helper sees slot 2 when it looks after
//    it; otherwise the apply thread sees slot 1, and that it is applied.
//
// tests/protocol tries all of this with every order of steps that the memory model permits.
#pragma once

#include <atomic>
#include <cstdint>

namespace lumbung {

class Turn {
 public:
  enum class Holder : uint8_t { kNobody, kHelper, kApplyThread };

  // Any thread but the apply thread. kNobody: it is now the caller's, as a helper. Otherwise who
  // has it; or kApplyThread also if a helper has it, but the apply thread has asked for it.
  Holder TakeToHelp() {
    const uint32_t before = state_.fetch_or(kHelper, std::memory_order_acq_rel);
    if (before == 0) return Holder::kNobody;
    return (before & kApplyThread) != 0 ? Holder::kApplyThread : Holder::kHelper;
  }

  // Apply thread. Whether it is now the caller's. REQUIRES: it is not yet.
  bool Take() { return (state_.fetch_or(kApplyThread, std::memory_order_acq_rel) & kHelper) == 0; }

  // Apply thread, without the turn: before it looks whether there is reason to take it.
  void Watch() { state_.fetch_or(0, std::memory_order_acq_rel); }

  enum class Asked : uint8_t { kNo, kYes };
  // Whoever has it gives it back. For a helper: whether the apply thread has asked for it.
  Asked Return() {
    return (state_.exchange(0, std::memory_order_acq_rel) & kApplyThread) != 0 ? Asked::kYes
                                                                               : Asked::kNo;
  }

 private:
  static constexpr uint32_t kHelper = 1;
  static constexpr uint32_t kApplyThread = 2;

  std::atomic<uint32_t> state_{kApplyThread};
};

}  // namespace lumbung
