// report: the books of a cooperative (api/books).
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "api/books/report.h"
#include "api/cli/command_line.h"
#include "api/cli/ledger_option.h"
#include "api/cli/moment.h"
#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"
#include "api/cli/standard_output.h"
#include "engine/business_date.h"
#include "engine/chart.h"

namespace lumbung::cli {
namespace {

// Where a day begins first and last, of all zones that a cooperative may have.
constexpr int16_t kEasternmost = 14 * 60;
constexpr int16_t kWesternmost = -12 * 60;

using books::DayChoice;
using books::Days;
using books::Format;
using books::Language;
using books::ReportKind;

struct ReportOptions {
  ReportKind kind = ReportKind::kJournal;
  CooperativeId cooperative;
  std::optional<When> date;
  std::optional<When> since;
  std::optional<When> until;
  std::string account;
  std::optional<uint32_t> member;
  std::optional<uint16_t> till;
  std::optional<Format> format;
  Language language = Language::kIndonesian;
  LedgerOption ledger;
};

absl::StatusOr<ReportKind> ParseReport(std::string_view text) {
  std::string names;
  for (const ReportKind kind : books::AllReports()) {
    if (text == books::NameOf(kind)) return kind;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", books::NameOf(kind));
  }
  return absl::InvalidArgumentError(fmt::format("expected one of {}", names));
}

absl::StatusOr<Format> ParseFormat(std::string_view text) {
  if (text == "text") return Format::kText;
  if (text == "csv") return Format::kCsv;
  if (text == "html") return Format::kHtml;
  if (text == "json") return Format::kJson;
  return absl::InvalidArgumentError("expected text, csv, html or json");
}

// Sets what `--account` means: a code of the chart, an account, or a member's wallet.
absl::Status SetAccount(const std::string& text, books::ReportRequest& request) {
  if (text.empty()) return absl::OkStatus();
  if (const auto code = ParseWholeNumber(text, 1, UINT16_MAX); code.ok()) {
    request.code = AccountCode{static_cast<uint16_t>(*code)};
    if (FindChartLine(*request.code) != nullptr) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("--account: code {} is not in the chart of accounts", text));
  }
  const auto account = ParseAccount(text);
  if (!account.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("--account: expected a code such as 2101, or an account such as 1024.2101.55, "
                    "found \"{}\"",
                    text));
  }
  if (account->cooperative() != request.cooperative) {
    return absl::InvalidArgumentError(fmt::format("--account: {} is not of cooperative {}",
                                                  account->ToString(),
                                                  request.cooperative.value()));
  }
  request.account = *account;
  return absl::OkStatus();
}

// Each of these options belongs to one report.
absl::Status CheckOptions(const ReportOptions& options) {
  const auto needs = [&](std::string_view option, ReportKind kind) {
    return absl::InvalidArgumentError(
        fmt::format("{} is only of the report {}", option, books::NameOf(kind)));
  };
  if (!options.account.empty() && options.kind != ReportKind::kLedger) {
    return needs("--account", ReportKind::kLedger);
  }
  if (options.member && options.kind != ReportKind::kMembers) {
    return needs("--member", ReportKind::kMembers);
  }
  if (options.till && options.kind != ReportKind::kCash) return needs("--till", ReportKind::kCash);
  for (const auto& when : {options.date, options.since, options.until}) {
    if (when && std::holds_alternative<Timestamp>(*when)) {
      return absl::InvalidArgumentError(
          "--date, --since and --until: books are kept by days: write 2026-11-23 or yesterday");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Days> DaysOf(const ReportOptions& options, int16_t zone_minutes) {
  const Timestamp now = Now();
  DayChoice choice;
  if (options.date) choice.date = ToBusinessDate(*options.date, zone_minutes, now);
  if (options.since) choice.from = ToBusinessDate(*options.since, zone_minutes, now);
  if (options.until) choice.to = ToBusinessDate(*options.until, zone_minutes, now);
  return books::DaysFor(options.kind, choice, DateOf(now, zone_minutes));
}

absl::StatusOr<books::ReportRequest> RequestOf(const ReportOptions& options) {
  absl::Status status = CheckOptions(options);
  if (!status.ok()) return status;
  books::ReportRequest request;
  request.kind = options.kind;
  request.cooperative = options.cooperative;
  request.days = [&options](int16_t zone_minutes) { return DaysOf(options, zone_minutes); };
  if (options.member) request.member = HolderNumber{*options.member};
  if (options.till) request.till = TerminalId{*options.till};
  request.language = options.language;
  status = SetAccount(options.account, request);
  if (!status.ok()) return status;
  // What is wrong in every zone is told before the ledger is read: where it is latest, and where it
  // is earliest, since `today` may be another day there.
  const auto first = request.days(kEasternmost);
  const auto last = request.days(kWesternmost);
  if (!first.ok() && !last.ok()) return first.status();
  return request;
}

ExitCode FailReport(const absl::Status& status, const OpenedLedger& ledger, Session& session) {
  if (absl::IsNotFound(status)) {
    return session.Fail(Failure{ExitCode::kNotFound, std::string(status.message()),
                                fmt::format("Nothing was drawn from {}.", ledger.name)});
  }
  return FailReading(status, ledger.name, session);
}

ExitCode DrawReport(const ReportOptions& options, Session& session) {
  const auto request = RequestOf(options);
  if (!request.ok()) return session.FailUsage(request.status());
  ExitCode code = ExitCode::kOk;
  const auto ledger = OpenWholeLedger(options.ledger, session, code);
  if (!ledger) return code;
  const Format format = options.format.value_or(session.json() ? Format::kJson : Format::kText);
  const auto writer = books::MakeWriter(format, [](std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) EndIfReaderLeft(errno);
  });
  const auto verdict = books::WriteReport(*ledger->source, *request, *writer);
  const int error = WriteOutput("");
  EndIfReaderLeft(error);
  const bool written = error == 0 && std::ferror(stdout) == 0;
  if (!verdict.ok()) return FailReport(verdict.status(), *ledger, session);
  if (!written) {
    return session.Fail(Failure{ExitCode::kFailed, "the report can't be written to the end",
                                "Make room where it goes, and run the command again."});
  }
  if (*verdict == books::Verdict::kControlsHold) return ExitCode::kOk;
  session.Note(fmt::format("lumbung: {}", books::FailedText().In(options.language)));
  return ExitCode::kFailed;
}

void AddDayOptions(CLI::App& app, ReportOptions& options) {
  AddParsed(app, "--date", options.date, ParseWhen,
            "That day; of trial-balance and balance-sheet its close; of result the year up to it")
      ->type_name("DATE");
  AddParsed(app, "--since", options.since, ParseWhen, "From this day on")->type_name("DATE");
  AddParsed(app, "--until", options.until, ParseWhen, "Up to this day's close")->type_name("DATE");
}

}  // namespace

void AddReportCommand(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "report",
       .description =
           "The books of a cooperative: journal (jurnal umum), ledger (buku besar), trial-balance "
           "(neraca saldo), members (buku pembantu anggota), cash (buku kas), daily-closing (tutup "
           "harian), balance-sheet (neraca), result (perhitungan hasil usaha). Exit code 1 if a "
           "control fails",
       .example = "report daily-closing --cooperative 1024 --date yesterday --format html\n"
                  "  lumbung report ledger --cooperative 1024 --account 2101 --data /srv/lumbung"},
      line.root(), &DrawReport);
  AddParsed(app, "kind", options.kind, ParseReport, "Which report")->type_name("KIND")->required();
  AddParsed(app, "--cooperative", options.cooperative, ParseCooperative, "Whose books")
      ->type_name("COOPERATIVE")
      ->required();
  AddDayOptions(app, options);
  app.add_option("--account", options.account, "Of ledger: this code, or this account, alone")
      ->type_name("CODE|ACCOUNT");
  AddParsed(app, "--member", options.member, ParseWhole<uint32_t, 1, (1u << kHolderBits) - 1>,
            "Of members: each entry of this member's accounts")
      ->type_name("NUMBER");
  AddParsed(app, "--till", options.till, ParseWhole<uint16_t, 1>, "Of cash: this terminal's alone")
      ->type_name("NUMBER");
  AddParsed(app, "--format", options.format, ParseFormat, "text, csv, html (for A4) or json")
      ->type_name("FORMAT")
      ->default_str("text");
  AddParsed(app, "--language", options.language, ParseLanguage, "id or en")
      ->type_name("LANGUAGE")
      ->default_str("id");
  AddLedgerOption(app, options.ledger);
}

}  // namespace lumbung::cli
