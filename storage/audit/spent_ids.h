// Whether every id is spent once, over the whole ledger, in bounded memory. The engine's window
// (engine/id_window.h) and its cold index answer that while it serves; an auditor believes neither.
//
// Each id is remembered as 8 bytes of a keyed hash and its sequence, in 256 parts by the hash; a
// part that is full goes to a temporary file, of which the ids take 16 bytes each. At the end each
// part is sorted and looked through alone. Equal ids have equal hashes, so none is missed; where
// two ids only have the same hash, reading both entries tells.
//
// GUARANTEED: an id that is spent twice, however far apart, is found. So is a decline because
// nothing had the related id, if an earlier entry had spent it. Memory: 16 MiB, and two 256ths of
// the file's size for each of two threads. Add and Probe belong to one thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/transaction_id.h"
#include "storage/audit/report.h"

namespace lumbung::audit {

class SpentIds {
 public:
  // The id that the ledger's entry of this sequence spent, or the related one that it asked for.
  enum class Which : uint8_t { kSpent, kAskedFor };
  using ReadId = std::function<absl::StatusOr<TransactionId>(Sequence sequence, Which which)>;

  // `folder` takes the temporary file, which has no name and goes with the process.
  explicit SpentIds(std::string folder);
  ~SpentIds();
  SpentIds(const SpentIds&) = delete;
  SpentIds& operator=(const SpentIds&) = delete;

  // An entry of this sequence spends the id. UNAVAILABLE if the file can't be written.
  absl::Status Add(const TransactionId& id, Sequence sequence) { return Put(id, sequence, 0); }
  // The entry of this sequence says that nothing spent the id before it.
  absl::Status Probe(const TransactionId& id, Sequence sequence) {
    return Put(id, sequence, kProbe);
  }

  uint64_t ids() const { return ids_; }

  // Looks all of them through, by two threads; `read_id` may be called by both, and is asked only
  // about pairs with the same hash. Findings are in no order. Call it once.
  absl::StatusOr<std::vector<Finding>> Finish(const ReadId& read_id);

 private:
  static constexpr uint64_t kProbe = uint64_t{1} << 63;
  static constexpr size_t kParts = 256;
  static constexpr size_t kChunk = 4096;  // records: 64 KiB

  struct Record {
    uint64_t hash = 0;
    uint64_t place = 0;  // sequence, and kProbe

    Sequence sequence() const { return Sequence{place & ~kProbe}; }
    bool is_probe() const { return (place & kProbe) != 0; }
  };
  struct Part {
    std::vector<Record> recent;
    std::vector<uint64_t> chunks;  // where the full ones stand in the file, in bytes
  };
  uint64_t HashOf(const TransactionId& id) const;
  absl::Status Put(const TransactionId& id, Sequence sequence, uint64_t flag);
  absl::Status Spill(Part& part);
  // The part's records, as they came.
  absl::Status Collect(const Part& part, std::vector<Record>& records) const;
  // By hash, and of one hash by sequence. REQUIRES: they are of one part. Needs as much room again.
  static void Sort(std::vector<Record>& records, std::vector<Record>& other);
  // Looks through the sorted records of one part.
  static absl::Status LookThrough(std::span<const Record> records, const ReadId& read_id,
                                  std::vector<Finding>& findings);
  // Of records that have the same hash, in order of their sequences.
  static absl::Status LookAtAlike(std::span<const Record> alike, const ReadId& read_id,
                                  std::vector<Finding>& findings);

  const std::string folder_;
  uint64_t key_[2];
  std::array<Part, kParts> parts_;
  int file_ = -1;
  uint64_t file_bytes_ = 0;
  uint64_t ids_ = 0;
};

}  // namespace lumbung::audit
