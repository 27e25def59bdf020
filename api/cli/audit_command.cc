// audit: takes a ledger and computes everything again, without trusting the server.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/audit_view.h"
#include "api/cli/command_line.h"
#include "api/cli/format.h"
#include "api/cli/key_option.h"
#include "api/cli/ledger_option.h"
#include "api/cli/output_file.h"
#include "api/cli/parsed_option.h"
#include "storage/audit/audit.h"
#include "storage/audit/data_folder.h"
#include "storage/audit/known_checkpoint.h"
#include "storage/audit/visit.h"

namespace lumbung::cli {
namespace {

constexpr size_t kRowsOfText = 20;
constexpr size_t kRowsOfPage = 2000;

// `06:00`, in minutes; `24:00` is the day's end.
std::optional<uint32_t> MinutesIn(std::string_view text) {
  uint32_t numbers[2] = {0, 0};
  const size_t colon = text.find(':');
  if (colon != 2 || text.size() != 5) return std::nullopt;
  for (const size_t place : {size_t{0}, size_t{1}, size_t{3}, size_t{4}}) {
    if (text[place] < '0' || text[place] > '9') return std::nullopt;
    uint32_t& number = numbers[place / 3];
    number = 10 * number + static_cast<uint32_t>(text[place] - '0');
  }
  const uint32_t minutes = 60 * numbers[0] + numbers[1];
  if (numbers[1] > 59 || minutes > 24 * 60) return std::nullopt;
  return minutes;
}

absl::StatusOr<audit::OpeningHours> ParseHours(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto from = MinutesIn(text.substr(0, dash));
    const auto to = MinutesIn(text.substr(dash + 1));
    if (from && to && *from < *to) return audit::OpeningHours{.from = *from, .to = *to};
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}': expected hours of a day, such as 06:00-22:00", text));
}

struct AuditOptions {
  LedgerOption ledger;
  std::vector<std::string> checkpoints;
  std::optional<VerifierKey> key;
  std::string from_checkpoint;
  std::string save_visit;
  std::string html;
  audit::OpeningHours hours;
  std::string work_folder;
};

// What is audited: a data folder with all that is beside the ledger, or a ledger alone.
struct AuditSubject {
  std::optional<audit::DataFolder> folder;
  std::optional<OpenedLedger> alone;
  audit::KnownCheckpoints checkpoints;
  std::string name;

  const LedgerSource& ledger() const { return folder ? *folder->ledger : *alone->source; }
};

// How the command ends, if it ends before the audit.
using EndedEarly = std::optional<ExitCode>;

EndedEarly ReadOwnCheckpoints(const AuditOptions& options, Session& session,
                              AuditSubject& subject) {
  const audit::LogsAre logs_are = subject.folder ? audit::LogsAre::kAll : audit::LogsAre::kSome;
  for (const std::string& path : options.checkpoints) {
    const auto own = audit::ReadCheckpoints(path, audit::CheckpointFrom::kAuditor, options.key);
    if (!own.ok()) return FailReading(own.status(), path, session);
    audit::Join(*own, logs_are, subject.checkpoints);
  }
  return std::nullopt;
}

ExitCode TellReport(const audit::Report& report, const std::string& name,
                    const AuditOptions& options, Session& session);

EndedEarly OpenFolder(const AuditOptions& options, Session& session, AuditSubject& subject) {
  subject.name = options.ledger.data;
  auto folder = audit::OpenDataFolder(options.ledger.data, options.key);
  if (absl::IsDataLoss(folder.status())) {
    return TellReport(audit::Unopened(folder.status()), subject.name, options, session);
  }
  if (!folder.ok()) return FailReading(folder.status(), subject.name, session);
  subject.folder = *std::move(folder);
  subject.checkpoints = std::move(subject.folder->checkpoints);
  return std::nullopt;
}

EndedEarly OpenAlone(const AuditOptions& options, Session& session, AuditSubject& subject) {
  ExitCode code = ExitCode::kOk;
  subject.alone = OpenWholeLedger(options.ledger, session, code);
  if (!subject.alone) return code;
  subject.name = subject.alone->name;
  if (!subject.alone->checkpoint.empty()) {
    subject.checkpoints =
        audit::TakeCheckpoint(subject.alone->checkpoint, "the checkpoint of " + subject.name,
                              audit::CheckpointFrom::kLog, options.key);
  }
  return std::nullopt;
}

// On standard error, since the report is on standard output.
void NoteUnwritten(const absl::Status& status, Session& session) {
  session.Note(fmt::format("lumbung: {}\n         Name another file and run the audit again.",
                           std::string(status.message())));
}

void TellProgress(const audit::Progress& progress, Session& session) {
  const double share = progress.last.value() == 0
                           ? 100.0
                           : 100.0 * static_cast<double>(progress.reached.value()) /
                                 static_cast<double>(progress.last.value());
  session.Note(
      fmt::format("audit: entry {} of {} ({:.1f} %), {} entries/s, {} left",
                  FormatCount(progress.reached.value()), FormatCount(progress.last.value()), share,
                  FormatCount(static_cast<uint64_t>(static_cast<double>(progress.reached.value()) /
                                                    std::max(progress.seconds, 1e-9))),
                  FormatDuration(static_cast<int64_t>(progress.remaining_s() * 1e9))));
}

// The report comes first, and its verdict outweighs a file that can't be written.
ExitCode TellReport(const audit::Report& report, const std::string& name,
                    const AuditOptions& options, Session& session) {
  if (session.json()) {
    session.PrintJson(AuditAsJson(report, name));
  } else {
    session.Print(AuditAsText(ViewOf(report, name, kRowsOfText)));
  }
  absl::Status written;
  if (!options.html.empty()) {
    written = WriteFile(options.html, AuditAsHtml(ViewOf(report, name, kRowsOfPage)));
  }
  if (!written.ok()) NoteUnwritten(written, session);
  if (!report.sound()) return ExitCode::kUnsound;
  return report.complete() && written.ok() ? ExitCode::kOk : ExitCode::kFailed;
}

// A question about the subject, which outlives it.
audit::Question QuestionOf(const AuditOptions& options, AuditSubject& subject, Session& session) {
  audit::Question question{.ledger = subject.ledger()};
  question.checkpoints = std::move(subject.checkpoints);
  if (subject.folder) {
    question.damage = subject.folder->damage;
    question.tree_folder = subject.folder->tree_folder;
    question.derived = subject.folder->derived.get();
    question.no_derived = subject.folder->no_derived;
  }
  question.hours = options.hours;
  std::error_code error;
  question.work_folder = options.work_folder.empty()
                             ? std::filesystem::temp_directory_path(error).string()
                             : options.work_folder;
  question.progress = [&session](const audit::Progress& progress) {
    TellProgress(progress, session);
  };
  return question;
}

// Of an audit that did not come to a good end nothing is kept.
ExitCode SaveNothing(ExitCode code, const AuditOptions& options, Session& session) {
  if (!options.save_visit.empty()) {
    session.Note(options.save_visit + " was not written: not all is well");
  }
  return code;
}

// Last of all: what is kept in files is kept though nobody reads the report.
ExitCode WithOutput(ExitCode code, Session& session) {
  return code == ExitCode::kOk ? session.Written() : code;
}

ExitCode RunAudit(const AuditOptions& options, Session& session) {
  std::optional<audit::Visit> visit;
  if (!options.from_checkpoint.empty()) {
    auto read = audit::ReadVisit(options.from_checkpoint);
    if (!read.ok()) {
      return SaveNothing(FailReading(read.status(), options.from_checkpoint, session), options,
                         session);
    }
    visit = *std::move(read);
  }
  AuditSubject subject;
  EndedEarly ended = options.ledger.data.empty() ? OpenAlone(options, session, subject)
                                                 : OpenFolder(options, session, subject);
  if (!ended) ended = ReadOwnCheckpoints(options, session, subject);
  if (ended) return SaveNothing(*ended, options, session);
  audit::Question question = QuestionOf(options, subject, session);
  question.visit = std::move(visit);
  const auto answer = audit::Run(question);
  if (!answer.ok()) {
    return SaveNothing(FailReading(answer.status(), subject.name, session), options, session);
  }
  const ExitCode code = TellReport(answer->report, subject.name, options, session);
  if (!answer->report.all_well()) return WithOutput(SaveNothing(code, options, session), session);
  if (options.save_visit.empty()) return WithOutput(code, session);
  const absl::Status saved = audit::SaveVisit(answer->visit, options.save_visit);
  if (saved.ok()) return WithOutput(code, session);
  NoteUnwritten(saved, session);
  return ExitCode::kFailed;
}

}  // namespace

void AddAuditCommand(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "audit",
                .description = "Computes everything in a ledger again, and says what is wrong",
                .example = "audit --data /var/lib/lumbung --key public-key --html audit.html"},
               line.root(), &RunAudit);
  AddLedgerOption(app, options.ledger);
  app.add_option("--checkpoint", options.checkpoints,
                 "A signed checkpoint that you kept, or a file of them; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  AddParsed(app, "--key", options.key, ParseLogKey,
            "The log's public key, or a file that has it: all checkpoints must be signed with it")
      ->type_name("KEY");
  app.add_option("--from-checkpoint", options.from_checkpoint,
                 "What --save-visit kept: must still hold. All entries are decided again; of those "
                 "up to it only what is wrong is told")
      ->type_name("FILE");
  app.add_option("--save-visit", options.save_visit,
                 "If all is well, keeps what the next audit begins from in this file")
      ->type_name("FILE");
  app.add_option("--html", options.html, "Also writes the report as a page into this file")
      ->type_name("FILE");
  AddParsed(app, "--opening-hours", options.hours, ParseHours,
            "In each cooperative's zone; what terminals did outside of them is told")
      ->type_name("HH:MM-HH:MM")
      ->default_str("06:00-22:00");
  app.add_option("--work-folder", options.work_folder,
                 "For a temporary file of 16 bytes a transaction; else the system's")
      ->type_name("FOLDER");
}

}  // namespace lumbung::cli
