// A ledger, or a run of its blocks, in one portable file: what `lumbung export` writes for an
// auditor or another machine. FORMAT.md has every byte and a worked example, the .cc the grammar.
//
// What a file proves by itself: that its bytes are those that were written (SHA-256 over all of
// them), and that its blocks follow each other. Whoever could write the file could also write all
// of its hashes: only a checkpoint of the transparency log, held by somebody else, proves more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/types.h"
#include "storage/block_codec.h"
#include "storage/ledger_source.h"

namespace lumbung {

// What a segment says about itself.
struct SegmentSummary {
  Sequence first;  // of its first block
  Sequence last;
  BlockHash previous_hash;  // of the block before the first; zero if there is none
  BlockHash last_hash;      // of its last block
  uint64_t blocks = 0;
  uint64_t bytes = 0;      // of the file
  std::string checkpoint;  // a signed note of the transparency log; empty if there is none
};

// Writes a segment aside, and gives it its name when all of it is on the disk. One thread.
class SegmentWriter {
 public:
  // FAILED_PRECONDITION if there is such a file already: an export never takes another's place.
  static absl::StatusOr<std::unique_ptr<SegmentWriter>> Create(const std::string& path);
  // Removes what was not finished.
  ~SegmentWriter();

  // REQUIRES: the block follows the one added before; the first may be any.
  absl::Status Add(const StoredBlock& block);
  // The last sequence added; 0: none.
  Sequence last() const;
  // Completes the file. REQUIRES: a block was added; `checkpoint` is at most kMostCheckpointBytes.
  absl::StatusOr<SegmentSummary> Finish(std::string_view checkpoint);

  static constexpr size_t kMostCheckpointBytes = size_t{64} << 10;

 private:
  struct Parts;
  explicit SegmentWriter(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Reads a segment, which may be any bytes. Memory is that of a block, whatever the file's length.
// Any thread.
class SegmentFile final : public LedgerSource {
 public:
  // Reads the header and the trailer. DATA_LOSS, with the byte and what was expected there, if they
  // are not of a whole segment: a file that was cut off or added to is found here. NOT_FOUND if
  // there is no such file.
  static absl::StatusOr<std::unique_ptr<SegmentFile>> Open(const std::string& path);
  ~SegmentFile() override;

  const SegmentSummary& summary() const { return summary_; }

  Sequence last() const override { return summary_.last; }
  // Reads the file from its beginning, whatever `from` is, and compares its hash at its end: so
  // damage is found anywhere, unless the visitor ends before. OUT_OF_RANGE if `from` (0 means 1) is
  // before the file's first sequence. Nothing is visited if it is behind the last.
  absl::Status StreamBlocks(
      Sequence from,
      const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const override;
  // Reads 64 blocks at most once StreamBlocks has come by there; else from where it came to.
  absl::StatusOr<std::shared_ptr<const StoredBlock>> ReadBlock(Sequence sequence) const override;
  // Reads all of it and visits nothing. OK: no byte was changed, and all blocks are good.
  absl::Status Verify() const;

 private:
  SegmentFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
  // Where a block stands in the file.
  struct Place {
    Sequence first;
    uint64_t offset;
  };
  absl::Status ReadEnds();
  // The bytes of the block that is to begin with `next`, whose record is at `offset`.
  absl::StatusOr<std::vector<std::byte>> ReadRecord(uint64_t offset, Sequence next) const;
  void Remember(const Place& place) const;
  Place PlaceBefore(Sequence sequence) const;
  absl::Status Stream(Sequence from,
                      const std::function<bool(std::shared_ptr<const StoredBlock>)>& visit) const;

  const std::string path_;
  const int file_;
  SegmentSummary summary_;
  BlockHash sha256_{};  // that the trailer names

  mutable std::mutex places_mutex_;
  mutable std::vector<Place> places_;  // every 64th block's, in order; guarded by places_mutex_
};

}  // namespace lumbung
