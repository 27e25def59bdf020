// Which witnesses somebody trusts, and how many of them must have cosigned a checkpoint. A
// cosignature is a witness's statement that the checkpoint extends all that it saw of the log
// before (C2SP tlog-cosignature). Pure functions, safe on any bytes; any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/transparency/signed_note.h"

namespace lumbung {

// So that a checkpoint with all cosignatures stays a few KiB, and a note within its 100 signatures.
inline constexpr size_t kMostWitnesses = 16;

// Reads vkeys with white space between them, none or more. INVALID_ARGUMENT if one of them is no
// vkey of type cosignature/v1, if two have one public key (the signature does not name its witness,
// so one witness would count twice), or if they are more than kMostWitnesses.
absl::StatusOr<std::vector<VerifierKey>> ParseWitnesses(std::string_view text);

struct WitnessRule {
  std::vector<VerifierKey> witnesses;
  size_t needed = 0;  // cosignatures of different ones of them
};

// INVALID_ARGUMENT if fewer than needed have cosigned, or if a line that claims to be of one of the
// witnesses is not right. A public key counts once.
absl::Status CheckCosignatures(const SignedNote& note, const WitnessRule& rule);

}  // namespace lumbung
