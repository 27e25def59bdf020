#include "storage/block_chain.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/cord.h"
#include "engine/block.h"

namespace lumbung {

namespace {

// Places in a block's header (block_codec.cc).
constexpr size_t kFirstAt = 8;
constexpr size_t kPreviousHashAt = 32;
constexpr size_t kHashAt = 64;

// Marks a status, for programs.
constexpr char kBrokenLinkMark[] = "lumbung/broken-link";

BlockHash HashAt(const StoredBlock& block, size_t offset) {
  BlockHash hash;
  std::memcpy(hash.data(), block.bytes.data() + offset, hash.size());
  return hash;
}

}  // namespace

BlockChain::BlockChain(Sequence from)
    : next_(std::max(from, Sequence{1})), begun_(next_ == Sequence{1}) {}

BlockChain::BlockChain(Sequence first, const BlockHash& previous)
    : next_(first), hash_(previous), begun_(true) {}

// What the block must begin with: next_, or of the very first what its header says.
absl::StatusOr<Sequence> BlockChain::FirstOf(std::span<const std::byte> bytes) const {
  if (begun_ || bytes.size() < Block::kHeaderBytes) return next_;
  uint64_t first = 0;
  std::memcpy(&first, bytes.data() + kFirstAt, sizeof first);
  if (first >= 1 && first <= next_.value()) return Sequence{first};
  return absl::DataLossError("the ledger lacks sequence " + std::to_string(next_.value()) +
                             ": the first block says that it begins with " + std::to_string(first));
}

absl::StatusOr<std::shared_ptr<const StoredBlock>> BlockChain::Take(std::vector<std::byte> bytes) {
  const absl::StatusOr<Sequence> first = FirstOf(bytes);
  if (!first.ok()) return first.status();
  auto block = std::make_shared<StoredBlock>();
  block->first = *first;
  block->bytes = std::move(bytes);
  const absl::StatusOr<BlockView> view = VerifyBlock(block->bytes, *first);
  if (!view.ok()) return view.status();
  if (!begun_ && view->last() < next_) {
    return absl::DataLossError("the ledger lacks sequence " + std::to_string(next_.value()) +
                               ": the first block ends with " +
                               std::to_string(view->last().value()));
  }
  const bool chained = begun_ || *first == Sequence{1};
  if (chained && view->previous_hash != hash_) {
    return BrokenLink(*first);
  }
  block->entries = view->entries;
  block->attachments = view->attachments;
  next_ = Sequence{view->last().value() + 1};
  hash_ = view->hash;
  begun_ = true;
  return block;
}

absl::Status BrokenLink(Sequence first) {
  absl::Status status = absl::DataLossError(
      "the ledger's chain is broken at sequence " + std::to_string(first.value()) +
      ": the block does not name the hash of the block before it");
  status.SetPayload(kBrokenLinkMark, absl::Cord());
  return status;
}

bool IsBrokenLink(const absl::Status& status) {
  return status.GetPayload(kBrokenLinkMark).has_value();
}

absl::Status Reworded(const absl::Status& status, const std::string& message) {
  absl::Status reworded(status.code(), message);
  status.ForEachPayload([&](absl::string_view mark, const absl::Cord& payload) {
    reworded.SetPayload(mark, payload);
  });
  return reworded;
}

BlockHash PreviousHashOf(const StoredBlock& block) { return HashAt(block, kPreviousHashAt); }
BlockHash HashOf(const StoredBlock& block) { return HashAt(block, kHashAt); }
Sequence LastOf(const StoredBlock& block) {
  return Sequence{block.first.value() + block.entries.size() - 1};
}

}  // namespace lumbung
