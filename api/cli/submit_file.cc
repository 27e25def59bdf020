#include "api/cli/submit_file.h"

#include <fmt/format.h>

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "api/cli/format.h"
#include "api/cli/line_reader.h"
#include "api/cli/table.h"
#include "api/cli/transaction_json.h"

namespace lumbung::cli {
namespace {

constexpr CallPurpose kManyTransactions{.effect = CallPurpose::Effect::kMoney, .id = std::nullopt};

// A transaction that was read, and is to be answered.
struct Sent {
  uint64_t line = 0;
  v1::Uuid id;
};

// The field at fault, and why. The line says already which row of a batch it is of.
std::string WhyOf(const v1::TransactionResult& result) {
  std::string_view field = result.field();
  if (const size_t row = field.find("].");
      field.starts_with("transactions[") && row != field.npos) {
    field.remove_prefix(row + 2);
  } else if (field.starts_with("transactions[")) {
    field = {};
  }
  return field.empty() ? result.message() : fmt::format("{}: {}", field, result.message());
}

// Prints results as they come and counts them.
class Report {
 public:
  explicit Report(Session& session)
      : session_(session),
        table_({{"line", Align::kRight, 8},
                {"id", Align::kLeft, 36},
                {"outcome", Align::kLeft, 24},
                {"duplicate", Align::kLeft, 9},
                {"sequence", Align::kRight, 10},
                {"message"}}) {
    if (!session_.json()) session_.Print(table_.HeaderLines());
  }

  void Add(const Sent& sent, const v1::TransactionResult& result) {
    ++answered_;
    last_line_ = sent.line;
    duplicates_ += result.duplicate() ? 1 : 0;
    ++by_outcome_[result.outcome()];
    code_ = Graver(code_, ExitCodeOf(result.outcome()));
    if (session_.json()) {
      Json json;
      json["line"] = sent.line;
      json["id"] = FormatId(sent.id);
      json.update(ToJson(result));
      session_.PrintJson(json);
      return;
    }
    const std::string sequence = result.sequence() == 0 ? "" : fmt::format("{}", result.sequence());
    table_.AddRow({fmt::format("{}", sent.line), FormatId(sent.id), NameOf(result.outcome()),
                   result.duplicate() ? "yes" : "", sequence, WhyOf(result)});
    session_.Print(table_.TakeRowLines());
  }

  // The gravest of the results and of what ended the submission.
  ExitCode Finish(ExitCode end) {
    if (!session_.json()) {
      std::string summary = fmt::format("{} answered", FormatCount(answered_));
      for (const auto& [outcome, count] : by_outcome_) {
        summary += fmt::format(", {} {}", FormatCount(count), NameOf(outcome));
      }
      if (duplicates_ > 0) summary += fmt::format(", {} duplicates", FormatCount(duplicates_));
      session_.Print("\n" + summary + "\n");
    }
    return Graver(code_, end);
  }

  // The file can't be read further. What was sent before may have moved money.
  ExitCode FailReading(const absl::Status& status) {
    return Finish(session_.Fail(
        Failure{ExitCode::kMalformed, std::string(status.message()),
                answered_ > 0 ? "The lines before it were sent and are answered above. Mend it and "
                                "send the file again, with the same ids."
                              : "Nothing was sent. Mend it and send the file again."}));
  }

  // The connection broke: says up to which line everything is known.
  ExitCode FailCall(const CallEnd& end) {
    Failure failure = Diagnose(end, kManyTransactions, session_.client().server());
    if (answered_ > 0 && failure.code == ExitCode::kMalformed) {
      failure.next =
          "What is answered above was recorded. Mend the rest and send the file again, with the "
          "same ids.";
    }
    failure.sentence += fmt::format("; answered up to line {}.", last_line_);
    return Finish(session_.Fail(failure));
  }

 private:
  Session& session_;
  Table table_;
  ExitCode code_ = ExitCode::kOk;
  uint64_t answered_ = 0;
  uint64_t last_line_ = 0;
  uint64_t duplicates_ = 0;
  std::map<v1::Outcome, uint64_t> by_outcome_;
};

absl::Status AtLine(const LineReader& reader, const absl::Status& status) {
  return absl::InvalidArgumentError(
      fmt::format("line {}: {}; this line and those behind it were not sent", reader.line_number(),
                  std::string(status.message())));
}

// Why the reader gave nothing more; OK at the end of the file.
absl::Status EndOf(const LineReader& reader) {
  const absl::Status& status = reader.status();
  return absl::IsInvalidArgument(status) ? AtLine(reader, status) : status;
}

// Reads up to `most` transactions. `why_ended` tells what ended the reading early, if it was an
// error.
std::vector<Sent> ReadBatch(LineReader& reader, uint32_t most, v1::SubmitBatchRequest& batch,
                            absl::Status& why_ended) {
  static const std::atomic<bool> kNeverStop{false};
  std::vector<Sent> sent;
  while (sent.size() < most) {
    const std::optional<std::string> line = reader.Next(kNeverStop);
    if (!line) {
      why_ended = EndOf(reader);
      break;
    }
    auto transaction = ReadTransaction(*line);
    if (!transaction.ok()) {
      why_ended = AtLine(reader, transaction.status());
      break;
    }
    sent.push_back({reader.line_number(), transaction->id()});
    *batch.add_transactions() = *std::move(transaction);
  }
  return sent;
}

ExitCode SubmitBatches(LineReader& reader, uint32_t batch_size, Session& session) {
  Report report(session);
  while (true) {
    v1::SubmitBatchRequest batch;
    absl::Status why_ended;
    const std::vector<Sent> sent = ReadBatch(reader, batch_size, batch, why_ended);
    if (!sent.empty()) {
      v1::SubmitBatchReply reply;
      const CallEnd end =
          session.client().Call(&v1::PaymentService::Stub::SubmitBatch, batch, reply);
      if (!end.ok()) return report.FailCall(end);
      for (size_t i = 0; i < sent.size() && i < static_cast<size_t>(reply.results_size()); ++i) {
        report.Add(sent[i], reply.results(static_cast<int>(i)));
      }
    }
    if (!why_ended.ok()) return report.FailReading(why_ended);
    if (sent.size() < batch_size) return report.Finish(ExitCode::kOk);
  }
}

// Sends on its own thread what it reads, so that results can be printed meanwhile.
class StreamWriter {
 public:
  using Stream = grpc::ClientReaderWriter<v1::Transaction, v1::TransactionResult>;

  StreamWriter(LineReader& reader, Stream& stream)
      : reader_(reader), stream_(stream), thread_([this] { Run(); }) {}

  // Waits for the thread, which ends at the end of the file or after Stop.
  void Join() { thread_.join(); }
  void Stop() { stop_.store(true); }

  // What the next result answers. Results come in the order of sending.
  Sent TakeOldest() {
    const std::lock_guard lock(mutex_);
    if (unanswered_.empty()) return {};
    const Sent oldest = unanswered_.front();
    unanswered_.pop_front();
    return oldest;
  }

  // What ended the reading early. After Join.
  const absl::Status& why_ended() const { return why_ended_; }

 private:
  void Run() {
    while (const std::optional<std::string> line = reader_.Next(stop_)) {
      const auto transaction = ReadTransaction(*line);
      if (!transaction.ok()) {
        why_ended_ = AtLine(reader_, transaction.status());
        break;
      }
      {
        const std::lock_guard lock(mutex_);
        unanswered_.push_back({reader_.line_number(), transaction->id()});
      }
      if (!stream_.Write(*transaction)) break;
    }
    if (why_ended_.ok()) why_ended_ = EndOf(reader_);
    stream_.WritesDone();
  }

  LineReader& reader_;
  Stream& stream_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::deque<Sent> unanswered_;
  absl::Status why_ended_;  // writer thread until Join
  std::thread thread_;      // last, so that all above exists when it starts
};

ExitCode SubmitStreaming(LineReader& reader, Session& session) {
  if (const auto failed = session.client().Connect()) {
    return session.Fail(*failed, kManyTransactions);
  }
  grpc::ClientContext context;  // no deadline: a terminal may send for hours
  const auto stream = session.client().StubOf<v1::PaymentService::Stub>().SubmitStream(&context);
  Report report(session);
  StreamWriter writer(reader, *stream);
  for (v1::TransactionResult result; stream->Read(&result);) {
    report.Add(writer.TakeOldest(), result);
  }
  writer.Stop();
  writer.Join();
  const CallEnd end = Client::EndOf(context, stream->Finish());
  if (!end.ok()) return report.FailCall(end);
  if (!writer.why_ended().ok()) return report.FailReading(writer.why_ended());
  return report.Finish(ExitCode::kOk);
}

}  // namespace

ExitCode SubmitFile(const FileSubmission& submission, Session& session) {
  auto reader = LineReader::Open(submission.path);
  if (!reader.ok()) return session.FailUsage(reader.status());
  if (submission.batch_size == 0) return SubmitStreaming(*reader, session);
  return SubmitBatches(*reader, submission.batch_size, session);
}

}  // namespace lumbung::cli
