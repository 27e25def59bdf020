#include "api/books/report.h"

#include <fmt/format.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "api/books/report_base.h"
#include "api/cli/plain_text.h"

namespace lumbung::books {

namespace {

constexpr ReportKind kAllReports[] = {
    ReportKind::kJournal,      ReportKind::kLedger, ReportKind::kTrialBalance,
    ReportKind::kMembers,      ReportKind::kCash,   ReportKind::kDailyClosing,
    ReportKind::kBalanceSheet, ReportKind::kResult,
};

// The cooperative's books begin with the calendar year.
BusinessDate FirstOfYear(BusinessDate date) {
  const std::chrono::sys_days days{std::chrono::days{date.value()}};
  const std::chrono::year_month_day first{std::chrono::year_month_day{days}.year(),
                                          std::chrono::January, std::chrono::day{1}};
  const auto since_epoch = std::chrono::sys_days{first}.time_since_epoch().count();
  return BusinessDate{static_cast<int32_t>(since_epoch)};
}

std::unique_ptr<Report> MakeReport(const ReportRequest& request, const Bookkeeper& books,
                                   ReportWriter& writer) {
  switch (request.kind) {
    case ReportKind::kJournal:
      return MakeJournal(request, books, writer);
    case ReportKind::kLedger:
    case ReportKind::kCash:
      return MakeAccountBook(request, books, writer);
    case ReportKind::kMembers:
      return request.member ? MakeAccountBook(request, books, writer)
                            : MakeMemberList(request, books, writer);
    case ReportKind::kTrialBalance:
      return MakeTrialBalance(request, books, writer);
    case ReportKind::kDailyClosing:
      return MakeDailyClosing(request, books, writer);
    case ReportKind::kBalanceSheet:
      return MakeBalanceSheet(request, books, writer);
    case ReportKind::kResult:
      return MakeResult(request, books, writer);
  }
  return nullptr;
}

void AddNotes(const Bookkeeper& books, Language language, ReportEnd& end) {
  const int16_t zone = books.organisation()->zone_minutes;
  constexpr Phrase kRead{"Dibaca sampai entri {}{}.", "Read up to entry {}{}."};
  const std::string time = cli::FormatTime(books.last_time(), zone);
  end.notes.push_back(fmt::format(fmt::runtime(kRead.In(language)), books.last().value(),
                                  time.empty() ? "" : ", " + time));
  if (books.other_assets() == 0) return;
  constexpr Phrase kOther{"Tidak termasuk: {} entri dalam mata uang atau aset lain.",
                          "Left out: {} entries in other assets than rupiah."};
  end.notes.push_back(fmt::format(fmt::runtime(kOther.In(language)), books.other_assets()));
}

}  // namespace

std::span<const ReportKind> AllReports() { return kAllReports; }

std::string_view NameOf(ReportKind kind) {
  switch (kind) {
    case ReportKind::kJournal:
      return "journal";
    case ReportKind::kLedger:
      return "ledger";
    case ReportKind::kTrialBalance:
      return "trial-balance";
    case ReportKind::kMembers:
      return "members";
    case ReportKind::kCash:
      return "cash";
    case ReportKind::kDailyClosing:
      return "daily-closing";
    case ReportKind::kBalanceSheet:
      return "balance-sheet";
    case ReportKind::kResult:
      return "result";
  }
  return "?";
}

Phrase TitleOf(ReportKind kind) {
  switch (kind) {
    case ReportKind::kJournal:
      return {"Jurnal umum", "General journal"};
    case ReportKind::kLedger:
      return {"Buku besar", "General ledger"};
    case ReportKind::kTrialBalance:
      return {"Neraca saldo", "Trial balance"};
    case ReportKind::kMembers:
      return {"Buku pembantu anggota", "Member sub-ledger"};
    case ReportKind::kCash:
      return {"Buku kas", "Cash book"};
    case ReportKind::kDailyClosing:
      return {"Tutup harian", "Daily closing"};
    case ReportKind::kBalanceSheet:
      return {"Neraca", "Balance sheet"};
    case ReportKind::kResult:
      return {"Perhitungan hasil usaha (PHU)", "Statement of the result (PHU)"};
  }
  return {"?", "?"};
}

absl::StatusOr<Days> DaysFor(ReportKind kind, const DayChoice& choice, BusinessDate today) {
  const bool range = choice.from || choice.to;
  if (choice.date && range) {
    return absl::InvalidArgumentError("expected --date or --since and --until, found both");
  }
  if (choice.from && choice.to && *choice.to < *choice.from) {
    return absl::InvalidArgumentError("--until: expected a day not before --since");
  }
  switch (kind) {
    case ReportKind::kJournal:
    case ReportKind::kLedger:
    case ReportKind::kMembers:
    case ReportKind::kCash:
      if (choice.date) return Days{choice.date, choice.date};
      return Days{choice.from, choice.to};
    case ReportKind::kTrialBalance:
      if (choice.date) return Days{std::nullopt, choice.date};
      return Days{choice.from, choice.to};
    case ReportKind::kBalanceSheet:
      if (range) {
        return absl::InvalidArgumentError(
            "a balance sheet is drawn at the close of one day: expected --date, found --since or "
            "--until");
      }
      return Days{std::nullopt, choice.date};
    case ReportKind::kDailyClosing:
      if (range) {
        return absl::InvalidArgumentError(
            "a daily closing is of one day: expected --date, found --since or --until");
      }
      return Days{choice.date.value_or(today), choice.date.value_or(today)};
    case ReportKind::kResult: {
      if (range) return Days{choice.from, choice.to};
      const BusinessDate last = choice.date.value_or(today);
      return Days{FirstOfYear(last), last};
    }
  }
  return absl::InternalError("no such report");
}

absl::StatusOr<Verdict> WriteReport(const LedgerSource& ledger, const ReportRequest& request,
                                    ReportWriter& writer) {
  Bookkeeper books({.cooperative = request.cooperative, .days = request.days});
  const std::unique_ptr<Report> report = MakeReport(request, books, writer);
  absl::Status status = books.Read(ledger, *report);
  ReportEnd end;
  if (status.ok()) status = report->Finish(end);
  if (!status.ok()) {
    if (report->begun()) writer.Abandon(std::string(status.message()));
    return status;
  }
  AddControls(books, request.language, end);
  AddNotes(books, request.language, end);
  writer.End(end);
  return AllHold(end.controls) ? Verdict::kControlsHold : Verdict::kControlFailed;
}

}  // namespace lumbung::books
