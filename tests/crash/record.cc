#include "tests/crash/record.h"

namespace lumbung {

void Tally::Add(const Tally& other) {
  accepted += other.accepted;
  declined += other.declined;
  unknown += other.unknown;
  survived += other.survived;
  sent_anew += other.sent_anew;
  never += other.never;
  repeated += other.repeated;
  conflicts += other.conflicts;
  twins += other.twins;
  frozen_streams += other.frozen_streams;
  refused += other.refused;
  not_taken += other.not_taken;
  broken_calls += other.broken_calls;
}

}  // namespace lumbung
