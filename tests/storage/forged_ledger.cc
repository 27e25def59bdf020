#include "tests/storage/forged_ledger.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/attachment.h"
#include "engine/check.h"
#include "engine/sha256.h"
#include "storage/audit/command_rebuild.h"
#include "storage/audit/merkle_run.h"
#include "storage/block_chain.h"
#include "storage/transparency/entry_leaves.h"
#include "tests/model/random_traffic.h"

namespace lumbung {

namespace {

constexpr int kCommandsPerBlock = 40;
// A block's header (storage/FORMAT.md).
constexpr size_t kFirstAt = 8;
constexpr size_t kCountAt = 16;
constexpr size_t kPreviousAt = 32;
constexpr size_t kHashAt = 64;
constexpr size_t kEntriesAt = 128;

template <typename T>
T Get(std::span<const std::byte> bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <typename T>
void Set(std::span<std::byte> bytes, size_t offset, const T& value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

BlockHash HashOfBytes(const ForgedLedger::Bytes& bytes) {
  ForgedLedger::Bytes hashed(bytes.begin(), bytes.begin() + kHashAt);
  hashed.insert(hashed.end(), bytes.begin() + kHashAt + sizeof(BlockHash), bytes.end());
  return Sha256(hashed);
}

// The attachments of a block.
std::span<const std::byte> AttachmentsOf(const ForgedLedger::Bytes& bytes) {
  return std::span(bytes).subspan(kEntriesAt + Get<uint32_t>(bytes, kCountAt) * sizeof(Entry));
}

}  // namespace

ForgedLedger ForgedLedger::Play(uint64_t seed, int commands) {
  Books books;
  RandomTraffic traffic(seed);
  for (int i = 1; i <= commands; ++i) {
    books.Advance(traffic.Pause());
    books.ExpireHolds();
    books.Apply(traffic.Next(books.now()));
    if (i % kCommandsPerBlock == 0) books.Flush();
  }
  return Of(books);
}

ForgedLedger ForgedLedger::Of(Books& books) {
  ForgedLedger ledger;
  for (const auto& block : books.Flush()) {
    const auto bytes = block->Bytes();
    lumbung::SealBlock(*block, kGenesisHash);
    ledger.blocks.emplace_back(bytes.begin(), bytes.end());
  }
  ledger.SealFrom(0);
  return ledger;
}

ForgedLedger ForgedLedger::RetoldFrom(Sequence changed) const {
  Books books;
  int told = 0;
  for (size_t block = 0; block < blocks.size(); ++block) {
    std::span<const Entry> rest = entries(block);
    std::span<const std::byte> attachments = AttachmentsOf(blocks[block]);
    for (Sequence at = first(block); !rest.empty();) {
      const auto legs = rest.first(rest[0].leg_count);
      const auto decoded = Attachment::Decode(attachments.first(legs[0].attachment_length));
      LUMBUNG_CHECK(decoded.has_value());
      std::vector<Entry> altered(legs.begin(), legs.end());
      if (at == changed) altered[0].amount = Amount{altered[0].amount.value() - 1};
      std::vector<Leg> made;
      made.reserve(legs.size());
      const audit::Rebuilt rebuilt = audit::Rebuild(altered, *decoded, made);
      // Books moves its clock on by a microsecond before it applies.
      books.Advance(legs[0].timestamp.value() - books.now().value() - 1000);
      if (rebuilt.origin == audit::Origin::kExpiry) {
        books.ExpireHolds();
      } else {
        books.Apply(rebuilt.command);
      }
      if (++told % kCommandsPerBlock == 0) books.Flush();
      at = Sequence{at.value() + legs.size()};
      attachments = attachments.subspan(legs[0].attachment_length);
      rest = rest.subspan(legs.size());
    }
  }
  return Of(books);
}

Sequence ForgedLedger::last() const {
  return blocks.empty()
             ? Sequence{}
             : Sequence{first(blocks.size() - 1).value() + entries(blocks.size() - 1).size() - 1};
}

absl::Status ForgedLedger::StreamBlocks(
    Sequence from,
    const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const {
  BlockChain chain(Sequence{1});
  for (const Bytes& bytes : blocks) {
    const auto block = chain.Take(bytes);
    if (!block.ok()) return block.status();
    if (LastOf(**block) < from) continue;
    if (!visit(*block)) break;
  }
  return absl::OkStatus();
}

std::span<Entry> ForgedLedger::entries(size_t block) {
  Bytes& bytes = blocks[block];
  const size_t there = bytes.size() < kEntriesAt ? 0 : (bytes.size() - kEntriesAt) / sizeof(Entry);
  return {reinterpret_cast<Entry*>(bytes.data() + kEntriesAt),
          std::min<size_t>(Get<uint32_t>(bytes, kCountAt), there)};
}

std::span<const Entry> ForgedLedger::entries(size_t block) const {
  return const_cast<ForgedLedger*>(this)->entries(block);
}

Sequence ForgedLedger::first(size_t block) const {
  return Sequence{Get<uint64_t>(blocks[block], kFirstAt)};
}

void ForgedLedger::SealBlock(size_t block) {
  Set(blocks[block], kHashAt, HashOfBytes(blocks[block]));
}

void ForgedLedger::SealFrom(size_t block) {
  BlockHash previous = kGenesisHash;
  uint64_t next = 1;
  if (block > 0) {
    previous = Get<BlockHash>(blocks[block - 1], kHashAt);
    next = first(block - 1).value() + entries(block - 1).size();
  }
  for (; block < blocks.size(); ++block) {
    Set(blocks[block], kFirstAt, next);
    Set(blocks[block], kPreviousAt, previous);
    SealBlock(block);
    previous = Get<BlockHash>(blocks[block], kHashAt);
    next += entries(block).size();
  }
}

MerkleHash ForgedLedger::Root(uint64_t size) const {
  audit::MerkleRun run(nullptr);
  for (size_t block = 0; block < blocks.size() && run.size() < size; ++block) {
    std::vector<MerkleHash> leaves;
    AppendLeafHashes({entries(block), AttachmentsOf(blocks[block])}, leaves);
    run.Append(std::span(leaves).first(std::min<uint64_t>(leaves.size(), size - run.size())));
  }
  LUMBUNG_CHECK(run.size() == size);
  return run.Root();
}

audit::KnownCheckpoint ForgedLedger::CheckpointAt(uint64_t size, audit::CheckpointFrom from) const {
  return {.checkpoint = {.origin = "lumbung/ledger", .size = size, .root = Root(size)},
          .from = from,
          .source = "a checkpoint of " + std::to_string(size)};
}

std::vector<Sequence> ForgedLedger::Postings() const {
  std::vector<Sequence> postings;
  for (size_t block = 0; block < blocks.size(); ++block) {
    for (size_t i = 0; i < entries(block).size(); ++i) {
      const Entry& entry = entries(block)[i];
      if (entry.kind.step() == Step::kPost && entry.outcome == Outcome::kAccepted &&
          entry.leg_count == 1 && entry.amount.value() > 1) {
        postings.push_back(Sequence{first(block).value() + i});
      }
    }
  }
  return postings;
}

}  // namespace lumbung
