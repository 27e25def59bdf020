// The end of a day, and the beginning of one after a day that was interrupted: what was never
// answered is sent again under the same ids, and the whole ledger is read and compared with the
// record.
#pragma once

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/day/record_book.h"
#include "bench/day/record_file.h"
#include "bench/day/transport.h"

namespace lumbung {

struct AuditResult {
  size_t recorded = 0;    // transactions in the record
  size_t in_ledger = 0;   // transactions in the ledger
  size_t twice = 0;       // entered there again, under an id that was there before
  size_t confirmed = 0;   // of the recorded, found as they should be
  size_t sent_again = 0;  // because nothing was answered
  size_t differences = 0;
  std::vector<std::string> messages;
};

class Audit {
 public:
  // All must outlive it.
  Audit(Transport& transport, RecordFile& record, std::string record_path,
        std::chrono::seconds reconnect)
      : transport_(transport),
        record_(record),
        record_path_(std::move(record_path)),
        reconnect_(reconnect) {}

  // What the record says at this moment.
  absl::StatusOr<RecordBook> ReadBook() const { return ReadRecord(record_path_); }
  // Settles what was never answered, then compares. An error if that could not be done.
  absl::StatusOr<AuditResult> Run();

 private:
  // Sends these again, in batches, and records the answers.
  absl::Status SendAgain(const std::vector<v1::Transaction>& transactions, AuditResult& result);
  absl::Status Compare(const RecordBook& book, AuditResult& result);

  Transport& transport_;
  RecordFile& record_;
  const std::string record_path_;
  const std::chrono::seconds reconnect_;
};

}  // namespace lumbung
