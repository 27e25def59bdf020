// The books of a cooperative, drawn from its ledger: what an accountant asks for. Each report goes
// through the ledger once; journal, general ledger and cash book may be as long as the ledger,
// memory is bounded by the cooperative's accounts (bookkeeper.h, row_spool.h).
//
// Every report ends with its controls. One that fails is said loudly, and told to the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/books/bookkeeper.h"
#include "api/books/phrase.h"
#include "api/books/report_writer.h"
#include "engine/types.h"
#include "storage/ledger_source.h"

namespace lumbung::books {

enum class ReportKind : uint8_t {
  kJournal,       // jurnal umum
  kLedger,        // buku besar
  kTrialBalance,  // neraca saldo
  kMembers,       // buku pembantu anggota
  kCash,          // buku kas
  kDailyClosing,  // tutup harian
  kBalanceSheet,  // neraca
  kResult,        // perhitungan hasil usaha
};

std::span<const ReportKind> AllReports();
// As the command line spells it: `trial-balance`.
std::string_view NameOf(ReportKind kind);
Phrase TitleOf(ReportKind kind);

struct ReportRequest {
  ReportKind kind = ReportKind::kJournal;
  CooperativeId cooperative;
  // The days that are meant, in the cooperative's zone; see DaysFor.
  std::function<absl::StatusOr<Days>(int16_t zone_minutes)> days;
  // The general ledger of one code or one account; the cards of one member; the book of one till.
  // Each only in its own report.
  std::optional<AccountCode> code;
  std::optional<AccountId> account;
  std::optional<HolderNumber> member;
  std::optional<TerminalId> till;
  Language language = Language::kIndonesian;
};

// What was asked for: one day, or from one to another; nothing: what the report is usually for.
struct DayChoice {
  std::optional<BusinessDate> date;
  std::optional<BusinessDate> from;
  std::optional<BusinessDate> to;
};

// The days that a choice means for a report:
//
//   journal, ledger, members, cash   that day; all without a choice
//   trial-balance, balance-sheet     the close of that day; the ledger's end without a choice
//   daily-closing                    that day; today without a choice
//   result                           from its 1 January on; this year up to today without a choice
//
// INVALID_ARGUMENT if the choice does not fit the report.
absl::StatusOr<Days> DaysFor(ReportKind kind, const DayChoice& choice, BusinessDate today);

enum class Verdict : uint8_t { kControlsHold, kControlFailed };

// NOT_FOUND if the cooperative, account, member or till is not in the ledger; INVALID_ARGUMENT as
// `days`; what else the source tells. After a failure within the report its text says that it is
// incomplete.
absl::StatusOr<Verdict> WriteReport(const LedgerSource& ledger, const ReportRequest& request,
                                    ReportWriter& writer);

}  // namespace lumbung::books
