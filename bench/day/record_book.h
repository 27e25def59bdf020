// What the record says about each transaction, small enough to keep for millions of them: a hash of
// the content, and the answer. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/day/content.h"
#include "bench/day/record_line.h"
#include "engine/transaction_id.h"

namespace lumbung {

struct RecordedTransaction {
  uint64_t content_hash = 0;
  uint64_t sequence = 0;                          // of the answer
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;  // of the answer; UNSPECIFIED: none yet
  AmountIs amount = AmountIs::kGiven;
  bool sent = false;     // false: only fenced
  bool fencing = false;  // a fence of this id was asked for
};

// Compares contents within one process only.
uint64_t HashOfContent(std::string_view content);

class RecordBook {
 public:
  // Takes in the next event. INVALID_ARGUMENT, naming the id, if it contradicts those before it:
  // the same id sent with other content, or answered in two ways.
  absl::Status Take(const RecordLine& line);

  const absl::flat_hash_map<TransactionId, RecordedTransaction>& transactions() const {
    return transactions_;
  }
  // Ids that were sent and never answered.
  std::vector<TransactionId> Unanswered() const;

 private:
  absl::Status TakeSent(const v1::Transaction& transaction);
  absl::Status TakeAnswered(const AnsweredLine& line);

  absl::flat_hash_map<TransactionId, RecordedTransaction> transactions_;
};

// Reads a record from its beginning. A last line without a line break is the mark of a client that
// was killed while it wrote, and is left out.
absl::StatusOr<RecordBook> ReadRecord(const std::string& path);
// Reads the transactions that were sent with these ids, in the record's order, each once.
absl::StatusOr<std::vector<v1::Transaction>> ReadSent(const std::string& path,
                                                      const std::vector<TransactionId>& ids);

}  // namespace lumbung
