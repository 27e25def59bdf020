// Compares the stored hashes of the Merkle tree (transparency/tree_files.h) with those that follow
// from the ledger, as these come. Only reads. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/audit/report.h"
#include "storage/transparency/merkle.h"

namespace lumbung::audit {

class TreeReader {
 public:
  // What was signed up to `size` entries must be there and right; what lies behind is still being
  // written, or cut off at the next start, and is not looked at.
  TreeReader(const std::string& folder, uint64_t size);
  ~TreeReader();
  TreeReader(const TreeReader&) = delete;
  TreeReader& operator=(const TreeReader&) = delete;

  // The nodes of this height from the number `first` on (MerkleRun::Sink).
  void Compare(unsigned height, uint64_t first, std::span<const MerkleHash> nodes);

  // At most one a level: the first that differs.
  const std::vector<Finding>& findings() const { return findings_; }
  uint64_t compared() const { return compared_; }
  bool any() const { return any_; }
  // UNAVAILABLE: why a level, or a part of it, could not be read though it is there. What was
  // compared and found in the others counts.
  const absl::Status& unread() const { return unread_; }
  // Whether it was made anew from the ledger while it was read, or its making was cut short: then
  // it may lack what it should have, and no finding counts.
  bool IsBeingRebuilt() const;

 private:
  struct Level {
    int file = -1;
    uint64_t read = 0;              // hashes taken from the file so far
    std::vector<MerkleHash> ahead;  // read, and not compared yet
    size_t next = 0;                // of these
    bool done = false;              // it differs, or can't be read
  };
  std::string PathOf(size_t level) const;
  bool Fill(size_t number);

  const std::string folder_;
  const uint64_t size_;
  const bool was_being_rebuilt_;  // at the begin
  std::vector<Level> levels_;
  std::vector<Finding> findings_;
  uint64_t compared_ = 0;
  bool any_ = false;
  absl::Status unread_;
};

}  // namespace lumbung::audit
