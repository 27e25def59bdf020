// The tree of commands. Each command is one struct of options and one function that runs it; Add
// ties the two to a CLI::App. Owns the options. One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/exit_code.h"
#include "api/cli/session.h"

namespace lumbung::cli {

class CommandLine {
 public:
  CommandLine();

  // Parses, runs the command that was chosen, and tells how it ended.
  ExitCode Run(int argc, const char* const* argv);

  // Only parses: how it ended, if it ends here, after what was asked for (--help) is in `out` or
  // what is wrong in `err`. Reads no file but public keys, calls no server.
  std::optional<ExitCode> Parse(int argc, const char* const* argv, std::ostream& out,
                                std::ostream& err);

  // Adds the command `name` below `parent`.
  CLI::App& AddGroup(CLI::App& parent, const std::string& name, const std::string& description);

  struct Text {
    std::string name;
    std::string description;
    std::string example;  // what --help shows, without the program's name
  };
  // A command whose options are to be filled by what the caller adds to `app`.
  template <typename Options>
  struct Added {
    CLI::App& app;
    Options& options;
  };
  template <typename Options>
  Added<Options> Add(const Text& text, CLI::App& parent,
                     ExitCode (*run)(const Options&, Session&)) {
    auto owned = std::make_unique<Holder<Options>>();
    Options& options = owned->options;
    holders_.push_back(std::move(owned));
    CLI::App& app = AddGroup(parent, text.name, text.description);
    app.footer("Example:\n  lumbung " + text.example);
    app.callback([this, &options, run] {
      chosen_ = [&options, run](Session& session) { return run(options, session); };
    });
    return {app, options};
  }

  CLI::App& root() { return app_; }

 private:
  struct AnyHolder {
    virtual ~AnyHolder() = default;
  };
  template <typename Options>
  struct Holder : AnyHolder {
    Options options;
  };

  CLI::App app_;
  std::string server_ = "127.0.0.1:7400";
  std::optional<uint32_t> timeout_s_;
  bool json_ = false;
  std::vector<std::unique_ptr<AnyHolder>> holders_;
  std::function<ExitCode(Session&)> chosen_;
};

// One function a group of commands.
void AddOrganisationCommands(CommandLine& line);
void AddAccountCommands(CommandLine& line);
void AddBalanceCommands(CommandLine& line);
void AddPaymentCommands(CommandLine& line);
void AddHoldCommands(CommandLine& line);
void AddResolveCommand(CommandLine& line);
void AddSubmitCommand(CommandLine& line);
void AddLedgerCommands(CommandLine& line);
void AddReceiptCommands(CommandLine& line);
void AddReportCommand(CommandLine& line);
void AddCheckpointCommand(CommandLine& line);
void AddWitnessCommand(CommandLine& line);
void AddExportCommand(CommandLine& line);
void AddImportCommand(CommandLine& line);
void AddOperatorCommands(CommandLine& line);
void AddAuditCommand(CommandLine& line);

}  // namespace lumbung::cli
