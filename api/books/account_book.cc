// Books that show each posting of an account or code with the balance after it: the general ledger
// (by code, or of one code or account), the cash book (by till), the cards of one member. The rows
// of a section are spooled while the ledger goes by.
#include <fmt/format.h>

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/books/report_base.h"
#include "api/books/row_spool.h"
#include "engine/chart.h"

namespace lumbung::books {

namespace {

bool IsCash(AccountCode code) { return code == code::kMainCash || code == code::kTill; }

bool IsOfMember(AccountId account, HolderNumber member) {
  const ChartLine* const line = FindChartLine(account.code());
  return line != nullptr && line->holder == HolderKind::kMember && account.holder() == member;
}

class AccountBook final : public Report {
 public:
  AccountBook(const ReportRequest& request, const Bookkeeper& books, ReportWriter& writer)
      : Report(request, books, writer),
        by_code_(request.kind == ReportKind::kLedger && !request.account) {}

  void OnPosting(const Posting& posting) override {
    if (!Wants(posting.account)) return;
    const RowSpool::SectionKey key = KeyOf(posting.account);
    const bool debit = posting.side == Side::kDebit;
    const Sum amount = posting.entry.amount.value();
    Turnover& shown = shown_[key];
    (debit ? shown.debit : shown.credit) += amount;
    std::string description = DescriptionOf(posting.entry, request_.language);
    if (!posting.text.empty()) absl::StrAppend(&description, ": ", std::string(posting.text));
    const AccountCode code = posting.account.code();
    const Sum closing =
        by_code_ ? balances().of(code).closing() : balances().of(posting.account).closing();
    row_ = {Cell::Text(TimeOf(posting.entry)),
            Cell::Count(posting.sequence.value()),
            Third(posting),
            Cell::Text(posting.other.ToString()),
            debit ? Cell::Money(amount) : Cell::Empty(),
            debit ? Cell::Empty() : Cell::Money(amount),
            Cell::Money(InNormalDirection(code, closing)),
            Cell::Text(std::move(description))};
    spool_.Append(key, RowStyle::kLine, row_);
  }

  absl::Status Finish(ReportEnd& end) override {
    const std::vector<AccountId> accounts = WantedAccounts();
    if (accounts.empty() && NamesOne()) {
      return absl::NotFoundError(absl::StrCat("what was asked for has no account in cooperative ",
                                              books_.cooperative().value(),
                                              " by the period's end"));
    }
    std::map<RowSpool::SectionKey, std::vector<AccountId>> sections;
    for (const AccountId account : accounts) sections[KeyOf(account)].push_back(account);
    BeginOnce();
    for (const auto& [key, of_section] : sections) {
      absl::Status status = WriteSection(key, of_section);
      if (!status.ok()) return status;
    }
    end.controls.push_back(
        {std::string(Say({"Bagian dengan saldo awal + mutasi = saldo akhir yang tercatat",
                          "Sections with opening + movement = recorded closing"})),
         Cell::Count(agreeing_), Cell::Count(written_)});
    return absl::OkStatus();
  }

 private:
  void Describe(ReportHead& head) const override {
    const bool cash = request_.kind == ReportKind::kCash;
    const auto number = Alignment::kRight;
    head.paper = Paper::kLandscape;
    head.label = 7;
    head.columns = {
        {.key = "time", .title = {"Waktu", "Time"}},
        {.key = "sequence", .title = {"No. entri", "Entry"}, .alignment = number},
        {.key = "account", .title = {"Akun", "Account"}},
        {.key = "other_account", .title = {"Akun lawan", "Other account"}},
        {.key = "debit", .title = {"Debet", "Debit"}, .alignment = number},
        {.key = "credit", .title = {"Kredit", "Credit"}, .alignment = number},
        {.key = "balance", .title = {"Saldo", "Balance"}, .alignment = number},
        {.key = "description", .title = {"Keterangan", "Description"}},
    };
    if (!cash) return;
    head.columns[2] = {.key = "operator", .title = {"Petugas", "Operator"}, .alignment = number};
    head.columns[4].title = {"Penerimaan", "Receipts"};
    head.columns[5].title = {"Pengeluaran", "Payments"};
  }

  bool NamesOne() const {
    return request_.code || request_.account || request_.member || request_.till;
  }

  bool Wants(AccountId account) const {
    switch (request_.kind) {
      case ReportKind::kCash:
        if (!request_.till) return IsCash(account.code());
        return account.code() == code::kTill && account.holder().value() == request_.till->value();
      case ReportKind::kMembers:
        return IsOfMember(account, *request_.member);
      case ReportKind::kLedger:
        if (request_.account) return account == *request_.account;
        return !request_.code || account.code() == *request_.code;
      case ReportKind::kJournal:
      case ReportKind::kTrialBalance:
      case ReportKind::kDailyClosing:
      case ReportKind::kBalanceSheet:
      case ReportKind::kResult:
        break;
    }
    return false;
  }

  RowSpool::SectionKey KeyOf(AccountId account) const {
    return by_code_ ? account.code().value() : account.value();
  }

  Cell Third(const Posting& posting) const {
    if (request_.kind != ReportKind::kCash) return Cell::Text(posting.account.ToString());
    const uint32_t who = posting.entry.operator_id.value();
    return who == 0 ? Cell::Empty() : Cell::Count(who);
  }

  // Those that are shown: that moved or hold something, and what was asked for by name.
  std::vector<AccountId> WantedAccounts() const {
    std::vector<AccountId> wanted;
    for (const AccountId account : balances().Accounts()) {
      if (Wants(account) && (NamesOne() || balances().of(account).touched())) {
        wanted.push_back(account);
      }
    }
    return wanted;
  }

  absl::Status WriteSection(RowSpool::SectionKey key, const std::vector<AccountId>& accounts) {
    const AccountCode code = accounts.front().code();
    const PeriodSums& sums = by_code_
                                 ? balances().of(code)
                                 : static_cast<const PeriodSums&>(balances().of(accounts.front()));
    const Turnover& shown = shown_[key];
    const Sum closing = InNormalDirection(code, sums.opening() + shown.net());
    Sum recorded = 0;
    for (const AccountId account : accounts) recorded += balances().of(account).recorded;
    ++written_;
    if (closing == InNormalDirection(code, recorded)) ++agreeing_;

    Row opening(8);
    opening[6] = Cell::Money(InNormalDirection(code, sums.opening()));
    opening[7] = Cell::Text(Say({"Saldo awal", "Opening balance"}));
    Row total(8);
    total[4] = Cell::Money(shown.debit);
    total[5] = Cell::Money(shown.credit);
    total[6] = Cell::Money(closing);
    total[7] = Cell::Text(Say({"Mutasi dan saldo akhir", "Movement and closing balance"}));
    writer_.BeginSection(Heading(code, accounts.front()), Widths(key, {opening, total}));
    writer_.AddRow(RowStyle::kOpening, opening);
    absl::Status status =
        spool_.ForEach(key, [&](RowStyle style, const Row& row) { writer_.AddRow(style, row); });
    if (!status.ok()) return status;
    writer_.AddRow(RowStyle::kTotal, total);
    writer_.EndSection();
    return absl::OkStatus();
  }

  std::vector<size_t> Widths(RowSpool::SectionKey key, const std::vector<Row>& more) const {
    std::vector<size_t> widths = spool_.WidthsOf(key);
    for (const Row& row : more) WidenTo(row, widths);
    return widths;
  }

  std::string Heading(AccountCode code, AccountId account) const {
    const bool debit = NormalSideOf(code) == Side::kDebit;
    const std::string name = by_code_
                                 ? fmt::format("{} {}", code.value(), Say(NameOf(code)))
                                 : fmt::format("{} {}", account.ToString(), NameOfAccount(account));
    constexpr Phrase kDebit{"saldo normal debet", "normal balance: debit"};
    constexpr Phrase kCredit{"saldo normal kredit", "normal balance: credit"};
    return fmt::format("{} ({})", name, Say(debit ? kDebit : kCredit));
  }

  const bool by_code_;  // one section for all accounts of a code
  RowSpool spool_;
  std::map<RowSpool::SectionKey, Turnover> shown_;  // sums of the rows
  Row row_;
  uint64_t written_ = 0;
  uint64_t agreeing_ = 0;
};

}  // namespace

std::unique_ptr<Report> MakeAccountBook(const ReportRequest& request, const Bookkeeper& books,
                                        ReportWriter& writer) {
  return std::make_unique<AccountBook>(request, books, writer);
}

}  // namespace lumbung::books
