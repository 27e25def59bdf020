#include "bench/compare/proof_check.h"

#include <algorithm>
#include <utility>

#include "storage/transparency/receipt.h"

namespace lumbung {

absl::Status CheckProof(const v1::ProveInclusionReply& reply, const ProofQuestion& question) {
  ReceiptEntry entry{.sequence = question.sequence,
                     .leaf = {question.leaf.begin(), question.leaf.end()}};
  for (const std::string& bytes : reply.hashes()) {
    MerkleHash& hash = entry.proof.emplace_back();
    if (bytes.size() != hash.size()) {
      return absl::InvalidArgumentError("a hash of the proof has not 32 bytes");
    }
    std::copy(bytes.begin(), bytes.end(), hash.begin());
  }
  const Receipt receipt{.entries = {std::move(entry)}, .checkpoint = question.checkpoint};
  return VerifyReceipt(receipt, question.log, {}).status();
}

}  // namespace lumbung
