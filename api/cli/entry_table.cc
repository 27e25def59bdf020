#include "api/cli/entry_table.h"

#include <fmt/format.h>

#include <utility>

#include "api/cli/account_table.h"
#include "api/cli/format.h"

namespace lumbung::cli {
namespace {

std::string MoneyOrNothing(uint64_t account, int64_t minor_units) {
  return account == 0 ? "" : FormatMoney(Amount{minor_units});
}

std::string NumberOrNothing(uint64_t number) {
  return number == 0 ? "" : fmt::format("{}", number);
}

// What makes a leg special: `by rule, fee`.
std::string MarksOf(const v1::Entry& entry) {
  std::string marks;
  for (const auto& [set, name] : {std::pair{entry.by_rule(), "by rule"},
                                  {entry.fee(), "fee"},
                                  {entry.part(), "part"},
                                  {entry.clearing(), "clearing"},
                                  {entry.cause(), "cause of the decline"}}) {
    if (set) marks += (marks.empty() ? "" : ", ") + std::string(name);
  }
  return marks;
}

void AddFactFields(std::vector<Field>& fields, const v1::Entry& entry) {
  fields.push_back({"account", FormatAccount(entry.debit_account())});
  fields.push_back({"name", entry.name()});
  if (entry.has_limits()) {
    for (Field& limit : LimitFields(entry.limits())) fields.push_back(std::move(limit));
  }
  if (entry.fact() == v1::FACT_ACCOUNT_STATUS_SET) {
    fields.push_back({"status", NameOf(entry.status())});
  }
}

void AddLegFields(std::vector<Field>& fields, const v1::Entry& entry, int16_t zone_minutes) {
  const int64_t deadline_ns = entry.deadline_s() * 1'000'000'000LL;
  fields.push_back({"debit", FormatAccount(entry.debit_account())});
  fields.push_back({"credit", FormatAccount(entry.credit_account())});
  fields.push_back({"amount", FormatMoney(Amount{entry.amount()})});
  fields.push_back({"debit balance", MoneyOrNothing(entry.debit_account(), entry.debit_balance())});
  fields.push_back(
      {"credit balance", MoneyOrNothing(entry.credit_account(), entry.credit_balance())});
  fields.push_back({"debit previous", NumberOrNothing(entry.debit_previous())});
  fields.push_back({"credit previous", NumberOrNothing(entry.credit_previous())});
  fields.push_back({"leg", fmt::format("{} of {}", entry.leg_index() + 1, entry.leg_count())});
  fields.push_back({"marks", MarksOf(entry)});
  fields.push_back({"related sequence", NumberOrNothing(entry.related_sequence())});
  fields.push_back({"related id", FormatId(entry.related_id())});
  fields.push_back({"deadline", FormatTime(Timestamp{deadline_ns}, zone_minutes)});
}

}  // namespace

CooperativeId CooperativeOf(const v1::Entry& entry) {
  const bool has_debit = entry.debit_account() != 0;
  return AccountId{has_debit ? entry.debit_account() : entry.credit_account()}.cooperative();
}

std::string WhatOf(const v1::Entry& entry) {
  if (entry.step() == v1::STEP_FACT) return NameOf(entry.fact());
  if (entry.kind() == v1::KIND_UNSPECIFIED) return NameOf(entry.step());
  if (entry.step() == v1::STEP_POST) return NameOf(entry.kind());
  return NameOf(entry.step()) + " " + NameOf(entry.kind());
}

Table LegTable(const std::vector<v1::Entry>& legs) {
  Table table({{"what"},
               {"debit"},
               {"credit"},
               {"amount", Align::kRight},
               {"debit balance", Align::kRight},
               {"credit balance", Align::kRight}});
  for (const v1::Entry& leg : legs) {
    table.AddRow({WhatOf(leg), FormatAccount(leg.debit_account()),
                  FormatAccount(leg.credit_account()), FormatMoney(Amount{leg.amount()}),
                  MoneyOrNothing(leg.debit_account(), leg.debit_balance()),
                  MoneyOrNothing(leg.credit_account(), leg.credit_balance())});
  }
  return table;
}

Table EntryTable() {
  return Table({{"sequence", Align::kRight, 10},
                {"time", Align::kLeft, 23},
                {"what", Align::kLeft, 22},
                {"debit", Align::kLeft, 14},
                {"credit", Align::kLeft, 14},
                {"amount", Align::kRight, 18},
                {"outcome", Align::kLeft, 18},
                {"text"}});
}

std::vector<std::string> EntryRow(const v1::Entry& entry, int16_t zone_minutes) {
  const bool fact = entry.step() == v1::STEP_FACT;
  const std::string& note = fact ? entry.name() : entry.text();
  const std::string number = entry.reference() == 0 ? "" : fmt::format("#{} ", entry.reference());
  return {fmt::format("{}", entry.sequence()),
          FormatTime(Timestamp{entry.timestamp_ns()}, zone_minutes),
          WhatOf(entry),
          FormatAccount(entry.debit_account()),
          FormatAccount(entry.credit_account()),
          fact ? "" : FormatMoney(Amount{entry.amount()}),
          NameOf(entry.outcome()),
          number + note};
}

std::vector<Field> EntryFields(const v1::Entry& entry, int16_t zone_minutes) {
  std::vector<Field> fields = {{"sequence", fmt::format("{}", entry.sequence())},
                               {"time", FormatTime(Timestamp{entry.timestamp_ns()}, zone_minutes)},
                               {"id", FormatId(entry.id())},
                               {"what", WhatOf(entry)},
                               {"outcome", NameOf(entry.outcome())}};
  if (entry.step() == v1::STEP_FACT) {
    AddFactFields(fields, entry);
  } else {
    AddLegFields(fields, entry, zone_minutes);
  }
  const v1::Evidence& evidence = entry.evidence();
  fields.push_back({"reference", NumberOrNothing(entry.reference())});
  fields.push_back({"text", entry.text()});
  fields.push_back({"branch", NumberOrNothing(evidence.branch())});
  fields.push_back({"terminal", NumberOrNothing(evidence.terminal())});
  fields.push_back({"operator", NumberOrNothing(evidence.operator_id())});
  fields.push_back({"terminal sequence", NumberOrNothing(evidence.terminal_sequence())});
  fields.push_back({"device time", FormatTime(Timestamp{evidence.device_time_s() * 1'000'000'000LL},
                                              zone_minutes)});
  return fields;
}

}  // namespace lumbung::cli
