// The audit for programs. README.md has the names.
#include <fmt/format.h>

#include "api/cli/audit_view.h"
#include "api/cli/format.h"
#include "engine/account_id.h"

namespace lumbung::cli {
namespace {

std::string HexOfHash(const std::array<uint8_t, 32>& hash) {
  return fmt::format("{:02x}", fmt::join(hash, ""));
}

std::string LowerCase(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ') c = '_';
  }
  return text;
}

Json FindingsAsJson(const audit::Report& report) {
  Json all = Json::array();
  for (const audit::Finding& finding : report.findings) {
    Json& json = all.emplace_back();
    json["check"] = NameOf(finding.check);
    json["first_sequence"] = finding.first.value();
    json["last_sequence"] = finding.last.value();
    json["reason"] = finding.reason;
  }
  return all;
}

Json ChecksAsJson(const audit::Report& report) {
  Json all;
  for (size_t i = 0; i < audit::kChecks; ++i) {
    Json& json = all[NameOf(static_cast<audit::Check>(i))];
    json["result"] = LowerCase(NameOf(report.checks[i].end));
    json["note"] = report.checks[i].note;
  }
  return all;
}

Json LedgerAsJson(const audit::Report& report) {
  Json json;
  json["last_sequence"] = report.standing.last.value();
  json["since_sequence"] = report.since.value();
  json["entries"] = report.entries;
  json["blocks"] = report.blocks;
  json["accepted"] = report.accepted;
  json["declined"] = report.declined;
  json["facts"] = report.facts;
  json["expiries"] = report.expiries;
  json["open_holds"] = report.open_holds;
  json["accounts"] = report.accounts;
  PutTime(json, "first_time", report.first_time.value());
  PutTime(json, "last_time", report.last_time.value());
  json["signed_sequence"] = report.newest_checkpoint;
  json["root"] = HexOfHash(report.standing.root);
  json["state_hash"] = HexOfHash(report.standing.state);
  json["seconds"] = report.seconds;
  return json;
}

Json CooperativesAsJson(const audit::Report& report) {
  Json all = Json::array();
  for (const audit::CooperativeTotals& totals : report.cooperatives) {
    Json& json = all.emplace_back();
    json["cooperative"] = totals.id.value();
    json["name"] = totals.name;
    json["zone_minutes"] = totals.zone_minutes;
    json["accepted"] = totals.accepted;
    json["declined"] = totals.declined;
    PutMoney(json, "debits", totals.turnover.debits.value());
    PutMoney(json, "credits", totals.turnover.credits.value());
    json["outside_hours_at_terminals"] = totals.at_terminals_out;
    json["outside_hours_others"] = totals.others_out;
    Json& codes = json["codes"] = Json::array();
    for (const audit::CodeTotals& code : totals.codes) {
      Json& one = codes.emplace_back();
      one["code"] = code.code.value();
      one["asset"] = code.asset.value();
      one["accounts"] = code.accounts;
      PutMoney(one, "debits", code.turnover.debits.value());
      PutMoney(one, "credits", code.turnover.credits.value());
    }
  }
  return all;
}

Json NotedAsJson(const audit::NotedList& list) {
  Json json;
  json["count"] = list.count;
  Json& entries = json["first"] = Json::array();
  for (const audit::Noted& noted : list.first) {
    Json& one = entries.emplace_back();
    one["sequence"] = noted.sequence.value();
    PutTime(one, "timestamp", noted.time.value());
    one["cooperative"] = noted.cooperative.value();
    one["operator"] = noted.operator_id.value();
    PutMoney(one, "amount", noted.amount.value());
    one["what"] = noted.what;
  }
  return json;
}

Json TerminalsAsJson(const audit::Report& report) {
  Json all = Json::array();
  for (const audit::TerminalReport& terminal : report.terminals) {
    Json& json = all.emplace_back();
    json["cooperative"] = terminal.cooperative.value();
    json["terminal"] = terminal.terminal.value();
    json["transactions"] = terminal.transactions;
    json["counter_missing"] = terminal.missing;
    Json& gaps = json["counter_gaps"] = Json::array();
    for (const audit::CounterRange& gap : terminal.gaps) {
      gaps.push_back({{"first", gap.first}, {"last", gap.last}});
    }
    json["counter_repeats"] = terminal.repeats;
    json["first_repeat_sequence"] = terminal.first_repeat.value();
    json["clock_ahead"] = terminal.clock_ahead;
    json["clock_ahead_seconds_max"] = terminal.most_ahead_s;
    json["clock_behind"] = terminal.clock_behind;
    json["clock_behind_seconds_max"] = terminal.most_behind_s;
  }
  return all;
}

Json OperatorsAsJson(const audit::Report& report) {
  Json all = Json::array();
  for (const audit::OperatorReport& one : report.operators) {
    Json& json = all.emplace_back();
    json["cooperative"] = one.cooperative.value();
    json["operator"] = one.operator_id.value();
    json["sales"] = one.sales;
    PutMoney(json, "sold", one.sold.value());
    json["refunds"] = one.refunds;
    PutMoney(json, "refunded", one.refunded.value());
    json["reversals"] = one.reversals;
    PutMoney(json, "reversed", one.reversed.value());
  }
  return all;
}

}  // namespace

Json AuditAsJson(const audit::Report& report, const std::string& name) {
  Json json;
  json["sound"] = report.sound();
  json["complete"] = report.complete();
  json["subject"] = name;
  json["first_bad_sequence"] =
      report.findings.empty() ? Json() : Json(report.findings.front().first.value());
  json["finding_count"] = report.finding_count;
  json["findings"] = FindingsAsJson(report);
  json["checks"] = ChecksAsJson(report);
  json["ledger"] = LedgerAsJson(report);
  json["cooperatives"] = CooperativesAsJson(report);
  json["refunds"] = NotedAsJson(report.refunds);
  json["reversals"] = NotedAsJson(report.reversals);
  json["overrides"] = NotedAsJson(report.overrides);
  json["outside_hours"] = NotedAsJson(report.out_of_hours);
  json["terminals"] = TerminalsAsJson(report);
  json["operators"] = OperatorsAsJson(report);
  json["notes"] = report.notes;
  return json;
}

}  // namespace lumbung::cli
