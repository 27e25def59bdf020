// Every option and argument of every command, with every value that its kind must not take: exit
// code 2, the option named, no id made and nothing asked of any server. Whoever adds an option gets
// its rows by its type_name; a kind that is new here fails the test until it has some.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "api/cli/command_line.h"
#include "api/cli/parsed_option.h"

namespace lumbung::cli::arguments {
namespace {

// What an option of a kind takes, and what it must not.
struct Values {
  std::string good;
  std::vector<std::string> bad;
};

const std::string kTooLong(65, 'x');
const std::string kNoFile = "no-such-folder/file";
const std::vector<std::string> kNoNumber = {
    "", "x", "-1", "1.5", "0x10", "+1", "1 ", " 1", "99999999999999999999", "nan", "1e3"};

std::vector<std::string> And(std::vector<std::string> values,
                             const std::vector<std::string>& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

// By type_name.
const std::map<std::string, Values>& Kinds() {
  static const std::map<std::string, Values> kinds = {
      {"ACCOUNT",
       {"1024.2101.55",
        {"", "x", "1024", "1024.2101", "1024.2101.x", "01.2101.5", "16777216.2101.1",
         "1024.16384.1", "1024.2101.67108864", "1024.2101.5.6", "1024/0", "1024/", "-1.2101.5"}}},
      {"BRANCH",
       {"1024/2", And(kNoNumber, {"0", "65536", "1024/0", "1024/65536", "/2", "1024/", "0/2",
                                  "16777216/2", "1024/2/3"})}},
      {"TERMINAL", {"1024/7", And(kNoNumber, {"0", "65536", "1024/0", "1024/65536", "/2"})}},
      {"CODE", {"360", And(kNoNumber, {"0", "16384"})}},
      {"COOPERATIVE", {"1024", And(kNoNumber, {"0", "16777216", "01024"})}},
      {"CODE|ACCOUNT", {"2101", {"", "x", "99999", "1024.2101", "1024/0"}}},
      {"COUNT", {"5", kNoNumber}},
      {"DATE",
       {"2026-11-23",
        {"", "x", "2026-02-30", "2026-13-01", "26-11-23", "tomorrow", "2026-11-23 14:30",
         "1969-12-31", "9999-01-01"}}},
      {"DURATION", {"15m", {"", "x", "0", "-1", "0s", "1.5h", "31d", "2592001", "15 m", "nan"}}},
      {"FORMAT", {"csv", {"", "x", "CSV", "xml"}}},
      {"HH:MM-HH:MM", {"06:00-22:00", {"", "x", "22:00", "06:00-25:00", "06:60-22:00", "6-22"}}},
      {"ID", {"01935d1c-8a00-7000-8000-0123456789ab", {"x", "01935d1c", "0"}}},
      {"UUID",
       {"01935d1c-8a00-7000-8000-0123456789ab",
        {"", "x", "01935d1c8a00700080000123456789ab", "0", "01935d1c-8a00-7000-8000-0123456789ag",
         "{01935d1c-8a00-7000-8000-0123456789ab}"}}},
      {"KEY",
       {"lumbung/ledger+31fc418f+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
        {"x", "lumbung/ledger+31fc418e+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"}}},
      {"KIND", {"payment", {"", "x", "0", "unspecified", "payments"}}},
      {"STEP", {"post", {"", "x", "0", "unspecified"}}},
      {"OUTCOME", {"accepted", {"", "x", "0", "unspecified"}}},
      {"LEG",
       {"1024.1101.0:1024.2199.0:25.000",
        {"", "x", "1024.1101.0", "1024.1101.0:1024.2199.0", "1024.1101.0:x:5",
         "1024.1101.0:1024.2199.0:0", "1024.1101.0:1024.2199.0:-5",
         "1024.1101.0:1024.2199.0:25,000"}}},
      {"SHARE",
       {"1024.3301.0:1024.3201.0:40%",
        {"", "x", "1024.3301.0", "1024.3301.0:1024.3201.0", "1024.3301.0:x:40%",
         "1024.3301.0:1024.3201.0:40", "1024.3301.0:1024.3201.0:101%",
         "1024.3301.0:1024.3201.0:-1%"}}},
      {"LANGUAGE", {"en", {"", "x", "EN", "de"}}},
      {"LIMIT", {"5.000", {"", "x", "nan", "5,000", "1e9", "inf", "99999999999999999999"}}},
      {"MEMBER",
       {"1024/55",
        {"", "x", "1024", "1024/", "/55", "1024/0", "0/55", "1024/-1", "1024/67108864",
         "16777216/1", "1024/055", "1024/5/6"}}},
      {"MEMBERS",
       {"1024/1-5",
        {"", "x", "1024", "1024/", "1024/0", "1024/5-1", "1024/1-", "1024/1,,2", "1024/1-67108864",
         "0/1"}}},
      {"KEYNAME", {"dinas.example/saksi", {"", "a b", "a+b", std::string(129, 'x')}}},
      {"NUMBER", {"7", kNoNumber}},
      {"RATE", {"11%", {"", "x", "11", "101%", "-1%", "10001bp", "0,333%", "nan", "1e1%"}}},
      {"RUPIAH",
       {"25.000",
        {"", "x", "-1", "25,000", "25.00", "nan", "1e3", "Rp", "1.2.3", "0x5",
         "99999999999999999999", "5 000", "--5"}}},
      {"SECONDS", {"10", And(kNoNumber, {"0", "86401"})}},
      {"SEQUENCE", {"1", kNoNumber}},
      {"TEXT", {"bon 17", {"\xFF", "a\xC3", kTooLong}}},
      {"TIME",
       {"2026-11-23",
        {"", "x", "2026-02-30", "2026-11-23 14:30", "2026-11-23 25:00 WIB", "2026-11-23T07:30:00",
         "now", "0"}}},
      {"ZONE", {"WIB", {"", "x", "wib", "+7", "+15:00", "7", "+07:60"}}},
  };
  return kinds;
}

// Of options whose text is taken as it is until it is used: what they mean is tested elsewhere.
const std::vector<std::string> kTakenAsTheyAre = {"FILE", "FOLDER", "HOST:PORT"};

// Options that take more than their kind does.
const std::map<std::string, Values>& Named() {
  static const std::map<std::string, Values> named = {
      {"--name", {"Gerai", {"\xFF", kTooLong}}},
      {"kind", {"journal", {"", "x", "payment"}}},
      {"--tender", {"wallet", {"", "x", "WALLET"}}},
      {"--savings", {"wajib", {"", "x", "Wajib"}}},
  };
  return named;
}

struct Command {
  std::vector<std::string> path;
  CLI::App* app;

  std::string name() const {
    std::string joined;
    for (const std::string& word : path) joined += (joined.empty() ? "" : " ") + word;
    return joined;
  }
};

void Collect(CLI::App& app, const std::vector<std::string>& path, std::vector<Command>& found) {
  for (CLI::App* below : app.get_subcommands([](CLI::App*) { return true; })) {
    std::vector<std::string> longer = path;
    longer.push_back(below->get_name());
    if (below->get_subcommands([](CLI::App*) { return true; }).empty()) {
      found.push_back({longer, below});
    }
    Collect(*below, longer, found);
  }
}

std::string FlagOf(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_name() : "--" + option.get_lnames().front();
}

const Values* ValuesOf(const CLI::Option& option) {
  const auto named = Named().find(FlagOf(option));
  if (named != Named().end() && option.get_type_name() != "KEYNAME") return &named->second;
  const auto kind = Kinds().find(option.get_type_name());
  return kind == Kinds().end() ? nullptr : &kind->second;
}

void Append(const CLI::Option& option, const std::string& value, std::vector<std::string>& line) {
  const std::string flag = FlagOf(option);
  // `=`, so that a minus in front of the value makes no other option of it.
  if (flag.starts_with("--")) {
    line.push_back(flag + "=" + value);
  } else {
    line.push_back(value);
  }
}

struct Ran {
  ExitCode code;
  std::string err;
};

// Runs one command line against a port where nobody listens.
Ran RunLine(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"lumbung", "--server", "127.0.0.1:1"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  CommandLine line;
  const ExitCode code = line.Run(static_cast<int>(argv.size()), argv.data());
  testing::internal::GetCapturedStdout();
  return {code, testing::internal::GetCapturedStderr()};
}

std::string Joined(const std::vector<std::string>& words) {
  std::string joined = "lumbung";
  for (const std::string& word : words) joined += " '" + word + "'";
  return joined;
}

// The command with what it requires, and the option with this value.
std::vector<std::string> LineWith(const Command& command, const CLI::Option* tested,
                                  const std::string& value) {
  std::vector<std::string> line = command.path;
  for (const CLI::Option* option : command.app->get_options()) {
    if (option == tested) {
      Append(*option, value, line);
    } else if (option->get_required()) {
      const Values* const values = ValuesOf(*option);
      Append(*option, values == nullptr ? kNoFile : values->good, line);
    }
  }
  return line;
}

void ExpectRefused(const std::vector<std::string>& line, const CLI::Option& option) {
  const Ran ran = RunLine(line);
  EXPECT_EQ(static_cast<int>(ran.code), static_cast<int>(ExitCode::kMalformed))
      << Joined(line) << "\n"
      << ran.err;
  EXPECT_NE(ran.err.find(FlagOf(option)), std::string::npos) << Joined(line) << "\n" << ran.err;
  EXPECT_FALSE(ran.err.starts_with("id 0")) << Joined(line) << " made an id";
}

TEST(Arguments, EveryBadValueOfEveryOptionIsRefusedAndTheOptionNamed) {
  CommandLine line;
  std::vector<Command> commands;
  Collect(line.root(), {}, commands);
  ASSERT_GE(commands.size(), 30u);
  size_t refused = 0;
  for (const Command& command : commands) {
    for (const CLI::Option* option : command.app->get_options()) {
      const std::string kind = option->get_type_name();
      if (option->get_items_expected_max() == 0) continue;  // a flag: see below
      const Values* const values = ValuesOf(*option);
      if (values == nullptr) {
        EXPECT_NE(std::ranges::find(kTakenAsTheyAre, kind), kTakenAsTheyAre.end())
            << command.name() << " " << FlagOf(*option) << ": no values for the kind " << kind;
        continue;
      }
      for (const std::string& bad : values->bad) {
        ExpectRefused(LineWith(command, option, bad), *option);
        ++refused;
      }
    }
  }
  std::printf("%zu lines refused\n", refused);
  EXPECT_GE(refused, 1'000u);
}

TEST(Arguments, AFlagTakesNoValueThatIsNeitherYesNorNo) {
  CommandLine line;
  std::vector<Command> commands;
  Collect(line.root(), {}, commands);
  for (const Command& command : commands) {
    for (const CLI::Option* option : command.app->get_options()) {
      if (option->get_items_expected_max() != 0 || FlagOf(*option) == "--help") continue;
      ExpectRefused(LineWith(command, option, "maybe"), *option);
    }
  }
}

TEST(Arguments, WhatIsRequiredIsNamedIfItIsNotThere) {
  CommandLine line;
  std::vector<Command> commands;
  Collect(line.root(), {}, commands);
  for (const Command& command : commands) {
    for (const CLI::Option* missing : command.app->get_options()) {
      if (!missing->get_required()) continue;
      std::vector<std::string> words = command.path;
      for (const CLI::Option* option : command.app->get_options()) {
        const Values* const values = ValuesOf(*option);
        const bool told = option != missing && option->get_required();
        if (told) Append(*option, values == nullptr ? kNoFile : values->good, words);
      }
      ExpectRefused(words, *missing);
    }
  }
}

TEST(Arguments, AmountsOfTransactionsAreMoreThanNothing) {
  for (const char* const amount : {"0", "0,00", "-1", "-25.000"}) {
    const std::string told = std::string("--amount=") + amount;
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"pay", "--member", "1024/55", "--branch", "2"},
             {"transfer", "--from", "1024/55", "--to", "1024/56"},
             {"deposit", "--member", "1024/55"},
             {"withdraw", "--member", "1024/55", "--terminal", "7"},
             {"hold", "--member", "1024/55", "--branch", "2", "--for", "15m"},
             {"capture", "01935d1c-8a00-7000-8000-0123456789ab"},
             {"refund", "01935d1c-8a00-7000-8000-0123456789ab"}}) {
      std::vector<std::string> line = command;
      line.push_back(told);
      const Ran ran = RunLine(line);
      EXPECT_EQ(ran.code, ExitCode::kMalformed) << Joined(line);
      EXPECT_NE(ran.err.find("--amount"), std::string::npos) << ran.err;
      EXPECT_NE(ran.err.find("expected more than 0"), std::string::npos) << ran.err;
    }
  }
}

TEST(Arguments, GlobalOptionsAreJudgedToo) {
  for (const std::string& bad : And(kNoNumber, {"0", "86401"})) {
    const Ran ran = RunLine({"id", "--timeout=" + bad});
    EXPECT_EQ(ran.code, ExitCode::kMalformed) << bad;
    EXPECT_NE(ran.err.find("--timeout"), std::string::npos) << ran.err;
  }
  EXPECT_EQ(RunLine({"id", "--no-such-option"}).code, ExitCode::kMalformed);
  EXPECT_EQ(RunLine({"id", "too", "many"}).code, ExitCode::kMalformed);
}

}  // namespace
}  // namespace lumbung::cli::arguments
