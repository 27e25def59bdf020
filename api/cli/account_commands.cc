// member open; account open, show, list, freeze, unfreeze, close, limits.
#include <fmt/format.h>

#include <algorithm>

#include "api/cli/account_table.h"
#include "api/cli/command_line.h"
#include "api/cli/format.h"
#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"
#include "api/cli/table.h"
#include "engine/limits.h"

namespace lumbung::cli {
namespace {

// Members in one OpenMembers (account_service.proto): five accounts each fill a batch.
constexpr size_t kMaxMembersPerCall = 1638;
static_assert(kMaxMembersPerCall * 5 <= kMaxBatch);

constexpr size_t kPageSize = 1000;

// A limit as typed: an amount, or `none` to lift it.
struct LimitText {
  std::optional<Amount> amount;
};

absl::StatusOr<LimitText> ParseLimit(std::string_view text) {
  if (text == "none") return LimitText{};
  const auto amount = ParseMoney(text);
  if (!amount.ok()) return amount.status();
  return LimitText{*amount};
}

// What may be taken out is never below 0.
absl::StatusOr<LimitText> ParseMost(std::string_view text) {
  if (text == "none") return LimitText{};
  const auto amount = ParseAllowance(text);
  if (!amount.ok()) return amount.status();
  return LimitText{*amount};
}

struct LimitOptions {
  std::optional<LimitText> floor;
  std::optional<LimitText> ceiling;
  std::optional<LimitText> per_transaction;
  std::optional<LimitText> per_day;

  bool any() const { return floor || ceiling || per_transaction || per_day; }
};

void AddLimitOptions(CLI::App& app, LimitOptions& options) {
  AddParsed(app, "--floor", options.floor, ParseLimit,
            "Balance less holds never falls below; an amount or none")
      ->type_name("LIMIT");
  AddParsed(app, "--ceiling", options.ceiling, ParseLimit, "Balance never rises above")
      ->type_name("LIMIT");
  AddParsed(app, "--per-transaction", options.per_transaction, ParseMost,
            "The most that one transaction may take out")
      ->type_name("LIMIT");
  AddParsed(app, "--per-day", options.per_day, ParseMost,
            "The most that a business day may take out")
      ->type_name("LIMIT");
}

void Apply(const LimitOptions& options, v1::Limits& limits) {
  if (options.floor) {
    limits.clear_floor();
    if (options.floor->amount) limits.set_floor(options.floor->amount->value());
  }
  if (options.ceiling) {
    limits.clear_ceiling();
    if (options.ceiling->amount) limits.set_ceiling(options.ceiling->amount->value());
  }
  if (options.per_transaction) {
    limits.clear_per_transaction();
    if (options.per_transaction->amount) {
      limits.set_per_transaction(options.per_transaction->amount->value());
    }
  }
  if (options.per_day) {
    limits.clear_per_day();
    if (options.per_day->amount) limits.set_per_day(options.per_day->amount->value());
  }
}

void PrintAccount(Session& session, const v1::Account& account) {
  if (session.json()) {
    session.PrintJson(ToJson(account));
  } else {
    const int16_t zone = session.ZoneForDisplay(AccountId{account.account()}.cooperative());
    session.Print(FormatFields(AccountFields(account, zone)));
  }
}

// What became of many openings, as counted and as listed.
struct Openings {
  size_t opened = 0;
  ExitCode code = ExitCode::kOk;
  Json failures = Json::array();
  std::string failure_lines;
};

void Count(Openings& openings, const std::string& name, const v1::OpenResult& result) {
  openings.code = Graver(openings.code, ExitCodeOf(result.outcome()));
  if (result.outcome() == v1::OUTCOME_ACCEPTED) {
    ++openings.opened;
    return;
  }
  Json failure;
  failure["name"] = name;
  failure.update(ToJson(result));
  openings.failures.push_back(std::move(failure));
  openings.failure_lines +=
      fmt::format("{}: {}: {}\n", name, NameOf(result.outcome()), Printable(result.message()));
}

ExitCode Report(Session& session, const Openings& openings, std::string_view what) {
  if (session.json()) {
    Json json;
    json["open"] = openings.opened;
    json["failed"] = openings.failures.size();
    json["failures"] = openings.failures;
    session.PrintJson(json);
  } else {
    session.Print(
        fmt::format("{} {} open\n{}", FormatCount(openings.opened), what, openings.failure_lines));
  }
  return openings.code;
}

struct OpenMembersOptions {
  std::vector<std::vector<MemberRange>> members;
  std::optional<Amount> store_credit;
};

// One call's worth of members. The results are added to `openings`.
CallEnd OpenChunk(Session& session, const v1::OpenMembersRequest& request, Openings& openings) {
  v1::OpenMembersReply reply;
  const CallEnd end = session.client().Call(&v1::AccountService::Stub::OpenMembers, request, reply);
  const int answered = std::min(reply.results_size(), request.members_size());
  for (int i = 0; i < answered; ++i) {
    const std::string name = fmt::format("{}/{}", request.cooperative(), request.members(i));
    Count(openings, name, reply.results(i));
  }
  return end;
}

ExitCode OpenMembers(const OpenMembersOptions& options, Session& session) {
  Openings openings;
  for (const std::vector<MemberRange>& ranges : options.members) {
    for (const MemberRange& range : ranges) {
      uint64_t next = range.first.value();
      while (next <= range.last.value()) {
        v1::OpenMembersRequest request;
        request.set_cooperative(range.cooperative.value());
        request.set_store_credit(options.store_credit.has_value());
        request.set_store_credit_limit(options.store_credit.value_or(Amount{0}).value());
        const uint64_t end_of_chunk =
            std::min<uint64_t>(range.last.value() + uint64_t{1}, next + kMaxMembersPerCall);
        for (; next < end_of_chunk; ++next) request.add_members(static_cast<uint32_t>(next));
        const CallEnd end = OpenChunk(session, request, openings);
        if (!end.ok()) return session.Fail(end, kRepeatable);
      }
    }
  }
  return Report(session, openings, "members");
}

void AddMemberCommands(CommandLine& line) {
  CLI::App& group = line.AddGroup(line.root(), "member", "Members");
  group.require_subcommand(1);
  auto [app, options] =
      line.Add({.name = "open",
                .description = "Opens the accounts of members (wallet, pokok, wajib, SHU); "
                               "repeatable",
                .example = "member open 1024/1-1190\n"
                           "  lumbung member open 1024/7,12,20-30 --store-credit 500.000"},
               group, &OpenMembers);
  AddParsed(app, "members", options.members, ParseMembers, "COOPERATIVE/NUMBERS, with ranges")
      ->type_name("MEMBERS")
      ->required();
  AddParsed(app, "--store-credit", options.store_credit, ParseAllowance,
            "Also open store credit (bon), up to this amount; 0: as the chart has it")
      ->type_name("RUPIAH");
}

struct OpenAccountsOptions {
  std::vector<AccountId> accounts;
  uint32_t asset = 0;
  LimitOptions limits;
};

ExitCode OpenAccounts(const OpenAccountsOptions& options, Session& session) {
  if (options.accounts.size() > kMaxBatch) {
    return session.FailUsage(
        absl::InvalidArgumentError(fmt::format("at most {} accounts in one command", kMaxBatch)));
  }
  v1::OpenAccountsRequest request;
  for (const AccountId account : options.accounts) {
    v1::OpenAccount& opening = *request.add_accounts();
    opening.set_account(account.value());
    opening.set_asset(options.asset);
    if (options.limits.any()) Apply(options.limits, *opening.mutable_limits());
  }
  v1::OpenAccountsReply reply;
  const CallEnd end =
      session.client().Call(&v1::AccountService::Stub::OpenAccounts, request, reply);
  if (!end.ok()) return session.Fail(end, kRepeatable);
  Openings openings;
  const size_t answered =
      std::min(options.accounts.size(), static_cast<size_t>(reply.results_size()));
  for (size_t i = 0; i < answered; ++i) {
    Count(openings, options.accounts[i].ToString(), reply.results(static_cast<int>(i)));
  }
  return Report(session, openings, "accounts");
}

struct AccountOptions {
  AccountId account;
};

CallEnd GetAccount(Session& session, AccountId account, v1::Account& reply) {
  v1::GetAccountRequest request;
  request.set_account(account.value());
  return session.client().Call(&v1::AccountService::Stub::GetAccount, request, reply);
}

ExitCode ShowAccount(const AccountOptions& options, Session& session) {
  v1::Account account;
  const CallEnd end = GetAccount(session, options.account, account);
  if (!end.ok()) return session.Fail(end, kReads);
  PrintAccount(session, account);
  return session.Written();
}

ExitCode SetStatus(Session& session, AccountId account, v1::AccountStatus status) {
  v1::SetAccountStatusRequest request;
  request.set_account(account.value());
  request.set_status(status);
  v1::Account changed;
  const CallEnd end =
      session.client().Call(&v1::AccountService::Stub::SetAccountStatus, request, changed);
  if (!end.ok()) return session.Fail(end, kRepeatable);
  PrintAccount(session, changed);
  return ExitCode::kOk;
}

ExitCode Freeze(const AccountOptions& options, Session& session) {
  return SetStatus(session, options.account, v1::ACCOUNT_STATUS_FROZEN);
}
ExitCode Unfreeze(const AccountOptions& options, Session& session) {
  return SetStatus(session, options.account, v1::ACCOUNT_STATUS_OPEN);
}
ExitCode Close(const AccountOptions& options, Session& session) {
  return SetStatus(session, options.account, v1::ACCOUNT_STATUS_CLOSED);
}

struct LimitsCommandOptions {
  AccountId account;
  LimitOptions limits;
};

// Reads the limits as they are, changes what was told, and sets them as a whole.
ExitCode ShowOrSetLimits(const LimitsCommandOptions& options, Session& session) {
  v1::Account account;
  CallEnd end = GetAccount(session, options.account, account);
  if (!end.ok()) return session.Fail(end, kReads);
  if (!options.limits.any()) {
    PrintAccount(session, account);
    return session.Written();
  }
  v1::SetAccountLimitsRequest request;
  request.set_account(options.account.value());
  *request.mutable_limits() = account.limits();
  Apply(options.limits, *request.mutable_limits());
  end = session.client().Call(&v1::AccountService::Stub::SetAccountLimits, request, account);
  if (!end.ok()) return session.Fail(end, kRepeatable);
  PrintAccount(session, account);
  return ExitCode::kOk;
}

struct ListAccountsOptions {
  CooperativeId cooperative;
  std::optional<AccountCode> code;
  uint64_t limit = 0;
};

// Where a listing begins: in front of the first account of the code, or of all.
uint64_t ListAfter(const ListAccountsOptions& options) {
  if (!options.code) return 0;
  return AccountId::From({options.cooperative, *options.code, HolderNumber{0}}).value() - 1;
}

ExitCode ListAccounts(const ListAccountsOptions& options, Session& session) {
  v1::ListAccountsRequest request;
  request.set_cooperative(options.cooperative.value());
  request.set_after(ListAfter(options));
  request.set_page_size(kPageSize);
  Table table = AccountTable();
  Json json;
  json["accounts"] = Json::array();
  uint64_t listed = 0;
  bool more = true;
  while (more) {
    v1::ListAccountsReply reply;
    const CallEnd end =
        session.client().Call(&v1::AccountService::Stub::ListAccounts, request, reply);
    if (!end.ok()) return session.Fail(end, kReads);
    more = reply.next() != 0;
    request.set_after(reply.next());
    for (const v1::Account& account : reply.accounts()) {
      const bool behind = options.code && AccountId{account.account()}.code() != *options.code;
      if (behind || (options.limit != 0 && listed == options.limit)) {
        more = false;
        break;
      }
      ++listed;
      session.json() ? json["accounts"].push_back(ToJson(account))
                     : table.AddRow(AccountRow(account));
    }
  }
  session.json() ? session.PrintJson(json) : session.Print(table.ToString());
  return session.Written();
}

void AddAccountList(CommandLine& line, CLI::App& group) {
  auto [app, options] =
      line.Add({.name = "list",
                .description = "The accounts of a cooperative, in order of their numbers",
                .example = "account list 1024 --code 2101 --limit 20"},
               group, &ListAccounts);
  AddParsed(app, "cooperative", options.cooperative, ParseCooperative, "Its number")
      ->type_name("COOPERATIVE")
      ->required();
  AddParsed(app, "--code", options.code, ParseCode, "Only this code of the chart of accounts")
      ->type_name("CODE");
  AddParsed(app, "--limit", options.limit, ParseWhole<uint64_t, 1>, "At most so many")
      ->type_name("COUNT");
}

void AddOneAccount(CommandLine& line, CLI::App& group, const CommandLine::Text& text,
                   ExitCode (*run)(const AccountOptions&, Session&)) {
  auto [app, options] = line.Add(text, group, run);
  AddParsed(app, "account", options.account, ParseAccount, "The account, or a member's wallet")
      ->type_name("ACCOUNT")
      ->required();
}

}  // namespace

void AddAccountCommands(CommandLine& line) {
  AddMemberCommands(line);
  CLI::App& group = line.AddGroup(line.root(), "account", "Accounts");
  group.require_subcommand(1);
  {
    auto [app, options] = line.Add(
        {.name = "open",
         .description = "Opens accounts, with the limits of the chart if none is told; repeatable",
         .example = "account open 1024.1130.301 --ceiling 5.000.000"},
        group, &OpenAccounts);
    AddParsed(app, "accounts", options.accounts, ParseAccount, "One or more")
        ->type_name("ACCOUNT")
        ->required();
    AddParsed(app, "--asset", options.asset, ParseWhole<uint32_t, 1, 999>,
              "ISO 4217 numeric code; IDR (360) if not told")
        ->type_name("CODE");
    AddLimitOptions(app, options.limits);
  }
  AddOneAccount(line, group,
                {.name = "show",
                 .description = "All about an account as it stands",
                 .example = "account show 1024.2101.55"},
                &ShowAccount);
  AddAccountList(line, group);
  AddOneAccount(line, group,
                {.name = "freeze",
                 .description = "Nothing in, nothing out, until it is unfrozen",
                 .example = "account freeze 1024/55"},
                &Freeze);
  AddOneAccount(line, group,
                {.name = "unfreeze",
                 .description = "Opens a frozen account again",
                 .example = "account unfreeze 1024/55"},
                &Unfreeze);
  AddOneAccount(line, group,
                {.name = "close",
                 .description = "For good; only with a balance and holds of 0",
                 .example = "account close 1024.1130.301"},
                &Close);
  auto [app, options] =
      line.Add({.name = "limits",
                .description = "Shows an account's limits, or changes what is told",
                .example = "account limits 1024/55 --per-day 2.000.000 --ceiling none"},
               group, &ShowOrSetLimits);
  AddParsed(app, "account", options.account, ParseAccount, "The account, or a member's wallet")
      ->type_name("ACCOUNT")
      ->required();
  AddLimitOptions(app, options.limits);
}

}  // namespace lumbung::cli
