// Buku pembantu anggota: the accounts of members and loans, a section for each code, each compared
// with the general ledger's sum of that code.
#include <fmt/format.h>

#include <map>

#include "api/books/report_base.h"
#include "api/books/row_table.h"
#include "engine/chart.h"

namespace lumbung::books {

namespace {

bool IsOfMembers(AccountCode code) {
  const ChartLine* const line = FindChartLine(code);
  return line != nullptr &&
         (line->holder == HolderKind::kMember || line->holder == HolderKind::kLoan);
}

// The sums of a section, in the code's normal direction but for the turnover.
struct SectionSums {
  Sum opening = 0;
  Turnover turnover;
  Sum closing = 0;
  Sum held = 0;
};

class MemberList final : public Report {
 public:
  using Report::Report;

  absl::Status Finish(ReportEnd& end) override {
    std::map<AccountCode, std::vector<AccountId>> sections;
    for (const AccountId account : balances().Accounts()) {
      const AccountSums& sums = balances().of(account);
      if (IsOfMembers(account.code()) && (sums.touched() || sums.held != 0)) {
        sections[account.code()].push_back(account);
      }
    }
    BeginOnce();
    for (const auto& [code, accounts] : sections) {
      const SectionSums sums = WriteSection(code, accounts);
      constexpr Phrase kControl{"Buku pembantu {0} = buku besar {0}",
                                "Sub-ledger {0} = general ledger {0}"};
      end.controls.push_back({fmt::format(fmt::runtime(Say(kControl)), code.value()),
                              Cell::Money(sums.closing),
                              Cell::Money(InNormalDirection(code, balances().of(code).closing()))});
    }
    return absl::OkStatus();
  }

 private:
  void Describe(ReportHead& head) const override {
    const auto number = Alignment::kRight;
    head.paper = Paper::kLandscape;
    head.label = 1;
    head.columns = {
        {.key = "account", .title = {"Akun", "Account"}},
        {.key = "holder", .title = {"Pemilik", "Holder"}},
        {.key = "opening", .title = {"Saldo awal", "Opening"}, .alignment = number},
        {.key = "debit", .title = {"Debet", "Debit"}, .alignment = number},
        {.key = "credit", .title = {"Kredit", "Credit"}, .alignment = number},
        {.key = "closing", .title = {"Saldo akhir", "Closing"}, .alignment = number},
        {.key = "held", .title = {"Ditahan", "Held"}, .alignment = number},
    };
  }

  SectionSums WriteSection(AccountCode code, const std::vector<AccountId>& accounts) {
    RowTable table;
    SectionSums total;
    for (const AccountId account : accounts) {
      const AccountSums& sums = balances().of(account);
      const Sum opening = InNormalDirection(code, sums.opening());
      const Sum closing = InNormalDirection(code, sums.closing());
      total.opening += opening;
      total.turnover.debit += sums.within.debit;
      total.turnover.credit += sums.within.credit;
      total.closing += closing;
      total.held += sums.held;
      table.Add(
          RowStyle::kLine,
          {Cell::Text(account.ToString()), Cell::Text(NameOfAccount(account)), Cell::Money(opening),
           Cell::MoneyIfAny(sums.within.debit), Cell::MoneyIfAny(sums.within.credit),
           Cell::Money(closing), Cell::MoneyIfAny(sums.held)});
    }
    table.Add(RowStyle::kTotal,
              {Cell::Empty(), Cell::Text(Say({"Jumlah", "Total"})), Cell::Money(total.opening),
               Cell::Money(total.turnover.debit), Cell::Money(total.turnover.credit),
               Cell::Money(total.closing), Cell::Money(total.held)});
    table.Write(fmt::format("{} {}", code.value(), Say(NameOf(code))), writer_);
    return total;
  }
};

}  // namespace

std::unique_ptr<Report> MakeMemberList(const ReportRequest& request, const Bookkeeper& books,
                                       ReportWriter& writer) {
  return std::make_unique<MemberList>(request, books, writer);
}

}  // namespace lumbung::books
