#include "api/cli/audit_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "api/cli/format.h"
#include "engine/chart.h"

namespace lumbung::cli {
namespace {

constexpr std::array<const char*, audit::kChecks> kCheckNames = {
    "chain", "checkpoints", "rules", "sums", "ids", "tree", "state", "daily_balances", "visit"};
constexpr std::array<const char*, audit::kChecks> kCheckTitles = {"Formats, chain, contiguity",
                                                                  "Signed checkpoints",
                                                                  "Every transaction decided again",
                                                                  "Independent sums",
                                                                  "Ids spent once",
                                                                  "Stored tree",
                                                                  "Stored state",
                                                                  "Stored daily balances",
                                                                  "Last visit"};

Column LeftColumn(std::string title) { return {std::move(title), Align::kLeft}; }
Column RightColumn(std::string title) { return {std::move(title), Align::kRight}; }

std::string Grouped(uint64_t count) { return FormatCount(count); }

std::string EntryRange(const audit::Finding& finding) {
  if (finding.first.value() == 0) return "?";
  if (finding.first == finding.last) return Grouped(finding.first.value());
  return fmt::format("{} - {}", Grouped(finding.first.value()), Grouped(finding.last.value()));
}

// `1 check`, `2 checks`.
std::string Counted(uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", Grouped(count), what, count == 1 ? "" : "s");
}

std::string VerdictOf(const audit::Report& report) {
  if (!report.sound()) {
    const audit::Finding& first = report.findings.front();
    return fmt::format("NOT SOUND: {}, first at entry {}: {}",
                       Counted(report.finding_count, "finding"), EntryRange(first), first.reason);
  }
  const auto count = [&](audit::CheckEnd end) {
    return static_cast<uint64_t>(std::ranges::count(report.checks, end, &audit::CheckResult::end));
  };
  if (const auto unread = count(audit::CheckEnd::kUnread); unread > 0) {
    return fmt::format("NOT ALL CHECKED: {} entries, nothing found; {} could not be made",
                       Grouped(report.entries), Counted(unread, "check"));
  }
  const auto skipped = count(audit::CheckEnd::kSkipped);
  return fmt::format(
      "SOUND: {} entries, nothing found{}", Grouped(report.entries),
      skipped == 0 ? "" : fmt::format("; {} had nothing to look at", Counted(skipped, "check")));
}

// Lays out the sections; one function each.
class AuditLayout {
 public:
  AuditLayout(const audit::Report& report, size_t most_rows)
      : report_(report), most_rows_(most_rows) {
    for (const audit::CooperativeTotals& totals : report.cooperatives) {
      zones_.emplace_back(totals.id, totals.zone_minutes);
    }
  }

  std::vector<AuditSection> Sections() {
    Findings();
    Checks();
    Ledger();
    Cooperatives();
    Codes();
    Operators();
    Terminals();
    Noted("Refunds", report_.refunds);
    Noted("Reversals", report_.reversals);
    Noted("Overrides: journal entries, limits, status, policies", report_.overrides);
    Noted("At terminals outside of the opening hours", report_.out_of_hours);
    Notes();
    return std::move(sections_);
  }

 private:
  AuditSection& Begin(std::string title, std::vector<Column> columns) {
    AuditSection& section = sections_.emplace_back();
    section.title = std::move(title);
    section.columns = std::move(columns);
    return section;
  }
  // Whether there is room for one more row; the note says if there was none.
  bool HasRoom(AuditSection& section, uint64_t of) const {
    if (section.rows.size() < most_rows_) return true;
    section.note = fmt::format("the first {} of {}", Grouped(section.rows.size()), Grouped(of));
    return false;
  }
  int16_t ZoneOf(CooperativeId cooperative) const {
    const auto found = std::ranges::find(zones_, cooperative, &Zone::first);
    return found == zones_.end() ? int16_t{0} : found->second;
  }

  void Findings() {
    if (report_.findings.empty()) return;
    AuditSection& section = Begin(
        "Findings", {RightColumn("entries"), LeftColumn("check"), LeftColumn("what is wrong")});
    for (const audit::Finding& finding : report_.findings) {
      if (!HasRoom(section, report_.finding_count)) break;
      section.rows.push_back({EntryRange(finding), NameOf(finding.check), finding.reason});
    }
  }

  void Checks() {
    AuditSection& section = Begin(
        "Checks", {LeftColumn("check"), LeftColumn("result"), LeftColumn("what was compared")});
    for (size_t i = 0; i < audit::kChecks; ++i) {
      section.rows.push_back(
          {kCheckTitles[i], NameOf(report_.checks[i].end), report_.checks[i].note});
    }
  }

  void Ledger() {
    AuditSection& section = Begin("Ledger", {LeftColumn(""), RightColumn("")});
    const auto add = [&](const char* name, std::string value) {
      section.rows.push_back({name, std::move(value)});
    };
    const int16_t zone = zones_.empty() ? int16_t{0} : zones_.front().second;
    add("entries", Grouped(report_.entries));
    add("blocks", Grouped(report_.blocks));
    if (report_.since.value() != 0) add("new since entry", Grouped(report_.since.value()));
    add("transactions accepted", Grouped(report_.accepted));
    add("transactions declined", Grouped(report_.declined));
    add("facts", Grouped(report_.facts));
    add("holds expired", Grouped(report_.expiries));
    add("holds open", Grouped(report_.open_holds));
    add("accounts", Grouped(report_.accounts));
    add("first entry", FormatTime(report_.first_time, zone));
    add("last entry", FormatTime(report_.last_time, zone));
    add("signed up to entry", Grouped(report_.newest_checkpoint));
    add("root of the tree", fmt::format("{:02x}", fmt::join(report_.standing.root, "")));
    add("hash of the state", fmt::format("{:02x}", fmt::join(report_.standing.state, "")));
    add("seconds", fmt::format("{:.1f}", report_.seconds));
  }

  void Cooperatives() {
    AuditSection& section =
        Begin("Control totals by cooperative",
              {RightColumn("number"), LeftColumn("name"), RightColumn("accepted"),
               RightColumn("declined"), RightColumn("debits"), RightColumn("credits"),
               RightColumn("out of hours"), RightColumn("without terminal")});
    for (const audit::CooperativeTotals& totals : report_.cooperatives) {
      if (!HasRoom(section, report_.cooperatives.size())) break;
      section.rows.push_back({fmt::format("{}", totals.id.value()), totals.name,
                              Grouped(totals.accepted), Grouped(totals.declined),
                              FormatMoney(totals.turnover.debits),
                              FormatMoney(totals.turnover.credits),
                              Grouped(totals.at_terminals_out), Grouped(totals.others_out)});
    }
  }

  void Codes() {
    AuditSection& section =
        Begin("Totals by code, since the first entry",
              {RightColumn("cooperative"), RightColumn("code"), LeftColumn("name"),
               RightColumn("accounts"), RightColumn("debits"), RightColumn("credits")});
    uint64_t all = 0;
    for (const audit::CooperativeTotals& totals : report_.cooperatives) {
      all += static_cast<uint64_t>(std::ranges::count_if(totals.codes, Moved));
    }
    for (const audit::CooperativeTotals& totals : report_.cooperatives) {
      for (const audit::CodeTotals& code : totals.codes) {
        if (!Moved(code)) continue;
        if (!HasRoom(section, all)) return;
        const ChartLine* const line = FindChartLine(code.code);
        std::string name = line == nullptr ? "" : std::string(line->name_id);
        if (code.asset != kIdr) name += fmt::format(" (asset {})", code.asset.value());
        section.rows.push_back({fmt::format("{}", totals.id.value()),
                                fmt::format("{}", code.code.value()), name, Grouped(code.accounts),
                                FormatMoney(code.turnover.debits),
                                FormatMoney(code.turnover.credits)});
      }
    }
  }
  static bool Moved(const audit::CodeTotals& code) {
    return code.turnover.debits.value() != 0 || code.turnover.credits.value() != 0;
  }

  void Operators() {
    if (report_.operators.empty()) return;
    AuditSection& section =
        Begin("Refunds and reversals by operator",
              {RightColumn("cooperative"), RightColumn("operator"), RightColumn("sales"),
               RightColumn("sold"), RightColumn("refunds"), RightColumn("refunded"),
               RightColumn("reversals"), RightColumn("reversed"), RightColumn("refunds per sale")});
    for (const audit::OperatorReport& one : report_.operators) {
      if (!HasRoom(section, report_.operators.size())) break;
      section.rows.push_back(
          {fmt::format("{}", one.cooperative.value()), fmt::format("{}", one.operator_id.value()),
           Grouped(one.sales), FormatMoney(one.sold), Grouped(one.refunds),
           FormatMoney(one.refunded), Grouped(one.reversals), FormatMoney(one.reversed),
           one.sales == 0 ? "no sale"
                          : fmt::format("{:.2f} %", 100.0 * static_cast<double>(one.refunds) /
                                                        static_cast<double>(one.sales))});
    }
  }

  void Terminals() {
    if (report_.terminals.empty()) return;
    AuditSection& section =
        Begin("Counters and clocks of terminals",
              {RightColumn("cooperative"), RightColumn("terminal"), RightColumn("transactions"),
               RightColumn("missing"), LeftColumn("gaps"), RightColumn("repeats"),
               RightColumn("clock ahead"), RightColumn("behind or late")});
    for (const audit::TerminalReport& one : report_.terminals) {
      if (!HasRoom(section, report_.terminals.size())) break;
      std::string gaps;
      for (const audit::CounterRange& gap : one.gaps) {
        if (!gaps.empty()) gaps += ", ";
        gaps += gap.first == gap.last ? fmt::format("{}", gap.first)
                                      : fmt::format("{}-{}", gap.first, gap.last);
      }
      if (one.gaps_forgotten > 0) gaps += fmt::format(", {} more", one.gaps_forgotten);
      section.rows.push_back(
          {fmt::format("{}", one.cooperative.value()), fmt::format("{}", one.terminal.value()),
           Grouped(one.transactions), Grouped(one.missing), gaps, Grouped(one.repeats),
           Skew(one.clock_ahead, one.most_ahead_s), Skew(one.clock_behind, one.most_behind_s)});
    }
  }
  static std::string Skew(uint64_t count, int64_t most_s) {
    if (count == 0) return "-";
    return fmt::format("{}, up to {}", Grouped(count), FormatDuration(most_s * 1'000'000'000));
  }

  void Noted(const char* title, const audit::NotedList& list) {
    if (list.count == 0) return;
    AuditSection& section =
        Begin(fmt::format("{} ({})", title, Grouped(list.count)),
              {RightColumn("entry"), LeftColumn("time"), RightColumn("cooperative"),
               RightColumn("operator"), RightColumn("amount"), LeftColumn("what")});
    for (const audit::Noted& noted : list.first) {
      if (!HasRoom(section, list.count)) break;
      section.rows.push_back(
          {Grouped(noted.sequence.value()), FormatTime(noted.time, ZoneOf(noted.cooperative)),
           fmt::format("{}", noted.cooperative.value()),
           fmt::format("{}", noted.operator_id.value()), FormatMoney(noted.amount), noted.what});
    }
    if (section.rows.size() < list.count) {
      section.note = fmt::format("the first {} of {}", section.rows.size(), Grouped(list.count));
    }
  }

  void Notes() {
    if (report_.notes.empty()) return;
    AuditSection& section = Begin("Notes", {LeftColumn("")});
    for (const std::string& note : report_.notes) section.rows.push_back({note});
  }

  using Zone = std::pair<CooperativeId, int16_t>;
  const audit::Report& report_;
  const size_t most_rows_;
  std::vector<Zone> zones_;
  std::vector<AuditSection> sections_;
};

}  // namespace

std::string NameOf(audit::Check check) { return kCheckNames[static_cast<size_t>(check)]; }

std::string NameOf(audit::CheckEnd end) {
  switch (end) {
    case audit::CheckEnd::kPassed:
      return "passed";
    case audit::CheckEnd::kFailed:
      return "FAILED";
    case audit::CheckEnd::kSkipped:
      return "not checked";
    case audit::CheckEnd::kUnread:
      return "NOT READ";
    case audit::CheckEnd::kStopped:
      return "stopped";
  }
  return "?";
}

AuditView ViewOf(const audit::Report& report, const std::string& name, size_t most_rows) {
  return {.all_well = report.all_well(),
          .verdict = VerdictOf(report),
          .subject = fmt::format("Audit of {}, up to entry {}", name,
                                 FormatCount(report.standing.last.value())),
          .sections = AuditLayout(report, most_rows).Sections()};
}

std::string AuditAsText(const AuditView& view) {
  std::string text = fmt::format("{}\n{}\n", view.verdict, view.subject);
  for (const AuditSection& section : view.sections) {
    text += fmt::format("\n{}{}\n", section.title,
                        section.note.empty() ? "" : fmt::format(": {}", section.note));
    Table table(section.columns);
    for (const auto& row : section.rows) table.AddRow(row);
    text += table.ToString();
  }
  return text;
}

}  // namespace lumbung::cli
