// Makes the ids of transactions as a client does: UUIDv7 (RFC 9562) of a given moment, UUIDv4 for a
// device that has no clock, and UUIDv8 for what must get the same id each time it is set up. A
// nanosecond or two an id. Not thread-safe.
#pragma once

#include <cstdint>

#include "bench/workload/random.h"
#include "engine/transaction_id.h"
#include "engine/types.h"

namespace lumbung {

class IdMaker {
 public:
  // Two makers with one seed make the same ids at the same moments. A client that runs twice takes
  // a seed that nobody can guess.
  explicit IdMaker(uint64_t seed) : random_(seed) {}

  TransactionId Version7(Timestamp now) {
    const uint64_t milliseconds = static_cast<uint64_t>(now.value() / 1'000'000);
    const uint64_t drawn = random_.Next();
    return {.high = milliseconds << 16 | uint64_t{7} << 12 | (drawn & 0xFFF),
            .low = kVariant | (random_.Next() >> 2)};
  }
  TransactionId Version4() {
    return {.high = (random_.Next() & ~uint64_t{0xF000}) | uint64_t{4} << 12,
            .low = kVariant | (random_.Next() >> 2)};
  }

 private:
  static constexpr uint64_t kVariant = uint64_t{0b10} << 62;

  Random random_;
};

// What is set up, by number: the id says which cooperative's, what, and whose.
struct SetUpStep {
  CooperativeId cooperative;
  uint16_t what = 0;    // 0 … 4,095
  uint32_t number = 0;  // member, branch or terminal
};
constexpr TransactionId SetUpId(SetUpStep step) {
  constexpr uint64_t kMark = 0x6C756D62756E;  // "lumbun": recognised in a listing
  return {.high = kMark << 16 | uint64_t{8} << 12 | (step.what & 0xFFF),
          .low = uint64_t{0b10} << 62 | uint64_t{step.cooperative.value()} << 32 | step.number};
}

}  // namespace lumbung
