// A receipt: entries of one transaction, each with its proof of inclusion, and the checkpoint under
// which they are proven. Whoever has the log's public key can check it, offline, for ever.
//
// Pure functions, safe on any bytes; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/entry.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/signed_note.h"
#include "storage/transparency/witness_rule.h"

namespace lumbung {

struct ReceiptEntry {
  uint64_t sequence = 0;
  std::vector<std::byte> leaf;  // the entry as it is stored, with its attachment behind it
  MerkleProof proof;
};

struct Receipt {
  std::vector<ReceiptEntry> entries;  // in the ledger's order
  std::string checkpoint;             // a signed note
};

// What a leaf says. Nothing is proven by reading it.
struct LeafContent {
  Entry entry;
  std::string text;  // the caller's reference
};
// INVALID_ARGUMENT if it is no entry with its attachment.
absl::StatusOr<LeafContent> ReadLeaf(std::span<const std::byte> leaf);

// What a receipt proves.
struct ProvenReceipt {
  Checkpoint checkpoint;
  std::vector<LeafContent> entries;
  bool whole = false;  // all entries of the transaction are there
};
// INVALID_ARGUMENT says what does not hold: the log's signature, the witnesses' cosignatures, an
// entry's proof, or that the entries are of one transaction.
absl::StatusOr<ProvenReceipt> VerifyReceipt(const Receipt& receipt, const VerifierKey& log,
                                            const WitnessRule& rule);

}  // namespace lumbung
