// Deliberate bugs, for the tests that prove that the other tests would find them
// (tests/README.md lists them). They exist only where LUMBUNG_CANARIES is defined: in the
// asan build and in the simulation's own copy of the engine, never in what is installed. Without
// it Sings() is a constant, and nothing of this header is left in the library.
//
// One of them at most, chosen when the process starts: by its name in the environment variable
// LUMBUNG_CANARY. Any thread.
#pragma once

#include <cstdint>

#ifdef LUMBUNG_CANARIES
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#endif

namespace lumbung {

enum class Canary : uint8_t {
  kNone,
  kReplyBeforeDurable,    // what is only applied is answered
  kFailedWriteAnswered,   // a journal error is taken for success
  kForgottenGeneration,   // ids are forgotten when their generation is sealed
  kSkippedSync,           // the ledger is written without a sync
  kRoundedDown,           // tax and fees are rounded down
  kExpiredTwice,          // a voided hold expires too
  kLostWakeUp,            // a thread parks without looking once more
  kUnchainedBlock,        // a block names no block before it
  kSnapshotTooYoung,      // a checkpoint's watermark is ahead of its images
  kCreditNotInBalance,    // an entry shows the creditor's balance of before
  kConflictForDuplicate,  // an id with other content is answered as a repeat
  kMidnightTooLate,       // the day's limit begins anew a nanosecond after midnight
  kTornTailAccepted,      // a damaged log is opened
  kColdIdNotLookedUp,     // an id that has left the window is taken for new
};

#ifdef LUMBUNG_CANARIES

inline Canary ChosenCanary() {
  constexpr const char* kNames[] = {
      "none",
      "reply_before_durable",
      "failed_write_answered",
      "forgotten_generation",
      "skipped_sync",
      "rounded_down",
      "expired_twice",
      "lost_wake_up",
      "unchained_block",
      "snapshot_too_young",
      "credit_not_in_balance",
      "conflict_for_duplicate",
      "midnight_too_late",
      "torn_tail_accepted",
      "cold_id_not_looked_up",
  };
  static_assert(std::size(kNames) == static_cast<size_t>(Canary::kColdIdNotLookedUp) + 1);
  const char* const wanted = std::getenv("LUMBUNG_CANARY");
  if (wanted == nullptr) return Canary::kNone;
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (std::strcmp(kNames[i], wanted) == 0) return static_cast<Canary>(i);
  }
  std::fprintf(stderr, "LUMBUNG_CANARY=%s: there is no such canary\n", wanted);
  std::abort();
}

// Whether this bug is to be made.
inline bool Sings(Canary canary) {
  static const Canary chosen = ChosenCanary();
  return canary == chosen;
}

#else

consteval bool Sings(Canary) { return false; }

#endif

}  // namespace lumbung
