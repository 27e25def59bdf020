// Whether a server's proof of inclusion holds. Pure functions, safe on any bytes; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lumbung/v1/ledger_service.pb.h"
#include "storage/transparency/signed_note.h"

namespace lumbung {

struct ProofQuestion {
  uint64_t sequence = 0;
  std::span<const std::byte> leaf;  // the entry as it is stored, its attachment behind it
  const std::string& checkpoint;    // a signed note
  const VerifierKey& log;
};
// INVALID_ARGUMENT says what does not hold.
absl::Status CheckProof(const v1::ProveInclusionReply& reply, const ProofQuestion& question);

}  // namespace lumbung
