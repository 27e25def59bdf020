#include "bench/load/missing.h"

#include "absl/strings/cord.h"

namespace lumbung {

namespace {

constexpr char kMark[] = "lumbung/missing";

}  // namespace

absl::Status MissingError(std::string_view message) {
  absl::Status status = absl::FailedPreconditionError({message.data(), message.size()});
  status.SetPayload(kMark, absl::Cord());
  return status;
}

bool IsMissing(const absl::Status& status) { return status.GetPayload(kMark).has_value(); }

}  // namespace lumbung
