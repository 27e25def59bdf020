// Follows the live end of the ledger as a projection does, over all kills and cuts, and remembers
// what it read: what was ever read must be in the ledger at the end, as it was.
//
// Threads: Run on one; the others once that has ended.
#pragma once

#include <cstdint>
#include <vector>

#include "lumbung/v1/types.pb.h"
#include "tests/crash/client.h"
#include "tests/crash/findings.h"

namespace lumbung {

class LedgerWatch {
 public:
  explicit LedgerWatch(Client::Shared& shared) : shared_(shared) {}

  // Until it is told to stop, or something is found to be wrong.
  void Run();
  // An entry of the ledger as it is at the end.
  void Compare(const v1::Entry& entry);
  // `entries` is how many the ledger has at the end.
  void CompareLength(uint64_t entries);

  uint64_t read() const { return hashes_.size(); }

 private:
  void Follow(const std::string& address);

  Client::Shared& shared_;
  std::vector<uint64_t> hashes_;  // of the entries from the first on
};

}  // namespace lumbung
