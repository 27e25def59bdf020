#include "bench/day/record_book.h"

#include <fstream>
#include <functional>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "bench/day/record_file.h"
#include "bench/workload/build_transaction.h"

namespace lumbung {

namespace {

// Calls `take` for each whole line behind the heading.
template <typename TakeLine>
absl::Status ForEachLine(const std::string& path, TakeLine take) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("the record " + path + " can't be opened");
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (file.eof()) break;  // without a line break
    if (number == 1) {
      if (line != kRecordHeading) {
        return absl::DataLossError(path + " does not begin with '" + std::string(kRecordHeading) +
                                   "'");
      }
      continue;
    }
    const std::optional<RecordLine> event = ParseRecordLine(line);
    absl::Status status = event ? take(*event) : absl::DataLossError("can't be read: " + line);
    if (!status.ok()) {
      return absl::DataLossError(path + ", line " + std::to_string(number) + ": " +
                                 std::string(status.message()));
    }
  }
  if (file.bad()) return absl::DataLossError("the record " + path + " can't be read to its end");
  return absl::OkStatus();
}

}  // namespace

uint64_t HashOfContent(std::string_view content) { return std::hash<std::string_view>()(content); }

absl::Status RecordBook::Take(const RecordLine& line) {
  if (const auto* sent = std::get_if<SentLine>(&line)) return TakeSent(sent->transaction);
  if (const auto* answered = std::get_if<AnsweredLine>(&line)) return TakeAnswered(*answered);
  if (const auto* fencing = std::get_if<FencingLine>(&line)) {
    transactions_[fencing->id].fencing = true;
  }
  // An altered copy must not have had any effect.
  return absl::OkStatus();
}

absl::Status RecordBook::TakeSent(const v1::Transaction& transaction) {
  const TransactionId id = IdOf(transaction.id());
  const uint64_t hash = HashOfContent(ContentOf(transaction));
  RecordedTransaction& recorded = transactions_[id];
  if (recorded.sent && recorded.content_hash != hash) {
    return absl::InvalidArgumentError("transaction " + id.ToString() +
                                      " was sent before with other content");
  }
  recorded.sent = true;
  recorded.content_hash = hash;
  recorded.amount = AmountIsOpen(transaction) ? AmountIs::kOpen : AmountIs::kGiven;
  return absl::OkStatus();
}

absl::Status RecordBook::TakeAnswered(const AnsweredLine& line) {
  const auto found = transactions_.find(line.id);
  if (found == transactions_.end()) {
    return absl::InvalidArgumentError("transaction " + line.id.ToString() +
                                      " was answered, but never sent");
  }
  RecordedTransaction& recorded = found->second;
  const bool first = recorded.outcome == v1::OUTCOME_UNSPECIFIED;
  if (!first && (recorded.outcome != line.outcome || recorded.sequence != line.sequence)) {
    return absl::InvalidArgumentError("transaction " + line.id.ToString() + " was answered " +
                                      std::string(OutcomeName(recorded.outcome)) + " at " +
                                      std::to_string(recorded.sequence) + " before, and " +
                                      std::string(OutcomeName(line.outcome)) + " at " +
                                      std::to_string(line.sequence) + " now");
  }
  recorded.outcome = line.outcome;
  recorded.sequence = line.sequence;
  return absl::OkStatus();
}

std::vector<TransactionId> RecordBook::Unanswered() const {
  std::vector<TransactionId> ids;
  for (const auto& [id, recorded] : transactions_) {
    if (recorded.sent && recorded.outcome == v1::OUTCOME_UNSPECIFIED) ids.push_back(id);
  }
  return ids;
}

absl::StatusOr<RecordBook> ReadRecord(const std::string& path) {
  RecordBook book;
  const absl::Status status =
      ForEachLine(path, [&](const RecordLine& line) { return book.Take(line); });
  if (!status.ok()) return status;
  return book;
}

absl::StatusOr<std::vector<v1::Transaction>> ReadSent(const std::string& path,
                                                      const std::vector<TransactionId>& ids) {
  absl::flat_hash_set<TransactionId> wanted(ids.begin(), ids.end());
  std::vector<v1::Transaction> transactions;
  const absl::Status status = ForEachLine(path, [&](const RecordLine& line) {
    const auto* sent = std::get_if<SentLine>(&line);
    if (sent != nullptr && wanted.erase(IdOf(sent->transaction.id())) > 0) {
      transactions.push_back(sent->transaction);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return transactions;
}

}  // namespace lumbung
