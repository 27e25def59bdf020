// The accounts of each cooperative, so that one cooperative can be listed without a look at the
// nation: a chain of numbers by cooperative, sorted when it is asked for and kept until the
// cooperative gets another account. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/account.h"
#include "engine/record_table.h"
#include "engine/types.h"

namespace lumbung {

class AccountListing {
 public:
  // REQUIRES: accounts are added in order of their numbers in the table, from 0 on.
  void Add(CooperativeId cooperative);
  // Numbers of the cooperative's accounts in the table, in order of account ids. Good until the
  // next call.
  const std::vector<uint32_t>& Of(CooperativeId cooperative, const RecordTable<Account>& accounts);

 private:
  // Orders kept at a time: more than there are readers that page through a cooperative.
  static constexpr size_t kMaxSorted = 64;

  std::vector<uint32_t> before_;  // by account number: the one before it in its cooperative, plus 1
  absl::flat_hash_map<CooperativeId, uint32_t> last_;  // the last of each cooperative, plus 1
  absl::flat_hash_map<CooperativeId, std::vector<uint32_t>> sorted_;
};

}  // namespace lumbung
