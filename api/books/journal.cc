// Jurnal umum: each transaction with what it debits and credits, in the ledger's order, written as
// the ledger goes by.
#include <vector>

#include "api/books/report_base.h"

namespace lumbung::books {

namespace {

// What one account got on one side in a transaction.
struct Line {
  AccountId account;
  Sum amount;
};

void AddTo(std::vector<Line>& lines, AccountId account, Amount amount) {
  for (Line& line : lines) {
    if (line.account == account) {
      line.amount += amount.value();
      return;
    }
  }
  lines.push_back({account, amount.value()});
}

class Journal final : public Report {
 public:
  using Report::Report;

  // Several legs of one account on the same side are one line, as on paper.
  void OnPosting(const Posting& posting) override {
    if (debits_.empty() && credits_.empty()) {
      first_ = posting.sequence;
      time_ = TimeOf(posting.entry);
      subject_ = SubjectOf(posting.entry, request_.language);
      if (!posting.text.empty()) {
        subject_ += ": ";
        subject_ += posting.text;
      }
    }
    AddTo(posting.side == Side::kDebit ? debits_ : credits_, posting.account, posting.entry.amount);
  }

  void OnTransactionEnd() override {
    Start();
    RowStyle style = RowStyle::kLine;
    for (const Line& line : debits_) {
      WriteLine(style, line, Side::kDebit);
      style = RowStyle::kSameAgain;
    }
    for (const Line& line : credits_) {
      WriteLine(style, line, Side::kCredit);
      style = RowStyle::kSameAgain;
    }
    debits_.clear();
    credits_.clear();
    ++transactions_;
  }

  absl::Status Finish(ReportEnd& end) override {
    Start();
    const Row total{
        Cell::Empty(),       Cell::Count(transactions_),
        Cell::Empty(),       Cell::Text(Say({"Jumlah (transaksi)", "Total (transactions)"})),
        Cell::Money(debit_), Cell::Money(credit_),
        Cell::Empty()};
    writer_.AddRow(RowStyle::kTotal, total);
    writer_.EndSection();
    end.controls.push_back({std::string(Say({"Jumlah debet jurnal = jumlah kredit jurnal",
                                             "Debit of the journal = its credit"})),
                            Cell::Money(debit_), Cell::Money(credit_)});
    return absl::OkStatus();
  }

 private:
  void Describe(ReportHead& head) const override {
    head.paper = Paper::kLandscape;
    head.label = 6;
    head.columns = {
        {.key = "time", .title = {"Waktu", "Time"}, .width_min = 19, .once = true},
        {.key = "sequence",
         .title = {"No. entri", "Entry"},
         .alignment = Alignment::kRight,
         .width_min = 10,
         .once = true},
        {.key = "account", .title = {"Akun", "Account"}, .width_min = 14},
        {.key = "account_name", .title = {"Nama akun", "Name of the account"}, .width_min = 36},
        {.key = "debit",
         .title = {"Debet", "Debit"},
         .alignment = Alignment::kRight,
         .width_min = 18},
        {.key = "credit",
         .title = {"Kredit", "Credit"},
         .alignment = Alignment::kRight,
         .width_min = 18},
        {.key = "description", .title = {"Keterangan", "Description"}, .once = true},
    };
  }

  void Start() {
    if (begun()) return;
    BeginOnce();
    writer_.BeginSection("", {});
  }

  void WriteLine(RowStyle style, const Line& line, Side side) {
    const bool debit = side == Side::kDebit;
    (debit ? debit_ : credit_) += line.amount;
    row_ = {Cell::Text(time_),
            Cell::Count(first_.value()),
            Cell::Text(line.account.ToString()),
            Cell::Text((debit ? "" : "  ") + NameOfAccount(line.account)),
            debit ? Cell::Money(line.amount) : Cell::Empty(),
            debit ? Cell::Empty() : Cell::Money(line.amount),
            Cell::Text(subject_)};
    writer_.AddRow(style, row_);
  }

  // The transaction at work.
  std::vector<Line> debits_;
  std::vector<Line> credits_;
  Sequence first_;
  std::string time_;
  std::string subject_;
  Row row_;

  uint64_t transactions_ = 0;
  Sum debit_ = 0;
  Sum credit_ = 0;
};

}  // namespace

std::unique_ptr<Report> MakeJournal(const ReportRequest& request, const Bookkeeper& books,
                                    ReportWriter& writer) {
  return std::make_unique<Journal>(request, books, writer);
}

}  // namespace lumbung::books
