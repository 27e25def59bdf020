// A small ledger in memory, whose blocks can be altered and sealed again as whoever has the disk
// could do it; and a source that reads such blocks as a file or a connection is read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/command.h"
#include "storage/audit/known_checkpoint.h"
#include "storage/block_codec.h"
#include "storage/ledger_source.h"
#include "tests/engine/rules/books.h"

namespace lumbung {

class ForgedLedger final : public LedgerSource {
 public:
  using Bytes = std::vector<std::byte>;

  // Random traffic, in blocks of some forty commands.
  static ForgedLedger Play(uint64_t seed, int commands);
  // The same history told anew, with all hashes and balances as they would be, but for the
  // transaction of this first sequence, an accepted posting: its first leg moves one unit less.
  ForgedLedger RetoldFrom(Sequence changed) const;

  // --- LedgerSource, checked by BlockChain ---
  Sequence last() const override;
  absl::Status StreamBlocks(
      Sequence from,
      const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const override;

  // The entries of a block. They may be altered in place.
  std::span<Entry> entries(size_t block);
  std::span<const Entry> entries(size_t block) const;
  Sequence first(size_t block) const;
  // Makes the header of one block fit its content, but for the link to the one before.
  void SealBlock(size_t block);
  // Seals all blocks from this one on, with their numbers and links made to fit.
  void SealFrom(size_t block);

  // The root over the first `size` entries.
  MerkleHash Root(uint64_t size) const;
  audit::KnownCheckpoint CheckpointAt(uint64_t size, audit::CheckpointFrom from) const;
  // Every accepted posting of one leg by its sequence.
  std::vector<Sequence> Postings() const;

  std::vector<Bytes> blocks;

 private:
  static ForgedLedger Of(Books& books);
};

}  // namespace lumbung
