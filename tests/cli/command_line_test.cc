// What the command line refuses before it speaks to any server.
#include "api/cli/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lumbung::cli {
namespace {

struct Ran {
  ExitCode code;
  std::string out;
  std::string err;
};

// Runs one command line against a port where nobody listens.
Ran RunWith(std::vector<std::string> arguments) {
  std::vector<const char*> argv = {"lumbung", "--server", "127.0.0.1:1"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  CommandLine line;
  const ExitCode code = line.Run(static_cast<int>(argv.size()), argv.data());
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

// All commands that have no commands below them, by their names from the root on.
void CollectCommands(CLI::App& app, const std::vector<std::string>& path,
                     std::vector<std::vector<std::string>>& found) {
  for (CLI::App* below : app.get_subcommands([](CLI::App*) { return true; })) {
    std::vector<std::string> longer = path;
    longer.push_back(below->get_name());
    if (below->get_subcommands([](CLI::App*) { return true; }).empty()) found.push_back(longer);
    CollectCommands(*below, longer, found);
  }
}

TEST(CommandLine, EveryCommandHasHelpWithAnExample) {
  CommandLine line;
  std::vector<std::vector<std::string>> commands;
  CollectCommands(line.root(), {}, commands);
  EXPECT_GE(commands.size(), 30u);
  for (std::vector<std::string> command : commands) {
    std::string example = "  lumbung";
    for (const std::string& word : command) example += " " + word;
    command.push_back("--help");
    const Ran ran = RunWith(command);
    EXPECT_EQ(ran.code, ExitCode::kOk);
    EXPECT_NE(ran.out.find("Example:\n" + example), std::string::npos) << ran.out;
  }
}

TEST(CommandLine, HelpHasTheTableOfExitCodes) {
  const Ran ran = RunWith({"--help"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_NE(ran.out.find(ExitCodeTable()), std::string::npos);
}

TEST(CommandLine, RefusesAnAmbiguousAmountWithAnExplanation) {
  const Ran ran = RunWith({"pay", "--member", "1024/55", "--branch", "2", "--amount", "25,000"});
  EXPECT_EQ(ran.code, ExitCode::kMalformed);
  EXPECT_NE(ran.err.find("ambiguous"), std::string::npos) << ran.err;
}

TEST(CommandLine, RefusesWhatIsMissingOrUnknown) {
  EXPECT_EQ(RunWith({}).code, ExitCode::kMalformed);
  EXPECT_EQ(RunWith({"gift"}).code, ExitCode::kMalformed);
  EXPECT_EQ(RunWith({"pay", "--member", "1024/55", "--branch", "2"}).code, ExitCode::kMalformed);
  EXPECT_EQ(RunWith({"resolve", "not-a-uuid"}).code, ExitCode::kMalformed);
  EXPECT_EQ(RunWith({"cooperative"}).code, ExitCode::kMalformed);
}

TEST(CommandLine, RefusesTwoCooperativesWhereOneIsMeant) {
  const Ran ran = RunWith({"pay", "--member", "1024/55", "--branch", "1025/2", "--amount", "5"});
  EXPECT_EQ(ran.code, ExitCode::kMalformed);
  EXPECT_NE(ran.err.find("two cooperatives"), std::string::npos) << ran.err;
}

TEST(CommandLine, RefusesABranchWithoutAnyCooperative) {
  const Ran ran = RunWith({"pay", "--tender", "cash", "--branch", "2", "--amount", "5"});
  EXPECT_EQ(ran.code, ExitCode::kMalformed);
  EXPECT_NE(ran.err.find("1024/2"), std::string::npos) << ran.err;
}

TEST(CommandLine, RefusesAKeyFileThatHasNoEnd) {
  const Ran ran = RunWith({"checkpoint", "--key", "/dev/zero"});
  EXPECT_EQ(ran.code, ExitCode::kMalformed);
  EXPECT_NE(ran.err.find("--key: '/dev/zero': expected a public key"), std::string::npos)
      << ran.err;
}

TEST(CommandLine, PrintsANewIdBeforeItSends) {
  const Ran ran = RunWith({"pay", "--member", "1024/55", "--branch", "2", "--amount", "5"});
  EXPECT_EQ(ran.code, ExitCode::kNotTaken);
  ASSERT_TRUE(ran.err.starts_with("id ")) << ran.err;
  const std::string id = ran.err.substr(3, 36);
  EXPECT_NE(ran.err.find("--id " + id), std::string::npos) << ran.err;
}

TEST(CommandLine, TakesGlobalOptionsBehindTheCommand) {
  const Ran ran = RunWith({"balance", "1024/55", "--json"});
  EXPECT_EQ(ran.code, ExitCode::kNotTaken);
  const Json json = Json::parse(ran.out);
  EXPECT_EQ(json["error"]["exit_code"], 7);
  EXPECT_NE(json["error"]["message"].get<std::string>().find("127.0.0.1:1"), std::string::npos);
}

TEST(CommandLine, MakesIdsWithoutAServer) {
  const Ran ran = RunWith({"id"});
  EXPECT_EQ(ran.code, ExitCode::kOk);
  EXPECT_EQ(ran.out.size(), 37u);
  EXPECT_EQ(ran.out[14], '7');
}

TEST(CommandLine, RefusesADayWhereTheZoneIsNotKnown) {
  const Ran ran = RunWith({"entries", "--since", "yesterday"});
  EXPECT_EQ(ran.code, ExitCode::kMalformed);
  EXPECT_NE(ran.err.find("--cooperative"), std::string::npos) << ran.err;
}

TEST(CommandLine, RefusesALineThatCannotBeReadBeforeSendingAnything) {
  EXPECT_EQ(RunWith({"submit", "--file", "/no/such/file"}).code, ExitCode::kMalformed);
  EXPECT_EQ(RunWith({"submit", "--batch", "10"}).code, ExitCode::kMalformed);
  EXPECT_EQ(RunWith({"submit", "--file", "x", "--kind", "general"}).code, ExitCode::kMalformed);
}

}  // namespace
}  // namespace lumbung::cli
