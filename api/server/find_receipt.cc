#include "api/server/find_receipt.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "api/server/submit.h"
#include "engine/check.h"

namespace lumbung {

namespace {

// The bytes of the block's attachments before the entry's own.
size_t AttachmentOffset(const StoredBlock& block, size_t index) {
  return std::accumulate(
      block.entries.begin(), block.entries.begin() + static_cast<ptrdiff_t>(index), size_t{0},
      [](size_t sum, const Entry& entry) { return sum + entry.attachment_length; });
}

void AppendLeaf(const StoredBlock& block, size_t index, std::string* leaf) {
  const Entry& entry = block.entries[index];
  const auto attachment =
      block.attachments.subspan(AttachmentOffset(block, index), entry.attachment_length);
  leaf->assign(reinterpret_cast<const char*>(&entry), sizeof(entry));
  leaf->append(reinterpret_cast<const char*>(attachment.data()), attachment.size());
}

grpc::Status NotYet(TransparencyLog& log, uint64_t last) {
  if (const absl::Status never = log.halted(); !never.ok()) return ToGrpc(never);
  if (last <= log.newest().size) {
    return {grpc::StatusCode::UNAVAILABLE,
            "the transaction is under a signed checkpoint, but not yet under one with so many "
            "cosignatures: ask again when the witnesses have seen it"};
  }
  log.AskForCheckpoint();
  return {grpc::StatusCode::UNAVAILABLE,
          "the transaction is on disk, but not yet under a signed checkpoint: ask again in a "
          "second"};
}

}  // namespace

grpc::Status FindReceipt(const EngineParts& engine, const v1::GetReceiptRequest& request,
                         v1::Receipt& receipt) {
  const Sequence sequence{request.sequence()};
  const Sequence durable = engine.pipeline.durable_sequence();
  if (sequence == kNoSequence || sequence > durable) {
    return {grpc::StatusCode::NOT_FOUND, absl::StrCat("sequence: expected 1 to ", durable.value(),
                                                      ", found ", sequence.value())};
  }
  const auto block = engine.ledger.ReadBlock(sequence);
  if (!block.ok()) return ToGrpc(block.status());
  const StoredBlock& stored = **block;
  // No transaction spans two blocks.
  const size_t index = sequence.value() - stored.first.value();
  LUMBUNG_CHECK(stored.entries[index].leg_index <= index);
  const size_t first = index - stored.entries[index].leg_index;
  const size_t count = std::max<size_t>(stored.entries[index].leg_count, 1);
  LUMBUNG_CHECK(first + count <= stored.entries.size());

  TransparencyLog& log = *engine.transparency;
  const uint64_t last = stored.first.value() + first + count - 1;
  const absl::StatusOr<SignedHead> cosigned = log.NewestCosigned(request.cosignatures());
  if (absl::IsInvalidArgument(cosigned.status())) return ToGrpc(cosigned.status());
  if (!cosigned.ok() || last > cosigned->size) return NotYet(log, last);
  const SignedHead& head = *cosigned;
  for (size_t i = first; i < first + count; ++i) {
    const uint64_t leaf = stored.first.value() + i - 1;
    const absl::StatusOr<MerkleProof> proof = log.ProveInclusion({leaf, head.size});
    if (!proof.ok()) return ToGrpc(proof.status());
    v1::ReceiptEntry& entry = *receipt.add_entries();
    entry.set_sequence(leaf + 1);
    AppendLeaf(stored, i, entry.mutable_leaf());
    for (const MerkleHash& hash : *proof) entry.add_hashes(hash.data(), hash.size());
  }
  receipt.set_checkpoint(head.note);
  receipt.set_verifier_key(log.verifier().ToString());
  return grpc::Status::OK;
}

}  // namespace lumbung
