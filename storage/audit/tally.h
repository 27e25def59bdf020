// The half of an audit that goes by the entries' bytes alone, on a thread of its own: the Merkle
// tree and its checkpoints, the stored tree, the independent sums, the ids, and what is worth a
// look.
//
// Push belongs to one thread, which may call everything else only after Finish.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "storage/audit/audit.h"
#include "storage/audit/merkle_run.h"
#include "storage/audit/own_sums.h"
#include "storage/audit/spent_ids.h"
#include "storage/audit/tree_reader.h"

namespace lumbung::audit {

class Tally {
 public:
  explicit Tally(const Question& question);
  ~Tally();
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  // Takes the next block; waits if too many are waiting.
  void Push(std::shared_ptr<const StoredBlock> block);
  // Ends the thread when all blocks are done. What could not be written ends the audit.
  absl::Status Finish();

  // What was found, and what the report says of this half. `whole`: the ledger was read to its end,
  // so a checkpoint beyond it is a finding.
  enum class Extent : uint8_t { kWhole, kBroken };
  void Tell(Extent extent, Report& report);
  absl::Status TellIds(const LedgerSource& ledger, Report& report);

  const OwnSums& sums() const { return sums_; }
  bool sums_are_whole() const { return !sums_finding_; }
  std::vector<ControlTotal> ControlTotals() const;
  MerkleHash Root() const { return merkle_.Root(); }

 private:
  // A root that the tree must have at a size.
  struct Expected {
    uint64_t size;
    MerkleHash root;
    Check check;
    CheckpointFrom from;
    std::string_view source;  // the question's
  };
  // The size of the largest tree up to which `expected` vouches for what is agreed with: whoever
  // has the log's key can sign a false history anew, so what the auditor kept goes by his own
  // alone.
  uint64_t AgreedFor(const Expected& expected) const {
    return expected.from == CheckpointFrom::kAuditor ? matched_own_ : matched_;
  }

  void Work();
  absl::Status Take(const StoredBlock& block);
  void TakeLeaves(const StoredBlock& block);
  void CompareRoots();
  void CompareControlTotals();
  absl::Status TakeIds(const StoredBlock& block);
  void TellCheckpoints(Extent extent, Report& report);
  void TellTree(Report& report) const;
  void TellTotals(Report& report) const;

  const Question& question_;

  // The thread's own until Finish.
  std::vector<Expected> expected_;  // by size
  size_t next_expected_ = 0;
  std::vector<MerkleHash> leaves_;
  std::optional<TreeReader> tree_;
  MerkleRun merkle_;
  OwnSums sums_;
  std::optional<Finding> sums_finding_;
  SpentIds ids_;
  Observations observations_;
  std::vector<Finding> findings_;
  uint64_t matched_ = 0;        // size of the largest tree whose root was right
  uint64_t matched_own_ = 0;    // the same of those that the auditor brought
  uint64_t matched_count_ = 0;  // of checkpoints
  uint64_t blocks_done_ = 0;
  Sequence reached_;
  Timestamp first_time_;
  Timestamp last_time_;
  absl::Status status_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<const StoredBlock>> blocks_;  // guarded by mutex_
  bool ended_ = false;                                     // guarded by mutex_
  std::thread thread_;
};

}  // namespace lumbung::audit
