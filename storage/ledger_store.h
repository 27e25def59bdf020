// The ledger on RocksDB: the only truth. A database of its own, folder `ledger/`, whose column
// family `ledger` maps the first sequence of a block (8 bytes, big endian) to the block
// (FORMAT.md). Blocks are kept as blob files, so that compaction never rewrites them; the WAL is
// synced at every Append.
//
// INVARIANT: the blocks are contiguous from sequence 1, each block's header holds the hash of the
// one before it, and no transaction spans two blocks. Append checks it before it writes; every read
// checks the block's own hash; VerifyTail and ReadBlocks check the chain.
//
// Threads: Append belongs to the persist thread; reading is free for any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/entry.h"
#include "engine/journal.h"
#include "engine/original_source.h"
#include "engine/types.h"
#include "storage/ledger_source.h"
#include "storage/recent_blocks.h"
#include "storage/store_settings.h"

namespace lumbung {

// Access to one entry, its attachment and its place.
struct StoredEntry {
  Sequence sequence;
  Entry entry;
  std::vector<std::byte> attachment;
};

enum class Access : uint8_t {
  kReadWrite,
  kReadOnly,
  kSalvage,  // to look at what is damaged: as kReadOnly, but damage at the end doesn't keep it shut
};

class LedgerStore final : public Journal, public OriginalSource, public LedgerSource {
 public:
  // Opens or (read-write) makes the database in `folder`. Fails with FAILED_PRECONDITION if another
  // process has it open for writing, with DATA_LOSS if the WAL or the last block is damaged
  // anywhere but in a torn tail. Read-only it takes no lock, sees what was written until then,
  // writes nothing at all, and fails with NOT_FOUND if there is no ledger, with UNAVAILABLE if
  // another process changes it too fast. To salvage, it shows
  // what stands before the first damage of a log, and does not look at the last block: whoever
  // reads meets what is wrong there, and last() says no more than where the last block begins.
  static absl::StatusOr<std::unique_ptr<LedgerStore>> Open(const std::string& folder, Access access,
                                                           StoreSettings settings = {});
  ~LedgerStore() override;

  absl::Status Append(std::span<Block* const> blocks) override;
  bool ReadTransaction(Sequence first, std::vector<Entry>& legs) override;

  // The sequence of the last entry stored; 0 if empty.
  Sequence last() const override;
  // Calls `visit` for each block from the one that contains `from` on, in order, until it returns
  // false or the end is reached. Checks hashes, the chain and contiguity; DATA_LOSS names the
  // sequence.
  absl::Status ReadBlocks(Sequence from,
                          const std::function<bool(const StoredBlock& block)>& visit) const;
  // The same, for a visitor that keeps the blocks.
  absl::Status StreamBlocks(
      Sequence from,
      const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const override;
  // NOT_FOUND if the sequence is not stored.
  absl::StatusOr<StoredEntry> ReadEntry(Sequence sequence) const;
  absl::StatusOr<std::shared_ptr<const StoredBlock>> ReadBlock(Sequence sequence) const override;
  // What Append stored last, for one reader who follows the ledger's end.
  RecentBlocks& recent() const;

  // Makes a copy of all that is stored, in a folder that does not exist yet, while writing goes on;
  // with hard links where the file system allows it. Any thread.
  absl::Status CopyTo(const std::string& folder) const;

  // Synced writes so far, for metrics and for the test that counts them.
  uint64_t synced_writes() const;
  // Bytes of the database on disk, roughly: of a log what is written, and not what is reserved.
  uint64_t disk_bytes() const;

 private:
  struct Parts;
  explicit LedgerStore(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lumbung
