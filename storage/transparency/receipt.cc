#include "storage/transparency/receipt.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/attachment.h"

namespace lumbung {

namespace {

absl::Status BadReceipt(const std::string& why) {
  return absl::InvalidArgumentError("the receipt is not good: " + why);
}

// Whether `next` is the leg behind `leg` in the same transaction.
bool Follows(const Entry& leg, const Entry& next) {
  return next.id == leg.id && next.timestamp == leg.timestamp && next.leg_count == leg.leg_count &&
         next.leg_index == leg.leg_index + 1;
}

absl::Status CheckOrder(const Receipt& receipt, const std::vector<LeafContent>& contents) {
  for (size_t i = 1; i < contents.size(); ++i) {
    if (receipt.entries[i].sequence != receipt.entries[i - 1].sequence + 1 ||
        !Follows(contents[i - 1].entry, contents[i].entry)) {
      return BadReceipt("its entries are not of one transaction, in order");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LeafContent> ReadLeaf(std::span<const std::byte> leaf) {
  LeafContent content;
  if (leaf.size() < sizeof(Entry)) return BadReceipt("an entry has fewer than 128 bytes");
  std::memcpy(&content.entry, leaf.data(), sizeof(Entry));
  const std::span<const std::byte> rest = leaf.subspan(sizeof(Entry));
  if (rest.size() != content.entry.attachment_length) {
    return BadReceipt("an entry's attachment is not as long as the entry says");
  }
  const auto attachment = Attachment::Decode(rest);
  if (!attachment) return BadReceipt("an entry's attachment can't be read");
  content.text = std::string(attachment->text);
  return content;
}

absl::StatusOr<ProvenReceipt> VerifyReceipt(const Receipt& receipt, const VerifierKey& log,
                                            const WitnessRule& rule) {
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(receipt.checkpoint, log);
  if (!checkpoint.ok()) return BadReceipt(std::string(checkpoint.status().message()));
  const absl::StatusOr<SignedNote> note = SignedNote::Parse(receipt.checkpoint);
  if (!note.ok()) return BadReceipt(std::string(note.status().message()));
  if (absl::Status status = CheckCosignatures(*note, rule); !status.ok()) {
    return BadReceipt(std::string(status.message()));
  }
  if (receipt.entries.empty()) return BadReceipt("it has no entry");
  ProvenReceipt proven{.checkpoint = *checkpoint};
  for (const ReceiptEntry& entry : receipt.entries) {
    absl::StatusOr<LeafContent> content = ReadLeaf(entry.leaf);
    if (!content.ok()) return content.status();
    // Sequence 0 becomes a leaf beyond every tree.
    if (!VerifyInclusion({entry.sequence - 1, checkpoint->size}, LeafHash(entry.leaf), entry.proof,
                         checkpoint->root)) {
      return BadReceipt(
          absl::StrCat("entry ", entry.sequence, " is not under the signed checkpoint"));
    }
    proven.entries.push_back(std::move(*content));
  }
  if (absl::Status status = CheckOrder(receipt, proven.entries); !status.ok()) return status;
  const Entry& first = proven.entries.front().entry;
  proven.whole = first.leg_index == 0 && first.leg_count == proven.entries.size();
  return proven;
}

}  // namespace lumbung
