// A client's own record: what it asked for and what it was answered. Written by its client alone;
// read by others once the client has ended.
#pragma once

#include <cstdint>
#include <vector>

#include "lumbung/v1/types.pb.h"
#include "tests/crash/payment.h"

namespace lumbung {

// What the server said of one transaction, and when.
struct Answer {
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  bool duplicate = false;
  uint64_t sequence = 0;
  int64_t timestamp_ns = 0;
  // The client's steady clock, nanoseconds: before it was sent, after it was answered.
  int64_t invoked_ns = 0;
  int64_t replied_ns = 0;
};

enum class Fate : uint8_t {
  kUnsent,    // or refused without a record: free to be sent
  kUnknown,   // sent, and not answered
  kAnswered,  // accepted or declined
};

struct Sent {
  Payment payment;
  Fate fate = Fate::kUnsent;
  bool may_be_taken = false;  // was sent before and not answered
  bool fence_asked = false;
  // The first answer. Its span of time is the smallest that contains the moment of recording: of
  // all that were sent under this id, if the answer was that of a duplicate.
  Answer answer;
  int64_t first_invoked_ns = 0;
};

// Counted by the client.
struct Tally {
  uint64_t accepted = 0;
  uint64_t declined = 0;
  uint64_t unknown = 0;         // transactions that a call left without an answer
  uint64_t survived = 0;        // of these, had been recorded
  uint64_t sent_anew = 0;       // of these, had not been, and are now
  uint64_t never = 0;           // of these, had not been, and never will be: fenced
  uint64_t repeated = 0;        // acknowledged ones sent again, answered as they were
  uint64_t conflicts = 0;       // acknowledged ones sent with other content, refused
  uint64_t twins = 0;           // new ones sent over two connections at once
  uint64_t frozen_streams = 0;  // whose answers were read late or never
  uint64_t refused = 0;         // ids from the future
  uint64_t not_taken = 0;       // the ring was full
  uint64_t broken_calls = 0;    // ended without an answer

  void Add(const Tally& other);
};

struct Record {
  std::vector<Sent> sent;
  Tally tally;
};

}  // namespace lumbung
