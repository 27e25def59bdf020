// Neraca saldo: of each code the opening balance, the movement and the closing balance, each on its
// side.
#include <fmt/format.h>

#include "api/books/report_base.h"
#include "api/books/row_table.h"

namespace lumbung::books {

namespace {

// Both sides of a column pair.
struct Pair {
  Sum debit = 0;
  Sum credit = 0;
};

Pair OnItsSide(Sum debit_less_credit) {
  if (debit_less_credit >= 0) return {.debit = debit_less_credit};
  return {.credit = -debit_less_credit};
}

void AddTo(Pair& total, const Pair& more) {
  total.debit += more.debit;
  total.credit += more.credit;
}

class TrialBalance final : public Report {
 public:
  using Report::Report;

  absl::Status Finish(ReportEnd& end) override {
    BeginOnce();
    RowTable table;
    Pair opening;
    Pair movement;
    Pair closing;
    for (const auto& [code, sums] : balances().codes()) {
      if (!sums.touched()) continue;
      const Pair of_code[] = {OnItsSide(sums.opening()),
                              {sums.within.debit, sums.within.credit},
                              OnItsSide(sums.closing())};
      AddTo(opening, of_code[0]);
      AddTo(movement, of_code[1]);
      AddTo(closing, of_code[2]);
      Row row{Cell::Text(fmt::format("{}", code.value())), Cell::Text(Say(NameOf(code)))};
      for (const Pair& pair : of_code) {
        row.push_back(Cell::MoneyIfAny(pair.debit));
        row.push_back(Cell::MoneyIfAny(pair.credit));
      }
      table.Add(RowStyle::kLine, std::move(row));
    }
    Row total{Cell::Empty(), Cell::Text(Say({"Jumlah", "Total"}))};
    for (const Pair& pair : {opening, movement, closing}) {
      total.push_back(Cell::Money(pair.debit));
      total.push_back(Cell::Money(pair.credit));
    }
    table.Add(RowStyle::kTotal, std::move(total));
    table.Write("", writer_);
    AddControl({"Saldo awal debet = kredit", "Opening balances: debit = credit"}, opening, end);
    AddControl({"Saldo akhir debet = kredit", "Closing balances: debit = credit"}, closing, end);
    return absl::OkStatus();
  }

 private:
  void Describe(ReportHead& head) const override {
    const auto number = Alignment::kRight;
    head.paper = Paper::kLandscape;
    head.label = 1;
    head.columns = {
        {.key = "code", .title = {"Kode", "Code"}},
        {.key = "name", .title = {"Nama akun", "Name"}},
        {.key = "opening_debit",
         .title = {"Saldo awal debet", "Opening debit"},
         .alignment = number},
        {.key = "opening_credit",
         .title = {"Saldo awal kredit", "Opening credit"},
         .alignment = number},
        {.key = "debit", .title = {"Mutasi debet", "Debit"}, .alignment = number},
        {.key = "credit", .title = {"Mutasi kredit", "Credit"}, .alignment = number},
        {.key = "closing_debit",
         .title = {"Saldo akhir debet", "Closing debit"},
         .alignment = number},
        {.key = "closing_credit",
         .title = {"Saldo akhir kredit", "Closing credit"},
         .alignment = number},
    };
  }

  void AddControl(const Phrase& text, const Pair& pair, ReportEnd& end) const {
    end.controls.push_back(
        {std::string(Say(text)), Cell::Money(pair.debit), Cell::Money(pair.credit)});
  }
};

}  // namespace

std::unique_ptr<Report> MakeTrialBalance(const ReportRequest& request, const Bookkeeper& books,
                                         ReportWriter& writer) {
  return std::make_unique<TrialBalance>(request, books, writer);
}

}  // namespace lumbung::books
