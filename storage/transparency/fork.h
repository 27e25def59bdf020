// Whether one checkpoint of a log extends another, and what is kept if it does not: for witnesses,
// auditors and everybody else who holds an older one. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/signed_note.h"

namespace lumbung {

// Of one log, each with its signed note.
struct TwoCheckpoints {
  const Checkpoint& older;
  const Checkpoint& newer;
};

// Empty if the newer one is proven to extend the older one; otherwise why not, in words. The proof
// is from the older size to the newer one (RFC 9162), empty if they are equal.
std::string WhyNotExtended(const TwoCheckpoints& two, std::span<const MerkleHash> proof);

// Two notes that the log signed.
struct ForkEvidence {
  const VerifierKey& log;
  std::string why;
  std::string_view older;
  std::string_view newer;
};
// Keeps both in a file `<stem>.fork-<size>-<root>` of the newer one, unless they are kept already.
// Of two trees that do not extend each other they prove to anybody that the holder of the log's
// key has told two stories. Returns ABORTED, which says why, and where they are or why they could
// not be kept. REQUIRES: the notes were opened as checkpoints.
//
// The file, in text: `lumbung-fork 1`, why, the vkey, then twice a line `checkpoint <bytes>` with a
// note of so many bytes behind it.
absl::Status KeepFork(const std::string& stem, const ForkEvidence& fork);

}  // namespace lumbung
