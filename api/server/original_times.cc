#include "api/server/original_times.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace lumbung {

namespace {

bool Needs(const Result& result) {
  return result.sequence != kNoSequence && result.timestamp == Timestamp{};
}

}  // namespace

bool NeedsOriginalTime(std::span<const Result> results) {
  return std::any_of(results.begin(), results.end(), Needs);
}

void ReadOriginalTimes(const LedgerStore& ledger, std::span<Result> results) {
  std::vector<Result*> repeated;
  for (Result& result : results) {
    if (Needs(result)) repeated.push_back(&result);
  }
  std::sort(repeated.begin(), repeated.end(),
            [](const Result* a, const Result* b) { return a->sequence < b->sequence; });
  std::shared_ptr<const StoredBlock> block;
  for (Result* const result : repeated) {
    const uint64_t sequence = result->sequence.value();
    if (block == nullptr || sequence >= block->first.value() + block->entries.size()) {
      auto read = ledger.ReadBlock(result->sequence);
      block = read.ok() ? *std::move(read) : nullptr;
      if (block == nullptr) continue;
    }
    result->timestamp = block->entries[sequence - block->first.value()].timestamp;
  }
}

}  // namespace lumbung
