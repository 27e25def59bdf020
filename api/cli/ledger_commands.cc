// trial-balance, entries, entry: for the auditor.
#include <fmt/format.h>

#include "api/cli/command_line.h"
#include "api/cli/entry_table.h"
#include "api/cli/format.h"
#include "api/cli/moment.h"
#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"
#include "api/cli/standard_output.h"
#include "api/cli/table.h"
#include "engine/business_date.h"

namespace lumbung::cli {
namespace {

struct TrialBalanceOptions {
  CooperativeId cooperative;
  bool all = false;
  std::optional<When> at;
};

std::string MoneyOrDash(int64_t minor_units) {
  return minor_units == 0 ? "-" : FormatMoney(Amount{minor_units});
}

// The lines for people: codes that stand at 0 only if all are asked for.
Table TrialBalanceTable(const v1::GetTrialBalanceReply& reply, bool all) {
  Table table({{"code"},
               {"name"},
               {"accounts", Align::kRight},
               {"debit", Align::kRight},
               {"credit", Align::kRight}});
  for (const v1::TrialBalanceLine& line : reply.lines()) {
    if (!all && line.debit() == 0 && line.credit() == 0) continue;
    table.AddRow(
        {fmt::format("{}", line.code()),
         line.name_id().empty() ? line.name() : fmt::format("{} ({})", line.name(), line.name_id()),
         FormatCount(line.accounts()), MoneyOrDash(line.debit()), MoneyOrDash(line.credit())});
  }
  table.SetTotals({"", "total", "", FormatMoney(Amount{reply.total_debit()}),
                   FormatMoney(Amount{reply.total_credit()})});
  return table;
}

void PrintTrialBalance(Session& session, const v1::GetTrialBalanceReply& reply,
                       const TrialBalanceOptions& options, const std::string& date) {
  const Table table = TrialBalanceTable(reply, options.all);
  const int16_t zone = session.ZoneForDisplay(CooperativeId{reply.cooperative()});
  const std::string at =
      date.empty() ? FormatTime(Timestamp{reply.timestamp_ns()}, zone) : "close of " + date;
  const bool balanced = reply.total_debit() == reply.total_credit();
  session.Print(
      fmt::format("Trial balance (neraca saldo) of {} {}, {}\n\n{}\n{}\n", reply.cooperative(),
                  Printable(reply.name()), at, table.ToString(),
                  balanced ? "Balanced: debit = credit." : "NOT BALANCED: debit ≠ credit."));
}

ExitCode TrialBalance(const TrialBalanceOptions& options, Session& session) {
  v1::GetTrialBalanceRequest request;
  request.set_cooperative(options.cooperative.value());
  if (options.at) {
    const auto zone = session.FindZone(options.cooperative);
    if (!zone.ok()) return session.FailZone(zone.status());
    const auto date = ToBusinessDate(*options.at, *zone, Now());
    if (!date) {
      return session.FailUsage(absl::InvalidArgumentError(
          "--at: a trial balance is drawn at the close of a day: write 2026-11-23 or yesterday"));
    }
    request.set_business_date(ToString(*date));
  }
  v1::GetTrialBalanceReply reply;
  const CallEnd end =
      session.client().Call(&v1::LedgerService::Stub::GetTrialBalance, request, reply);
  if (!end.ok()) return session.Fail(end, kReads);
  if (session.json()) {
    Json json = ToJson(reply);
    if (!request.business_date().empty()) json["business_date"] = request.business_date();
    session.PrintJson(json);
  } else {
    PrintTrialBalance(session, reply, options, request.business_date());
  }
  return reply.total_debit() == reply.total_credit() ? session.Written() : ExitCode::kFailed;
}

void AddTrialBalance(CommandLine& line) {
  auto [app, options] =
      line.Add({.name = "trial-balance",
                .description = "Balances of a cooperative by code, now or at a day's close",
                .example = "trial-balance 1024 --at yesterday"},
               line.root(), &TrialBalance);
  AddParsed(app, "cooperative", options.cooperative, ParseCooperative, "Its number")
      ->type_name("COOPERATIVE")
      ->required();
  AddParsed(app, "--at", options.at, ParseWhen, "The day whose close is meant")->type_name("DATE");
  app.add_flag("--all", options.all, "Also the codes that stand at 0 (--json always has them)");
}

struct EntriesOptions {
  uint64_t from = 1;
  uint64_t limit = 0;
  bool follow = false;
  std::vector<CooperativeId> cooperatives;
  std::vector<AccountId> accounts;
  std::vector<uint16_t> branches;
  std::vector<uint16_t> terminals;
  std::vector<v1::Kind> kinds;
  std::vector<v1::Step> steps;
  std::vector<v1::Outcome> outcomes;
  std::optional<When> since;
  std::optional<When> until;
};

// Sets the times of the filter. A day needs a zone, so a cooperative.
absl::Status SetTimes(const EntriesOptions& options, Session& session, v1::EntryFilter& filter) {
  int16_t zone_minutes = 0;
  const bool needs_zone =
      (options.since && NeedsZone(*options.since)) || (options.until && NeedsZone(*options.until));
  if (needs_zone) {
    if (options.cooperatives.size() != 1) {
      return absl::InvalidArgumentError(
          "a day begins in a cooperative's zone: name one --cooperative, or write a time with its "
          "zone");
    }
    const auto zone = session.FindZone(options.cooperatives.front());
    if (!zone.ok()) return zone.status();
    zone_minutes = *zone;
  }
  if (options.since) {
    filter.set_from_ns(ToMoment(*options.since, DayEdge::kStart, zone_minutes, Now()).value());
  }
  if (options.until) {
    filter.set_to_ns(ToMoment(*options.until, DayEdge::kEnd, zone_minutes, Now()).value());
  }
  return absl::OkStatus();
}

v1::ReadEntriesRequest EntriesRequest(const EntriesOptions& options) {
  v1::ReadEntriesRequest request;
  request.set_from_sequence(options.from);
  request.set_limit(options.limit);
  request.set_follow(options.follow);
  v1::EntryFilter& filter = *request.mutable_filter();
  for (const CooperativeId id : options.cooperatives) filter.add_cooperatives(id.value());
  for (const AccountId account : options.accounts) filter.add_accounts(account.value());
  for (const uint16_t branch : options.branches) filter.add_branches(branch);
  for (const uint16_t terminal : options.terminals) filter.add_terminals(terminal);
  for (const v1::Kind kind : options.kinds) filter.add_kinds(kind);
  for (const v1::Step step : options.steps) filter.add_steps(step);
  for (const v1::Outcome outcome : options.outcomes) filter.add_outcomes(outcome);
  return request;
}

void PrintEntries(Session& session, Table& table, const v1::ReadEntriesReply& reply) {
  std::string lines;
  for (const v1::Entry& entry : reply.entries()) {
    if (session.json()) {
      lines += ToLine(ToJson(entry)) + "\n";
    } else {
      table.AddRow(EntryRow(entry, session.ZoneForDisplay(CooperativeOf(entry))));
    }
  }
  if (!session.json()) lines = table.TakeRowLines();
  if (!lines.empty()) session.Print(lines);
}

// At once, so that what a full disk left out is not followed by later entries. `next` begins what
// was not written, or not wholly.
ExitCode FailOutput(uint64_t next, Session& session) {
  EndIfReaderLeft(session.output_error());
  session.Note(
      fmt::format("lumbung: the output ends before its end, in the entries from {} on", next));
  return session.Written();
}

ExitCode Entries(const EntriesOptions& options, Session& session) {
  v1::ReadEntriesRequest request = EntriesRequest(options);
  const absl::Status times = SetTimes(options, session, *request.mutable_filter());
  if (absl::IsInvalidArgument(times)) return session.FailUsage(times);
  if (!times.ok()) return session.FailZone(times);
  if (const auto failed = session.client().Connect()) return session.Fail(*failed, kReads);

  grpc::ClientContext context;  // no deadline: a ledger takes as long as it takes to read
  const auto reader =
      session.client().StubOf<v1::LedgerService::Stub>().ReadEntries(&context, request);
  Table table = EntryTable();
  if (!session.json()) session.Print(table.HeaderLines());
  uint64_t next = options.from;
  for (v1::ReadEntriesReply reply; reader->Read(&reply);) {
    PrintEntries(session, table, reply);
    if (session.output_error() != 0) {
      context.TryCancel();
      return FailOutput(next, session);
    }
    next = reply.next_sequence();
  }
  const CallEnd end = Client::EndOf(context, reader->Finish());
  if (end.ok()) return session.Written();
  Failure failure = Diagnose(end, kReads, session.client().server());
  if (next > options.from) failure.next += fmt::format(" It goes on with --from {}.", next);
  return session.Fail(failure);
}

void AddEntries(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "entries",
       .description = "The ledger's entries in order. Different filters are joined by \"and\", the "
                      "same one repeated by \"or\"",
       .example = "entries --cooperative 1024 --kind payment --since yesterday --limit 20\n"
                  "  lumbung entries --from 1 --follow --json"},
      line.root(), &Entries);
  AddParsed(app, "--from", options.from, ParseWhole<uint64_t>, "The first sequence")
      ->type_name("SEQUENCE")
      ->default_str("1");
  AddParsed(app, "--limit", options.limit, ParseWhole<uint64_t, 1>, "At most so many")
      ->type_name("COUNT");
  app.add_flag("--follow", options.follow, "Go on with new entries as they become durable");
  AddParsed(app, "--cooperative", options.cooperatives, ParseCooperative, "Of one of its accounts")
      ->type_name("COOPERATIVE");
  AddParsed(app, "--account", options.accounts, ParseAccount, "On either side")
      ->type_name("ACCOUNT");
  AddParsed(app, "--branch", options.branches, ParseWhole<uint16_t>, "Where it happened")
      ->type_name("NUMBER");
  AddParsed(app, "--terminal", options.terminals, ParseWhole<uint16_t>, "Where it happened")
      ->type_name("NUMBER");
  AddParsed(app, "--kind", options.kinds, ParseKind, "payment, transfer, cash-sale, …")
      ->type_name("KIND");
  AddParsed(app, "--step", options.steps, ParseStep, "post, hold, capture, refund, fact, …")
      ->type_name("STEP");
  AddParsed(app, "--outcome", options.outcomes, ParseOutcome, "accepted, insufficient-funds, …")
      ->type_name("OUTCOME");
  AddParsed(app, "--since", options.since, ParseWhen, "From a day's start or a moment on")
      ->type_name("TIME");
  AddParsed(app, "--until", options.until, ParseWhen, "Up to a day's end, or before a moment")
      ->type_name("TIME");
}

struct EntryOptions {
  uint64_t sequence = 0;
};

ExitCode ShowEntry(const EntryOptions& options, Session& session) {
  v1::GetEntryRequest request;
  request.set_sequence(options.sequence);
  v1::Entry entry;
  const CallEnd end = session.client().Call(&v1::LedgerService::Stub::GetEntry, request, entry);
  if (!end.ok()) return session.Fail(end, kReads);
  if (session.json()) {
    session.PrintJson(ToJson(entry));
  } else {
    const int16_t zone = session.ZoneForDisplay(CooperativeOf(entry));
    session.Print(FormatFields(EntryFields(entry, zone)));
  }
  return session.Written();
}

void AddEntry(CommandLine& line) {
  auto [app, options] = line.Add(
      {.name = "entry", .description = "All of one entry of the ledger", .example = "entry 1234"},
      line.root(), &ShowEntry);
  AddParsed(app, "sequence", options.sequence, ParseWhole<uint64_t>, "Its position in the ledger")
      ->type_name("SEQUENCE")
      ->required();
}

}  // namespace

void AddLedgerCommands(CommandLine& line) {
  AddTrialBalance(line);
  AddEntries(line);
  AddEntry(line);
}

}  // namespace lumbung::cli
