// Not a target but the proof that targets find what is there: it holds a sentence to be true that
// some attachments break, and the test expects that the fuzzer finds one within seconds.
// Input: the bytes of an attachment.
#include "engine/attachment.h"

#include "engine/check.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

bool Try(Input input) {
  const auto decoded = Attachment::Decode(std::as_bytes(std::span(input.rest())));
  if (!decoded) return false;
  const bool zone_of_frozen_account =
      decoded->zone_minutes && decoded->status == AccountStatus::kFrozen;
  LUMBUNG_CHECK(!zone_of_frozen_account);
  return true;
}

std::vector<Seed> Seeds() { return {{"empty", ""}}; }

}  // namespace lumbung::fuzz
