// Tutup harian: what the manager signs at the end of a day. What was done, what was not booked, the
// cash of each till to be counted, the sales of each branch, and the balances that somebody must
// look at.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "api/books/report_base.h"
#include "api/books/row_table.h"
#include "engine/chart.h"
#include "engine/outcome.h"

namespace lumbung::books {

namespace {

class DailyClosing final : public Report {
 public:
  using Report::Report;

  absl::Status Finish(ReportEnd& end) override {
    BeginOnce();
    const Sum booked = WriteKinds();
    WriteUnbooked();
    const Sum cash = WriteAccounts({"Kas", "Cash"}, {code::kMainCash, code::kTill});
    WriteAccounts({"Penjualan per gerai", "Sales by branch"}, {code::kSales});
    WriteToCheck();
    const Turnover all = balances().AllWithin();
    end.controls.push_back({std::string(Say({"Jumlah menurut jenis = mutasi semua akun",
                                             "Total by kind = movement of all accounts"})),
                            Cell::Money(booked), Cell::Money(all.debit)});
    end.controls.push_back({std::string(Say({"Kas besar + laci = buku besar 1101 + 1102",
                                             "Main cash + tills = general ledger 1101 + 1102"})),
                            Cell::Money(cash),
                            Cell::Money(balances().of(code::kMainCash).closing() +
                                        balances().of(code::kTill).closing())});
    end.controls.push_back({std::string(Say({"Rekening sementara (2199) kosong pada akhir hari",
                                             "Suspense (2199) is empty at the day's end"})),
                            Cell::Money(-balances().of(code::kSuspense).closing()),
                            Cell::Money(0)});
    for (const Phrase& who : {Phrase{"Kasir", "Cashier"}, Phrase{"Manajer", "Manager"},
                              Phrase{"Pengawas", "Supervisor"}}) {
      end.signatures.emplace_back(Say(who));
    }
    return absl::OkStatus();
  }

 private:
  void Describe(ReportHead& head) const override {
    const auto number = Alignment::kRight;
    head.label = 0;
    head.columns = {
        {.key = "item", .title = {"Uraian", "Item"}},
        {.key = "count", .title = {"Banyaknya", "Count"}, .alignment = number},
        {.key = "opening", .title = {"Saldo awal", "Opening"}, .alignment = number},
        {.key = "debit", .title = {"Debet", "Debit"}, .alignment = number},
        {.key = "credit", .title = {"Kredit", "Credit"}, .alignment = number},
        {.key = "closing", .title = {"Saldo akhir", "Closing"}, .alignment = number},
    };
  }

  // What was booked, in the sums of the debit side.
  Sum WriteKinds() {
    RowTable table;
    Sum total = 0;
    uint64_t count = 0;
    for (const auto& [kind, tally] : books_.activity().posted) {
      const auto& [purpose, step] = kind;
      std::string name{Say(NameOf(purpose))};
      if (step != Step::kPost) name += fmt::format(", {}", Say(NameOf(step)));
      table.Add(RowStyle::kLine,
                {Cell::Text(std::move(name)), Cell::Count(tally.transactions), Cell::Empty(),
                 Cell::Money(tally.turnover), Cell::Money(tally.turnover), Cell::Empty()});
      total += tally.turnover;
      count += tally.transactions;
    }
    table.Add(RowStyle::kTotal,
              {Cell::Text(Say({"Jumlah", "Total"})), Cell::Count(count), Cell::Empty(),
               Cell::Money(total), Cell::Money(total), Cell::Empty()});
    table.Write(Say({"Transaksi menurut jenis", "Transactions by kind"}), writer_);
    return total;
  }

  void WriteUnbooked() {
    RowTable table;
    for (const auto& [step, count] : books_.activity().holds) {
      table.Add(RowStyle::kLine, {Cell::Text(Say(NameOf(step))), Cell::Count(count), Cell::Empty(),
                                  Cell::Empty(), Cell::Empty(), Cell::Empty()});
    }
    for (const auto& [outcome, count] : books_.activity().declined) {
      constexpr Phrase kDeclined{"ditolak: {}", "declined: {}"};
      table.Add(RowStyle::kLine,
                {Cell::Text(fmt::format(fmt::runtime(Say(kDeclined)), Name(outcome))),
                 Cell::Count(count), Cell::Empty(), Cell::Empty(), Cell::Empty(), Cell::Empty()});
    }
    table.Write(Say({"Tidak dibukukan", "Not booked"}), writer_);
  }

  Row RowOf(std::string name, AccountCode code, const PeriodSums& sums) const {
    return {Cell::Text(std::move(name)),
            Cell::Empty(),
            Cell::Money(InNormalDirection(code, sums.opening())),
            Cell::MoneyIfAny(sums.within.debit),
            Cell::MoneyIfAny(sums.within.credit),
            Cell::Money(InNormalDirection(code, sums.closing()))};
  }

  // The accounts of these codes that were ever touched, with their sum. Its closing balance on the
  // codes' normal side, of which there is one.
  Sum WriteAccounts(const Phrase& heading, std::initializer_list<AccountCode> codes) {
    RowTable table;
    const AccountCode first = *codes.begin();
    PeriodSums total;
    for (const AccountId account : balances().Accounts()) {
      if (std::find(codes.begin(), codes.end(), account.code()) == codes.end()) continue;
      const AccountSums& sums = balances().of(account);
      if (!sums.touched()) continue;
      table.Add(RowStyle::kLine, RowOf(NameOfAccount(account), account.code(), sums));
      total.before.debit += sums.before.debit;
      total.before.credit += sums.before.credit;
      total.within.debit += sums.within.debit;
      total.within.credit += sums.within.credit;
    }
    table.Add(RowStyle::kTotal, RowOf(std::string(Say({"Jumlah", "Total"})), first, total));
    table.Write(Say(heading), writer_);
    return InNormalDirection(first, total.closing());
  }

  void WriteToCheck() {
    RowTable table;
    for (const AccountCode code : {code::kQrisClearing, code::kDueFrom, code::kPayoutInTransit,
                                   code::kDueTo, code::kSuspense}) {
      table.Add(RowStyle::kLine, RowOf(fmt::format("{} {}", code.value(), Say(NameOf(code))), code,
                                       balances().of(code)));
    }
    Sum held = 0;
    for (const AccountId account : balances().Accounts()) held += balances().of(account).held;
    table.Add(RowStyle::kLine,
              {Cell::Text(Say({"Dana yang masih ditahan", "Funds still held"})), Cell::Empty(),
               Cell::Empty(), Cell::Empty(), Cell::Empty(), Cell::Money(held)});
    table.Write(Say({"Saldo yang harus diperiksa", "Balances to be looked at"}), writer_);
  }
};

}  // namespace

std::unique_ptr<Report> MakeDailyClosing(const ReportRequest& request, const Bookkeeper& books,
                                         ReportWriter& writer) {
  return std::make_unique<DailyClosing>(request, books, writer);
}

}  // namespace lumbung::books
