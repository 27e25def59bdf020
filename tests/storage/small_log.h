// A log of a few leaves in memory, with a key of its own: what a witness is shown.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "storage/transparency/checkpoint.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/signing_key.h"

namespace lumbung {

class SmallLog {
 public:
  // Reads or makes the key in the file.
  explicit SmallLog(const std::string& key_file)
      : key_(*SigningKey::ReadOrMake(key_file, "lumbung/small", KeyType::kEd25519)) {}

  void Append(const std::string& leaf) {
    leaves_.push_back(LeafHash(std::as_bytes(std::span(leaf))));
  }
  uint64_t size() const { return leaves_.size(); }
  const VerifierKey& verifier() const { return key_.verifier(); }

  Checkpoint At(uint64_t size) const {
    return {.origin = "lumbung/small", .size = size, .root = *RootOf(size, Nodes())};
  }
  std::string Note(uint64_t size) const {
    SignedNote note{.text = At(size).ToText()};
    note.signatures = {key_.Sign(note.text)};
    return note.ToString();
  }
  MerkleProof Proof(const ConsistencyQuestion& question) const {
    return *ConsistencyPath(question, Nodes());
  }

 private:
  NodeSource Nodes() const {
    return [this](NodePlace place) -> absl::StatusOr<MerkleHash> {
      const auto begin = leaves_.begin() + static_cast<ptrdiff_t>(place.index << place.height);
      return RootOfComplete({begin, begin + (ptrdiff_t{1} << place.height)});
    };
  }

  SigningKey key_;
  std::vector<MerkleHash> leaves_;
};

}  // namespace lumbung
