#include "api/books/report_base.h"

#include <fmt/format.h>

#include "api/cli/plain_text.h"
#include "engine/business_date.h"
#include "engine/chart.h"

namespace lumbung::books {

namespace {

std::string Filled(std::string_view format, const std::string& a, const std::string& b = "") {
  return fmt::format(fmt::runtime(format), a, b);
}

// `Kasir 1 (7)`, or what it is and its number where no name is known: `anggota 55`.
std::string HolderText(AccountId account, const Organisation& organisation, Language language) {
  const ChartLine* const line = FindChartLine(account.code());
  const uint32_t number = account.holder().value();
  if (line == nullptr) return fmt::format("{}", number);
  if (line->holder == HolderKind::kCooperative) return "";
  if (line->holder == HolderKind::kBranch) {
    const auto branch = organisation.branches.find(number);
    if (branch != organisation.branches.end())
      return fmt::format("{} ({})", branch->second, number);
  }
  if (line->holder == HolderKind::kTerminal) {
    const auto terminal = organisation.terminals.find(number);
    if (terminal != organisation.terminals.end()) {
      return fmt::format("{} ({})", terminal->second.name, number);
    }
  }
  return fmt::format("{} {}", NameOf(line->holder).In(language), number);
}

}  // namespace

void Report::BeginOnce() {
  if (begun_) return;
  begun_ = true;
  const Days& days = organisation().days;
  ReportHead head;
  head.kind = NameOf(request_.kind);
  head.title = Say(TitleOf(request_.kind));
  head.cooperative = books_.cooperative().value();
  head.name = organisation().name;
  head.period = PeriodText();
  if (days.first) head.first_day = ToString(*days.first);
  if (days.last) head.last_day = ToString(*days.last);
  head.zone = cli::ZoneName(organisation().zone_minutes);
  head.language = request_.language;
  Describe(head);
  writer_.Begin(head);
}

std::string Report::PeriodText() const {
  const Days& days = organisation().days;
  const std::string first = days.first ? ToString(*days.first) : "";
  const std::string last = days.last ? ToString(*days.last) : "";
  const bool at_close = request_.kind == ReportKind::kBalanceSheet;
  std::string text;
  if (at_close && days.last) {
    text = Filled(Say({"Per {}", "At the close of {}"}), last);
  } else if (at_close) {
    text = Say({"Pada akhir buku yang dibaca", "At the end of what was read"});
  } else if (days.first && days.last) {
    text = first == last ? first : Filled(Say({"{} s.d. {}", "{} to {}"}), first, last);
  } else if (days.first) {
    text = Filled(Say({"Sejak {}", "From {} on"}), first);
  } else if (days.last) {
    text = Filled(Say({"Sejak awal s.d. {}", "From the beginning to {}"}), last);
  } else {
    text = Say({"Sejak awal s.d. akhir buku yang dibaca", "From the beginning to the end"});
  }
  return fmt::format("{} ({}), {}", text, cli::ZoneName(organisation().zone_minutes),
                     Say({"dalam rupiah", "in rupiah"}));
}

std::string Report::TimeOf(const Entry& entry) const {
  const std::string with_zone = cli::FormatTime(entry.timestamp, organisation().zone_minutes);
  return with_zone.substr(0, with_zone.rfind(' '));
}

std::string Report::NameOfAccount(AccountId account) const {
  std::string name{Say(NameOf(account.code()))};
  const std::string holder = HolderText(account, organisation(), request_.language);
  return holder.empty() ? name : name + ", " + holder;
}

void AddControls(const Bookkeeper& books, Language language, ReportEnd& end) {
  const Balances& balances = books.balances();
  const Turnover all = balances.AllWithin();
  end.controls.push_back(
      {std::string(
           Phrase{"Mutasi debet = mutasi kredit", "Debit = credit of the movement"}.In(language)),
       Cell::Money(all.debit), Cell::Money(all.credit)});

  std::map<AccountCode, Sum> recorded;
  for (const AccountId account : balances.Accounts()) {
    recorded[account.code()] += balances.of(account).recorded;
  }
  Sum computed_debit = 0;
  Sum recorded_debit = 0;
  for (const auto& [code, sums] : balances.codes()) {
    if (sums.closing() > 0) computed_debit += sums.closing();
    if (recorded[code] > 0) recorded_debit += recorded[code];
  }
  end.controls.push_back(
      {std::string(Phrase{"Saldo awal + mutasi = saldo akhir yang tercatat (saldo debet)",
                          "Opening + movement = recorded closing (debit balances)"}
                       .In(language)),
       Cell::Money(computed_debit), Cell::Money(recorded_debit)});

  const Disagreement& disagreement = books.disagreement();
  std::string text{Phrase{"Entri yang saldonya tidak mengikuti entri sebelumnya",
                          "Entries whose balance does not follow from those before"}
                       .In(language)};
  if (disagreement.count > 0) {
    text += Filled(Phrase{" (yang pertama: entri {})", " (the first: entry {})"}.In(language),
                   std::to_string(disagreement.first.value()));
  }
  end.controls.push_back({text, Cell::Count(disagreement.count), Cell::Count(0)});
}

}  // namespace lumbung::books
