// What all reports share: their head, the names of accounts, and the controls that each ends with.
// One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "api/books/bookkeeper.h"
#include "api/books/report.h"
#include "api/books/report_writer.h"

namespace lumbung::books {

class Report : public Bookkeeper::Reader {
 public:
  // All three must outlive the report.
  Report(const ReportRequest& request, const Bookkeeper& books, ReportWriter& writer)
      : request_(request), books_(books), writer_(writer) {}

  // Writes the head, if it was not written. REQUIRES: the cooperative is known.
  void BeginOnce();
  bool begun() const { return begun_; }
  // Writes what is left when the ledger was read, and adds what the report checks itself. NOT_FOUND
  // before anything is written, if what was asked for is not there.
  virtual absl::Status Finish(ReportEnd& end) = 0;

 protected:
  // Columns, label and paper.
  virtual void Describe(ReportHead& head) const = 0;

  std::string_view Say(const Phrase& phrase) const { return phrase.In(request_.language); }
  const Organisation& organisation() const { return *books_.organisation(); }
  const Balances& balances() const { return books_.balances(); }
  // `2026-11-24 19:58:16` in the cooperative's zone.
  std::string TimeOf(const Entry& entry) const;
  // `Simpanan sukarela, anggota 55`; `Laci kas, Kasir 1`.
  std::string NameOfAccount(AccountId account) const;

  const ReportRequest& request_;
  const Bookkeeper& books_;
  ReportWriter& writer_;

 private:
  std::string PeriodText() const;

  bool begun_ = false;
};

// Debit = credit; opening + movement = closing; each entry's balance follows from those before.
void AddControls(const Bookkeeper& books, Language language, ReportEnd& end);

// One a file; each takes the request's kind.
std::unique_ptr<Report> MakeJournal(const ReportRequest&, const Bookkeeper&, ReportWriter&);
std::unique_ptr<Report> MakeAccountBook(const ReportRequest&, const Bookkeeper&, ReportWriter&);
std::unique_ptr<Report> MakeTrialBalance(const ReportRequest&, const Bookkeeper&, ReportWriter&);
std::unique_ptr<Report> MakeMemberList(const ReportRequest&, const Bookkeeper&, ReportWriter&);
std::unique_ptr<Report> MakeDailyClosing(const ReportRequest&, const Bookkeeper&, ReportWriter&);
std::unique_ptr<Report> MakeBalanceSheet(const ReportRequest&, const Bookkeeper&, ReportWriter&);
std::unique_ptr<Report> MakeResult(const ReportRequest&, const Bookkeeper&, ReportWriter&);

}  // namespace lumbung::books
