// Neraca and perhitungan hasil usaha, by the chart's classes.
#include <fmt/format.h>

#include <map>

#include "api/books/report_base.h"
#include "api/books/row_table.h"
#include "engine/chart.h"

namespace lumbung::books {

namespace {

std::vector<Column> StatementColumns() {
  return {
      {.key = "code", .title = {"Kode", "Code"}},
      {.key = "name", .title = {"Nama akun", "Name"}},
      {.key = "amount", .title = {"Jumlah", "Amount"}, .alignment = Alignment::kRight},
  };
}

bool IsOf(AccountCode code, AccountClass account_class) {
  const ChartLine* const line = FindChartLine(code);
  return line != nullptr && line->account_class == account_class;
}

bool IsOfResult(AccountCode code) {
  return IsOf(code, AccountClass::kIncome) || IsOf(code, AccountClass::kExpense);
}

Row TotalRow(std::string_view text, Sum amount) {
  return {Cell::Empty(), Cell::Text(text), Cell::Money(amount)};
}

class BalanceSheet final : public Report {
 public:
  using Report::Report;

  absl::Status Finish(ReportEnd& end) override {
    BeginOnce();
    const Sum assets =
        WriteClass(AccountClass::kAsset, {"Aset", "Assets"}, {"Jumlah aset", "Total assets"});
    const Sum liabilities = WriteClass(AccountClass::kLiability, {"Liabilitas", "Liabilities"},
                                       {"Jumlah liabilitas", "Total liabilities"});

    RowTable equity;
    Sum total = AddClass(AccountClass::kEquity, equity);
    Sum result = 0;
    for (const auto& [code, sums] : balances().codes()) {
      if (IsOfResult(code)) result -= sums.closing();
    }
    equity.Add(RowStyle::kLine,
               {Cell::Empty(),
                Cell::Text(Say({"Hasil usaha yang belum ditutup", "Result not yet closed"})),
                Cell::Money(result)});
    total += result;
    equity.Add(RowStyle::kTotal, TotalRow(Say({"Jumlah ekuitas", "Total equity"}), total));
    equity.Add(RowStyle::kTotal,
               TotalRow(Say({"Jumlah liabilitas dan ekuitas", "Total liabilities and equity"}),
                        liabilities + total));
    equity.Write(Say({"Ekuitas", "Equity"}), writer_);
    end.controls.push_back({std::string(Say({"Aset = liabilitas + ekuitas + hasil usaha",
                                             "Assets = liabilities + equity + result"})),
                            Cell::Money(assets), Cell::Money(liabilities + total)});
    return absl::OkStatus();
  }

 private:
  void Describe(ReportHead& head) const override {
    head.label = 1;
    head.columns = StatementColumns();
  }

  Sum AddClass(AccountClass account_class, RowTable& table) const {
    Sum total = 0;
    for (const auto& [code, sums] : balances().codes()) {
      if (!IsOf(code, account_class) || sums.closing() == 0) continue;
      const Sum closing = account_class == AccountClass::kAsset ? sums.closing() : -sums.closing();
      total += closing;
      table.Add(RowStyle::kLine, {Cell::Text(fmt::format("{}", code.value())),
                                  Cell::Text(Say(NameOf(code))), Cell::Money(closing)});
    }
    return total;
  }

  Sum WriteClass(AccountClass account_class, const Phrase& heading, const Phrase& total_text) {
    RowTable table;
    const Sum total = AddClass(account_class, table);
    table.Add(RowStyle::kTotal, TotalRow(Say(total_text), total));
    table.Write(Say(heading), writer_);
    return total;
  }
};

// Closing entries move the result into equity; they are no part of what was earned and spent.
class ResultStatement final : public Report {
 public:
  using Report::Report;

  void OnPosting(const Posting& posting) override {
    if (!IsOfResult(posting.account.code())) return;
    const bool closing = posting.entry.kind.purpose() == Purpose::kClosing;
    Turnover& turnover = (closing ? closed_ : earned_)[posting.account.code()];
    (posting.side == Side::kDebit ? turnover.debit : turnover.credit) +=
        posting.entry.amount.value();
  }

  absl::Status Finish(ReportEnd& end) override {
    BeginOnce();
    const Sum income = WriteClass(AccountClass::kIncome, {"Pendapatan", "Income"},
                                  {"Jumlah pendapatan", "Total income"});
    const Sum expense = WriteClass(AccountClass::kExpense, {"Beban", "Expenses"},
                                   {"Jumlah beban", "Total expenses"});
    RowTable table;
    table.Add(RowStyle::kTotal,
              TotalRow(Say({"Hasil usaha periode ini", "Result of the period"}), income - expense));
    table.Write(Say({"Hasil usaha", "Result"}), writer_);

    Sum closed = 0;
    for (const auto& [code, turnover] : closed_) closed -= turnover.net();
    Sum change = 0;  // as the entries recorded it
    for (const AccountId account : balances().Accounts()) {
      if (!IsOfResult(account.code())) continue;
      const AccountSums& sums = balances().of(account);
      change -= sums.recorded - sums.opening();
    }
    end.controls.push_back(
        {std::string(Say({"Hasil usaha + jurnal penutup = perubahan saldo pendapatan dan beban",
                          "Result + closing entries = change of income and expense accounts"})),
         Cell::Money(income - expense + closed), Cell::Money(change)});
    if (closed != 0) {
      constexpr Phrase kNote{"Jurnal penutup sebesar {} tidak dihitung sebagai hasil usaha.",
                             "Closing entries of {} are no part of the result."};
      end.notes.push_back(fmt::format(fmt::runtime(Say(kNote)), FormatSum(closed)));
    }
    return absl::OkStatus();
  }

 private:
  void Describe(ReportHead& head) const override {
    head.label = 1;
    head.columns = StatementColumns();
  }

  Sum WriteClass(AccountClass account_class, const Phrase& heading, const Phrase& total_text) {
    RowTable table;
    Sum total = 0;
    for (const auto& [code, turnover] : earned_) {
      if (!IsOf(code, account_class)) continue;
      const Sum amount = account_class == AccountClass::kExpense ? turnover.net() : -turnover.net();
      total += amount;
      table.Add(RowStyle::kLine, {Cell::Text(fmt::format("{}", code.value())),
                                  Cell::Text(Say(NameOf(code))), Cell::Money(amount)});
    }
    table.Add(RowStyle::kTotal, TotalRow(Say(total_text), total));
    table.Write(Say(heading), writer_);
    return total;
  }

  std::map<AccountCode, Turnover> earned_;
  std::map<AccountCode, Turnover> closed_;
};

}  // namespace

std::unique_ptr<Report> MakeBalanceSheet(const ReportRequest& request, const Bookkeeper& books,
                                         ReportWriter& writer) {
  return std::make_unique<BalanceSheet>(request, books, writer);
}

std::unique_ptr<Report> MakeResult(const ReportRequest& request, const Bookkeeper& books,
                                   ReportWriter& writer) {
  return std::make_unique<ResultStatement>(request, books, writer);
}

}  // namespace lumbung::books
