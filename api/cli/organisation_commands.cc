// cooperative, branch, terminal: the organisation.
#include <fmt/format.h>

#include "api/cli/command_line.h"
#include "api/cli/format.h"
#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"
#include "api/cli/table.h"

namespace lumbung::cli {
namespace {

// What of a policy was told on the command line.
struct PolicyOptions {
  std::optional<uint32_t> vat;
  std::optional<uint32_t> platform_fee;
  std::optional<uint32_t> mdr;
  std::optional<Amount> mdr_free_up_to;
  std::optional<Amount> transfer_fee;

  bool any() const { return vat || platform_fee || mdr || mdr_free_up_to || transfer_fee; }
};

void AddPolicyOptions(CLI::App& app, PolicyOptions& options) {
  AddParsed(app, "--vat", options.vat, ParseBasisPoints, "Contained in the price of a sale: 11%")
      ->type_name("RATE");
  AddParsed(app, "--platform-fee", options.platform_fee, ParseBasisPoints,
            "Of a sale, paid by the cooperative: 0,5%")
      ->type_name("RATE");
  AddParsed(app, "--mdr", options.mdr, ParseBasisPoints, "QRIS: of a sale above the free amount")
      ->type_name("RATE");
  AddParsed(app, "--mdr-free-up-to", options.mdr_free_up_to, ParseAllowance,
            "QRIS: no MDR up to this amount")
      ->type_name("RUPIAH");
  AddParsed(app, "--transfer-fee", options.transfer_fee, ParseAllowance, "On top of a transfer")
      ->type_name("RUPIAH");
}

void Apply(const PolicyOptions& options, v1::Policy& policy) {
  if (options.vat) policy.set_vat_basis_points(*options.vat);
  if (options.platform_fee) policy.set_platform_fee_basis_points(*options.platform_fee);
  if (options.mdr) policy.set_mdr_basis_points(*options.mdr);
  if (options.mdr_free_up_to) policy.set_mdr_free_up_to(options.mdr_free_up_to->value());
  if (options.transfer_fee) policy.set_transfer_fee(options.transfer_fee->value());
}

// What a cooperative charges that told nothing (admin_service.proto).
v1::Policy StandardPolicy() {
  v1::Policy policy;
  policy.set_mdr_basis_points(30);
  policy.set_mdr_free_up_to(500'000 * 100);
  return policy;
}

void PrintCooperative(Session& session, const v1::Cooperative& cooperative) {
  if (session.json()) {
    session.PrintJson(ToJson(cooperative));
    return;
  }
  const auto zone = static_cast<int16_t>(cooperative.zone_minutes());
  const v1::Policy& policy = cooperative.policy();
  session.Print(FormatFields(
      {{"cooperative", fmt::format("{}", cooperative.number())},
       {"name", cooperative.name()},
       {"zone", ZoneName(zone)},
       {"VAT", FormatBasisPoints(policy.vat_basis_points())},
       {"platform fee", FormatBasisPoints(policy.platform_fee_basis_points())},
       {"MDR (QRIS)", fmt::format("{} above {}", FormatBasisPoints(policy.mdr_basis_points()),
                                  FormatMoney(Amount{policy.mdr_free_up_to()}))},
       {"transfer fee", FormatMoney(Amount{policy.transfer_fee()})},
       {"opened", FormatTime(Timestamp{cooperative.opened_ns()}, zone)}}));
}

struct OpenCooperativeOptions {
  CooperativeId number;
  std::string name;
  int16_t zone = 420;
  PolicyOptions policy;
};

ExitCode OpenCooperative(const OpenCooperativeOptions& options, Session& session) {
  if (options.zone == 0) {
    // On the wire 0 means "not told", which is WIB.
    return session.FailUsage(absl::InvalidArgumentError(
        "--zone: no cooperative is in UTC; expected WIB, WITA, WIT or an offset such as +07:00"));
  }
  v1::OpenCooperativeRequest request;
  request.set_number(options.number.value());
  request.set_name(options.name);
  request.set_zone_minutes(options.zone);
  if (options.policy.any()) {
    *request.mutable_policy() = StandardPolicy();
    Apply(options.policy, *request.mutable_policy());
  }
  v1::Cooperative cooperative;
  const CallEnd end =
      session.client().Call(&v1::AdminService::Stub::OpenCooperative, request, cooperative);
  if (!end.ok()) return session.Fail(end, kRepeatable);
  PrintCooperative(session, cooperative);
  return ExitCode::kOk;
}

struct NoOptions {};

ExitCode ListCooperatives(const NoOptions&, Session& session) {
  v1::ListCooperativesReply reply;
  const CallEnd end = session.client().Call(&v1::AdminService::Stub::ListCooperatives,
                                            v1::ListCooperativesRequest(), reply);
  if (!end.ok()) return session.Fail(end, kReads);
  Json json;
  json["cooperatives"] = Json::array();
  Table table({{"cooperative", Align::kRight}, {"name"}, {"zone"}, {"opened"}});
  for (const v1::Cooperative& cooperative : reply.cooperatives()) {
    const auto zone = static_cast<int16_t>(cooperative.zone_minutes());
    json["cooperatives"].push_back(ToJson(cooperative));
    table.AddRow({fmt::format("{}", cooperative.number()), cooperative.name(), ZoneName(zone),
                  FormatTime(Timestamp{cooperative.opened_ns()}, zone)});
  }
  session.json() ? session.PrintJson(json) : session.Print(table.ToString());
  return session.Written();
}

struct PolicyCommandOptions {
  CooperativeId number;
  PolicyOptions policy;
};

// Reads the policy as it is, changes what was told, and sets it as a whole.
ExitCode ShowOrSetPolicy(const PolicyCommandOptions& options, Session& session) {
  v1::ListCooperativesReply list;
  CallEnd end = session.client().Call(&v1::AdminService::Stub::ListCooperatives,
                                      v1::ListCooperativesRequest(), list);
  if (!end.ok()) return session.Fail(end, kReads);
  for (const v1::Cooperative& found : list.cooperatives()) {
    if (found.number() != options.number.value()) continue;
    if (!options.policy.any()) {
      PrintCooperative(session, found);
      return session.Written();
    }
    v1::SetPolicyRequest request;
    request.set_cooperative(found.number());
    *request.mutable_policy() = found.policy();
    Apply(options.policy, *request.mutable_policy());
    v1::Cooperative changed;
    end = session.client().Call(&v1::AdminService::Stub::SetPolicy, request, changed);
    if (!end.ok()) return session.Fail(end, kRepeatable);
    PrintCooperative(session, changed);
    return ExitCode::kOk;
  }
  return session.Fail(Failure{ExitCode::kNotFound,
                              fmt::format("Cooperative {} is not open.", options.number.value()),
                              "lumbung cooperative list shows which are."});
}

void AddCooperativeCommands(CommandLine& line) {
  CLI::App& group = line.AddGroup(line.root(), "cooperative", "Cooperatives and what they charge");
  group.require_subcommand(1);
  {
    auto [app, options] =
        line.Add({.name = "open",
                  .description = "Opens a cooperative and its own accounts; repeatable",
                  .example = "cooperative open 1024 --name 'KDMP Bentangan' --zone WIB"},
                 group, &OpenCooperative);
    AddParsed(app, "number", options.number, ParseCooperative, "Its number")
        ->type_name("COOPERATIVE")
        ->required();
    AddParsed(app, "--name", options.name, ParseName, "At most 64 bytes")->required();
    AddParsed(app, "--zone", options.zone, ParseZone,
              "WIB (if not told), WITA, WIT or an offset such as +07:00")
        ->type_name("ZONE");
    AddPolicyOptions(app, options.policy);
  }
  line.Add({.name = "list", .description = "All cooperatives", .example = "cooperative list"},
           group, &ListCooperatives);
  {
    auto [app, options] =
        line.Add({.name = "policy",
                  .description = "Shows what a cooperative charges, or changes what is told",
                  .example = "cooperative policy 1024 --transfer-fee 2.500 --vat 11%"},
                 group, &ShowOrSetPolicy);
    AddParsed(app, "number", options.number, ParseCooperative, "Its number")
        ->type_name("COOPERATIVE")
        ->required();
    AddPolicyOptions(app, options.policy);
  }
}

// `1024/2` has to name the cooperative here.
absl::StatusOr<Place> ParseFullPlace(std::string_view text) {
  auto place = ParsePlace(text);
  if (place.ok() && !place->cooperative) {
    return absl::InvalidArgumentError(
        fmt::format("'{}': expected COOPERATIVE/NUMBER, such as 1024/2", text));
  }
  return place;
}

struct OpenBranchOptions {
  Place branch;
  std::string name;
};

ExitCode OpenBranch(const OpenBranchOptions& options, Session& session) {
  v1::OpenBranchRequest request;
  request.set_cooperative(options.branch.cooperative->value());
  request.set_number(options.branch.number);
  request.set_name(options.name);
  v1::Branch branch;
  const CallEnd end = session.client().Call(&v1::AdminService::Stub::OpenBranch, request, branch);
  if (!end.ok()) return session.Fail(end, kRepeatable);
  if (session.json()) {
    session.PrintJson(ToJson(branch));
  } else {
    session.Print(
        FormatFields({{"branch", fmt::format("{}/{}", branch.cooperative(), branch.number())},
                      {"name", branch.name()}}));
  }
  return ExitCode::kOk;
}

struct ListOptions {
  CooperativeId cooperative;
};

ExitCode ListBranches(const ListOptions& options, Session& session) {
  v1::ListBranchesRequest request;
  request.set_cooperative(options.cooperative.value());
  v1::ListBranchesReply reply;
  const CallEnd end = session.client().Call(&v1::AdminService::Stub::ListBranches, request, reply);
  if (!end.ok()) return session.Fail(end, kReads);
  Json json;
  json["branches"] = Json::array();
  Table table({{"branch"}, {"name"}});
  for (const v1::Branch& branch : reply.branches()) {
    json["branches"].push_back(ToJson(branch));
    table.AddRow({fmt::format("{}/{}", branch.cooperative(), branch.number()), branch.name()});
  }
  session.json() ? session.PrintJson(json) : session.Print(table.ToString());
  return session.Written();
}

void AddBranchCommands(CommandLine& line) {
  CLI::App& group = line.AddGroup(line.root(), "branch", "Branches (gerai)");
  group.require_subcommand(1);
  {
    auto [app, options] = line.Add({.name = "open",
                                    .description = "Opens a branch and its accounts; repeatable",
                                    .example = "branch open 1024/2 --name 'Gerai Sembako'"},
                                   group, &OpenBranch);
    AddParsed(app, "branch", options.branch, ParseFullPlace, "COOPERATIVE/BRANCH")
        ->type_name("BRANCH")
        ->required();
    AddParsed(app, "--name", options.name, ParseName, "At most 64 bytes")->required();
  }
  auto [app, options] = line.Add({.name = "list",
                                  .description = "The branches of a cooperative",
                                  .example = "branch list 1024"},
                                 group, &ListBranches);
  AddParsed(app, "cooperative", options.cooperative, ParseCooperative, "Its number")
      ->type_name("COOPERATIVE")
      ->required();
}

struct OpenTerminalOptions {
  Place terminal;
  Place branch;
  std::string name;
};

ExitCode OpenTerminal(const OpenTerminalOptions& options, Session& session) {
  if (options.branch.cooperative && options.branch.cooperative != options.terminal.cooperative) {
    return session.FailUsage(
        absl::InvalidArgumentError("the branch is of another cooperative than the terminal"));
  }
  v1::OpenTerminalRequest request;
  request.set_cooperative(options.terminal.cooperative->value());
  request.set_branch(options.branch.number);
  request.set_number(options.terminal.number);
  request.set_name(options.name);
  v1::Terminal terminal;
  const CallEnd end =
      session.client().Call(&v1::AdminService::Stub::OpenTerminal, request, terminal);
  if (!end.ok()) return session.Fail(end, kRepeatable);
  if (session.json()) {
    session.PrintJson(ToJson(terminal));
  } else {
    session.Print(
        FormatFields({{"terminal", fmt::format("{}/{}", terminal.cooperative(), terminal.number())},
                      {"branch", fmt::format("{}/{}", terminal.cooperative(), terminal.branch())},
                      {"name", terminal.name()}}));
  }
  return ExitCode::kOk;
}

ExitCode ListTerminals(const ListOptions& options, Session& session) {
  v1::ListTerminalsRequest request;
  request.set_cooperative(options.cooperative.value());
  v1::ListTerminalsReply reply;
  const CallEnd end = session.client().Call(&v1::AdminService::Stub::ListTerminals, request, reply);
  if (!end.ok()) return session.Fail(end, kReads);
  Json json;
  json["terminals"] = Json::array();
  Table table({{"terminal"}, {"branch"}, {"name"}});
  for (const v1::Terminal& terminal : reply.terminals()) {
    json["terminals"].push_back(ToJson(terminal));
    table.AddRow({fmt::format("{}/{}", terminal.cooperative(), terminal.number()),
                  fmt::format("{}/{}", terminal.cooperative(), terminal.branch()),
                  terminal.name()});
  }
  session.json() ? session.PrintJson(json) : session.Print(table.ToString());
  return session.Written();
}

void AddTerminalCommands(CommandLine& line) {
  CLI::App& group = line.AddGroup(line.root(), "terminal", "POS terminals");
  group.require_subcommand(1);
  {
    auto [app, options] =
        line.Add({.name = "open",
                  .description = "Opens a terminal at a branch, with its till; repeatable",
                  .example = "terminal open 1024/7 --branch 2 --name 'Kasir 1'"},
                 group, &OpenTerminal);
    AddParsed(app, "terminal", options.terminal, ParseFullPlace, "COOPERATIVE/TERMINAL")
        ->type_name("TERMINAL")
        ->required();
    AddParsed(app, "--branch", options.branch, ParsePlace, "Where it stands")
        ->type_name("BRANCH")
        ->required();
    AddParsed(app, "--name", options.name, ParseText, "At most 64 bytes");
  }
  auto [app, options] = line.Add({.name = "list",
                                  .description = "The terminals of a cooperative",
                                  .example = "terminal list 1024"},
                                 group, &ListTerminals);
  AddParsed(app, "cooperative", options.cooperative, ParseCooperative, "Its number")
      ->type_name("COOPERATIVE")
      ->required();
}

}  // namespace

void AddOrganisationCommands(CommandLine& line) {
  AddCooperativeCommands(line);
  AddBranchCommands(line);
  AddTerminalCommands(line);
}

}  // namespace lumbung::cli
