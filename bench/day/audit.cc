#include "bench/day/audit.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bench/day/ledger_check.h"
#include "bench/day/patient_call.h"
#include "bench/workload/build_transaction.h"

namespace lumbung {

namespace {

constexpr size_t kBatch = 1'000;

}  // namespace

absl::StatusOr<AuditResult> Audit::Run() {
  AuditResult result;
  absl::StatusOr<RecordBook> book = ReadBook();
  if (!book.ok()) return book.status();
  const std::vector<TransactionId> unanswered = book->Unanswered();
  if (!unanswered.empty()) {
    const auto transactions = ReadSent(record_path_, unanswered);
    if (!transactions.ok()) return transactions.status();
    absl::Status status = SendAgain(*transactions, result);
    if (!status.ok()) return status;
    book = ReadBook();
    if (!book.ok()) return book.status();
  }
  result.recorded = book->transactions().size();
  const absl::Status status = Compare(*book, result);
  if (!status.ok()) return status;
  return result;
}

absl::Status Audit::SendAgain(const std::vector<v1::Transaction>& transactions,
                              AuditResult& result) {
  for (size_t first = 0; first < transactions.size(); first += kBatch) {
    v1::SubmitBatchRequest request;
    const size_t end = std::min(transactions.size(), first + kBatch);
    for (size_t i = first; i < end; ++i) *request.add_transactions() = transactions[i];
    v1::SubmitBatchReply reply;
    const absl::Status status =
        CallPatiently(transport_, reconnect_, "sending again what was never answered",
                      [&](grpc::ClientContext& context) {
                        return transport_.payments().SubmitBatch(&context, request, &reply);
                      });
    if (!status.ok()) return status;
    for (int i = 0; i < reply.results_size(); ++i) {
      const TransactionId id = IdOf(request.transactions(i).id());
      const v1::Outcome outcome = reply.results(i).outcome();
      ++result.sent_again;
      if (outcome >= 100 && outcome < 200) {
        ++result.differences;
        result.messages.push_back("transaction " + id.ToString() + " was refused when it was " +
                                  "sent again: " + std::string(OutcomeName(outcome)) + " " +
                                  reply.results(i).message());
        continue;
      }
      record_.Add(AnsweredText(id, reply.results(i)));
    }
  }
  return record_.Flush();
}

absl::Status Audit::Compare(const RecordBook& book, AuditResult& result) {
  LedgerCheck check(book);
  v1::ReadEntriesRequest request;
  request.set_from_sequence(1);
  const absl::Status status = CallPatiently(
      transport_, reconnect_, "reading the ledger", [&](grpc::ClientContext& context) {
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::hours(1));
        const auto stream = transport_.ledger().ReadEntries(&context, request);
        v1::ReadEntriesReply reply;
        while (stream->Read(&reply)) {
          for (const v1::Entry& entry : reply.entries()) check.Take(entry);
          // Should the server go away now, reading goes on from here.
          request.set_from_sequence(reply.next_sequence());
        }
        return stream->Finish();
      });
  if (!status.ok()) return status;
  check.Finish();
  result.in_ledger = check.transactions();
  result.twice = check.twice();
  result.confirmed = check.confirmed();
  result.differences += check.differences();
  for (const std::string& message : check.messages()) result.messages.push_back(message);
  return absl::OkStatus();
}

}  // namespace lumbung
