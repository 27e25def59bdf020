// Takes a segment (segment_file.h) into a data folder: a new one, or one whose ledger ends exactly
// where the segment begins. Every entry is replayed before it is written: its balances, chains,
// times and ids must follow from those before, and the state hash shows that the copy is the
// original. Whether the rules allowed each is what an audit says (storage/audit).
//
// Before anything is written, all of the file is read and its hashes are compared, and the file
// `import-unfinished` is made in the folder; it is removed when all is taken in. What a kill (or a
// segment that does not follow somewhere) leaves behind:
//
//   killed                         is found                   happens
//   before the mark is durable     a folder without a ledger  it is imported into as a new one
//   while blocks are written       the mark, and a ledger     no server takes the folder; the
//                                  that ends with a block     same import goes on where it was
//                                  of the segment
//   before the mark is removed     the mark, all blocks       the same: nothing is left to take
//
// Blocks are appended whole and synced, so the ledger itself is good at every moment: of the mark
// only hangs that nobody serves half of it, which could then never be completed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/state.h"
#include "engine/types.h"
#include "storage/segment_file.h"

namespace lumbung {

struct ImportReport {
  Sequence before;         // where the folder's ledger ended; 0: there was none
  Sequence last;           // where it ends now
  bool resumed = false;    // it completed an import that was cut short
  StateHash state_hash{};  // after `last`
};

// FAILED_PRECONDITION, with what was expected, if the folder is neither new nor ends where the
// segment begins, or if a server has it open: nothing was changed. DATA_LOSS if the segment or the
// folder's own ledger is damaged (nothing was changed), or if an entry of the segment does not
// follow from those before: then the blocks before it are in the folder and the mark stays.
// `progress` (may be empty) is called with the sequence reached, every two seconds. One thread.
absl::StatusOr<ImportReport> ImportSegment(const SegmentFile& segment, const std::string& folder,
                                           const std::function<void(Sequence)>& progress);

// FAILED_PRECONDITION if an import into the data folder was begun and not finished. UNAVAILABLE if
// that can't be seen.
absl::Status CheckNoUnfinishedImport(const std::string& folder);

}  // namespace lumbung
