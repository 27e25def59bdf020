// The text of a checkpoint (C2SP tlog-checkpoint): what is signed about a tree.
//
//   <origin>\n<size in decimal>\n<base64 of the root hash>\n, then extension lines, of which we
//   write none and keep those of others.
//
// Pure functions, safe on any bytes; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/signed_note.h"

namespace lumbung {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  MerkleHash root{};

  std::string ToText() const;
  // INVALID_ARGUMENT says what is wrong.
  static absl::StatusOr<Checkpoint> Parse(std::string_view text);
};

// The checkpoint of a note that the log signed: its key's name is the origin, and each of its lines
// is right. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& log);

}  // namespace lumbung
