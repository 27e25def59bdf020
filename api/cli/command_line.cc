#include "api/cli/command_line.h"

#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"
#include "api/cli/standard_output.h"

namespace lumbung::cli {
namespace {

constexpr char kDescription[] =
    "lumbung: the command line of the transaction engine for cooperatives\n\n"
    "Names    account 1024.2101.55 (cooperative.code.holder), member 1024/55 "
    "(cooperative/number),\n"
    "         branch 1024/2, terminal 1024/7; where a command already names the cooperative, the\n"
    "         branch's or terminal's number alone is enough\n"
    "Amounts  rupiah: 25000, 25.000, Rp25.000, 25.000,50\n"
    "Times    2026-11-23, '2026-11-23 14:30 WIB', 2026-11-23T07:30:00Z, today, yesterday";

std::string Footer() {
  return "Exit codes:\n" + ExitCodeTable() +
         "\nExample:\n"
         "  lumbung pay --member 1024/55 --branch 2 --amount 25.000\n"
         "  lumbung balance 1024/55";
}

// What is wrong where a command is asked for that there is not: CLI11 would say no more than that
// one is missing.
std::optional<std::string> UnknownCommand(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> left = app.remaining(true);
  if (left.empty() || std::string_view(error.what()) != "A subcommand is required") {
    return std::nullopt;
  }
  return "'" + left.front() + "': expected a command";
}

}  // namespace

CommandLine::CommandLine() : app_(kDescription, "lumbung") {
  app_.footer(Footer());
  app_.require_subcommand(1);
  app_.fallthrough();  // global options may stand behind the command; commands below inherit this
  app_.set_version_flag("--version", "lumbung " LUMBUNG_VERSION);
  app_.add_option("--server", server_, "Where lumbungd listens")
      ->envname("LUMBUNG_SERVER")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  AddParsed(app_, "--timeout", timeout_s_, ParseWhole<uint32_t, 1, 86'400>,
            "How long to wait for an answer; a backup's, which goes on without its caller, without "
            "this option for a day")
      ->type_name("SECONDS")
      ->default_str("10");
  app_.add_flag("--json", json_, "Print one JSON object (of streams: one a line)");

  AddOrganisationCommands(*this);
  AddAccountCommands(*this);
  AddBalanceCommands(*this);
  AddPaymentCommands(*this);
  AddHoldCommands(*this);
  AddResolveCommand(*this);
  AddSubmitCommand(*this);
  AddLedgerCommands(*this);
  AddReceiptCommands(*this);
  AddReportCommand(*this);
  AddCheckpointCommand(*this);
  AddWitnessCommand(*this);
  AddExportCommand(*this);
  AddImportCommand(*this);
  AddOperatorCommands(*this);
  AddAuditCommand(*this);
}

CLI::App& CommandLine::AddGroup(CLI::App& parent, const std::string& name,
                                const std::string& description) {
  return *parent.add_subcommand(name, description);
}

std::optional<ExitCode> CommandLine::Parse(int argc, const char* const* argv, std::ostream& out,
                                           std::ostream& err) {
  try {
    app_.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (const auto unknown = UnknownCommand(app_, error)) {
      app_.exit(CLI::ParseError(*unknown, CLI::ExitCodes::ExtrasError), out, err);
      return ExitCode::kMalformed;
    }
    return app_.exit(error, out, err) == 0 ? ExitCode::kOk : ExitCode::kMalformed;
  }
}

ExitCode CommandLine::Run(int argc, const char* const* argv) {
  std::ostringstream told;
  if (const auto ended = Parse(argc, argv, told, std::cerr)) {
    const int error = WriteOutput(told.str());
    return error == 0 || *ended != ExitCode::kOk ? *ended : OutputLost(error);
  }
  Client::Options options{.server = server_,
                          .timeout = std::chrono::seconds(timeout_s_.value_or(10))};
  if (timeout_s_) options.long_timeout = options.timeout;
  Client client(std::move(options));
  Session session(client, json_ ? OutputForm::kJson : OutputForm::kTables);
  return chosen_(session);
}

}  // namespace lumbung::cli
