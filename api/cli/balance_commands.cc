// balance, statement.
#include <fmt/format.h>

#include "api/cli/account_table.h"
#include "api/cli/command_line.h"
#include "api/cli/entry_table.h"
#include "api/cli/format.h"
#include "api/cli/moment.h"
#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"
#include "api/cli/table.h"
#include "engine/business_date.h"

namespace lumbung::cli {
namespace {

struct BalanceOptions {
  AccountId account;
  std::optional<When> at;
};

ExitCode BalanceNow(const BalanceOptions& options, Session& session) {
  v1::GetBalanceRequest request;
  request.set_account(options.account.value());
  v1::Account account;
  const CallEnd end =
      session.client().Call(&v1::AccountService::Stub::GetBalance, request, account);
  if (!end.ok()) return session.Fail(end, kReads);
  if (session.json()) {
    session.PrintJson(ToJson(account));
    return session.Written();
  }
  const int16_t zone = session.ZoneForDisplay(options.account.cooperative());
  session.Print(FormatFields(
      {{"account", fmt::format("{}  {}", options.account.ToString(), account.name())},
       {"balance", FormatMoney(Amount{account.balance()})},
       {"held", account.held() == 0 ? "" : FormatMoney(Amount{account.held()})},
       {"available", FormatAvailable(account)},
       {"status", account.status() == v1::ACCOUNT_STATUS_OPEN ? "" : NameOf(account.status())},
       {"last entry", FormatTime(Timestamp{account.last_timestamp_ns()}, zone)}}));
  return session.Written();
}

// The closing balance of a day, or the balance at a moment.
ExitCode BalanceAt(const BalanceOptions& options, Session& session) {
  const auto zone = session.FindZone(options.account.cooperative());
  if (!zone.ok() && NeedsZone(*options.at)) return session.FailZone(zone.status());
  const int16_t zone_minutes = zone.value_or(int16_t{0});
  const auto date = ToBusinessDate(*options.at, zone_minutes, Now());
  v1::GetBalanceAtRequest request;
  request.set_account(options.account.value());
  if (date) {
    request.set_business_date(ToString(*date));
  } else {
    request.set_timestamp_ns(std::get<Timestamp>(*options.at).value());
  }
  v1::GetBalanceAtReply reply;
  const CallEnd end =
      session.client().Call(&v1::AccountService::Stub::GetBalanceAt, request, reply);
  if (!end.ok()) return session.Fail(end, kReads);
  if (session.json()) {
    Json json;
    json["account"] = FormatAccount(reply.account());
    if (date) json["business_date"] = ToString(*date);
    PutTime(json, "timestamp", reply.timestamp_ns());
    PutMoney(json, "balance", reply.balance());
    session.PrintJson(json);
  } else {
    const std::string at = date ? "close of " + ToString(*date)
                                : FormatTime(Timestamp{reply.timestamp_ns()}, zone_minutes);
    session.Print(FormatFields({{"account", options.account.ToString()},
                                {"at", at},
                                {"balance", FormatMoney(Amount{reply.balance()})}}));
  }
  return session.Written();
}

ExitCode Balance(const BalanceOptions& options, Session& session) {
  return options.at ? BalanceAt(options, session) : BalanceNow(options, session);
}

void AddBalance(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "balance",
                .description = "The balance of an account, now or at a day's close or a moment",
                .example = "balance 1024/55 --at yesterday\n"
                           "  lumbung balance 1024.4101.2 --at '2026-11-23 14:30 WIB'"},
               line.root(), &Balance);
  AddParsed(app, "account", options.account, ParseAccount, "The account, or a member's wallet")
      ->type_name("ACCOUNT")
      ->required();
  AddParsed(app, "--at", options.at, ParseWhen,
            "A day, whose closing balance is meant, or a moment")
      ->type_name("TIME");
}

struct StatementOptions {
  AccountId account;
  std::optional<When> since;
  std::optional<When> until;
  uint32_t page_size = 50;
  uint64_t page = 0;
  bool all = false;
  bool oldest_first = false;
};

// Where the page begins, in the order that was asked for.
void SetPage(uint64_t sequence, v1::GetStatementRequest& request) {
  if (request.oldest_first()) {
    request.set_oldest_sequence(sequence);
  } else {
    request.set_newest_sequence(sequence);
  }
}

absl::StatusOr<v1::GetStatementRequest> StatementRequest(const StatementOptions& options,
                                                         Session& session) {
  v1::GetStatementRequest request;
  request.set_account(options.account.value());
  request.set_page_size(options.all ? 1000 : options.page_size);
  request.set_oldest_first(options.oldest_first);
  SetPage(options.page, request);
  const auto zone = session.FindZone(options.account.cooperative());
  const bool needs_zone =
      (options.since && NeedsZone(*options.since)) || (options.until && NeedsZone(*options.until));
  if (!zone.ok() && needs_zone) return zone.status();
  const int16_t zone_minutes = zone.value_or(int16_t{0});
  if (options.since) {
    request.set_from_ns(ToMoment(*options.since, DayEdge::kStart, zone_minutes, Now()).value());
  }
  if (options.until) {
    request.set_to_ns(ToMoment(*options.until, DayEdge::kEnd, zone_minutes, Now()).value());
  }
  return request;
}

Table StatementTable() {
  return Table({{"time"},
                {"what"},
                {"other account"},
                {"change", Align::kRight},
                {"balance", Align::kRight},
                {"sequence", Align::kRight},
                {"text"}});
}

std::vector<std::string> StatementRow(const v1::StatementLine& line, int16_t zone_minutes) {
  const v1::Entry& entry = line.entry();
  std::string what = WhatOf(entry);
  // A hold or its release moves nothing: what it is about stands beside its name.
  if (line.change() == 0 && entry.amount() != 0) what += " " + FormatMoney(Amount{entry.amount()});
  if (entry.outcome() != v1::OUTCOME_ACCEPTED) what += " " + NameOf(entry.outcome());
  return {FormatTime(Timestamp{entry.timestamp_ns()}, zone_minutes),
          what,
          FormatAccount(line.debit() ? entry.credit_account() : entry.debit_account()),
          entry.step() == v1::STEP_FACT ? "" : FormatMoney(Amount{line.change()}),
          FormatMoney(Amount{line.balance()}),
          fmt::format("{}", entry.sequence()),
          entry.text()};
}

void PrintStatement(Session& session, const StatementOptions& options,
                    const v1::GetStatementReply& reply,
                    const std::vector<v1::StatementLine>& lines) {
  if (session.json()) {
    Json json;
    json["account"] = ToJson(reply.account());
    PutMoney(json, "opening_balance", reply.opening_balance());
    PutMoney(json, "closing_balance", reply.closing_balance());
    json["lines"] = Json::array();
    for (const v1::StatementLine& line : lines) json["lines"].push_back(ToJson(line));
    json["next_sequence"] = reply.next_sequence();
    session.PrintJson(json);
    return;
  }
  const AccountId account{reply.account().account()};
  const int16_t zone = session.ZoneForDisplay(account.cooperative());
  Table table = StatementTable();
  for (const v1::StatementLine& line : lines) table.AddRow(StatementRow(line, zone));
  session.Print(
      FormatFields({{"account", fmt::format("{}  {}", account.ToString(), reply.account().name())},
                    {"opening balance", FormatMoney(Amount{reply.opening_balance()})},
                    {"closing balance", FormatMoney(Amount{reply.closing_balance()})}}));
  session.Print("\n" + table.ToString());
  if (reply.next_sequence() != 0) {
    session.Note(fmt::format("{} entries: add --page {} (or --all)",
                             options.oldest_first ? "newer" : "older", reply.next_sequence()));
  }
}

ExitCode Statement(const StatementOptions& options, Session& session) {
  auto request = StatementRequest(options, session);
  if (!request.ok()) return session.FailZone(request.status());
  std::vector<v1::StatementLine> lines;
  v1::GetStatementReply first;
  uint64_t next = 0;
  do {
    v1::GetStatementReply reply;
    const CallEnd end =
        session.client().Call(&v1::AccountService::Stub::GetStatement, *request, reply);
    if (!end.ok()) return session.Fail(end, kReads);
    lines.insert(lines.end(), reply.lines().begin(), reply.lines().end());
    next = reply.next_sequence();
    SetPage(next, *request);
    if (!first.has_account()) {
      first = std::move(reply);
    } else if (options.oldest_first) {
      // A later page may have what was paid since the first.
      first.set_closing_balance(reply.closing_balance());
      *first.mutable_account() = std::move(*reply.mutable_account());
    }
  } while (options.all && next != 0);
  first.set_next_sequence(next);
  PrintStatement(session, options, first, lines);
  return session.Written();
}

void AddStatement(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "statement",
                .description =
                    "The entries of an account, newest first, with the balance after each, and the "
                    "opening and closing balance of the time",
                .example = "statement 1024/55 --since 2026-11-01 --until yesterday --all"},
               line.root(), &Statement);
  AddParsed(app, "account", options.account, ParseAccount, "The account, or a member's wallet")
      ->type_name("ACCOUNT")
      ->required();
  AddParsed(app, "--since", options.since, ParseWhen, "From a day's start or a moment on")
      ->type_name("TIME");
  AddParsed(app, "--until", options.until, ParseWhen, "Up to a day's end, or before a moment")
      ->type_name("TIME");
  AddParsed(app, "--page-size", options.page_size, ParseWhole<uint32_t, 1, 1000>, "Lines on a page")
      ->type_name("COUNT")
      ->default_str("50");
  AddParsed(app, "--page", options.page, ParseWhole<uint64_t>,
            "The page that a page before names at its end")
      ->type_name("SEQUENCE");
  app.add_flag("--all", options.all, "All pages at once");
  app.add_flag("--oldest-first", options.oldest_first,
               "In the other order; such a page may be shorter than asked for and not the last");
}

}  // namespace

void AddBalanceCommands(CommandLine& line) {
  AddBalance(line);
  AddStatement(line);
}

}  // namespace lumbung::cli
