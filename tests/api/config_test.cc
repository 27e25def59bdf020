// The configuration: each source, which of them wins, and what is said about each bad value.
#include "api/server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "api/server/settings.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A file of settings that is gone when the test ends.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("lumbung-config-" + std::to_string(++made_) + "-" +
               std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "-" +
               std::to_string(getpid()) + ".toml")) {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }

  std::string path() const { return path_.string(); }

 private:
  static inline int made_ = 0;
  const std::filesystem::path path_;
};

using Variables = std::map<std::string, std::string>;

absl::StatusOr<Invocation> Read(const std::vector<std::string>& arguments,
                                const Variables& variables = {}) {
  return ReadInvocation(arguments, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

std::string ErrorOf(const std::vector<std::string>& arguments, const Variables& variables = {}) {
  const auto invocation = Read(arguments, variables);
  EXPECT_FALSE(invocation.ok());
  return std::string(invocation.status().message());
}

TEST(Config, NeedsNothingButTheDataFolder) {
  const auto invocation = Read({"--data", "d"});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->action, Action::kServe);
  EXPECT_EQ(invocation->config.data, "d");
  EXPECT_EQ(invocation->config.listen, "127.0.0.1:7400");
  EXPECT_EQ(invocation->config.ring_slots, 1024u);
}

TEST(Config, SaysWhereTheDataFolderCanBeNamed) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("--data DIR, LUMBUNG_DATA"));
}

TEST(Config, ReadsTheFile) {
  const ConfigFile file("data = 'from-file'\nring_slots = 128\nlog_level = 'debug'\n");
  const auto invocation = Read({"--config", file.path()});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->config.data, "from-file");
  EXPECT_EQ(invocation->config.ring_slots, 128u);
  EXPECT_EQ(invocation->config.log_level, "debug");
}

TEST(Config, ReadsTheFileThatTheEnvironmentNames) {
  const ConfigFile file("data = 'from-file'\n");
  const auto invocation = Read({}, {{"LUMBUNG_CONFIG", file.path()}});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->config.data, "from-file");
}

TEST(Config, LetsTheEnvironmentWinOverTheFileAndTheFlagOverBoth) {
  const ConfigFile file("data = 'f'\nring_slots = 256\nspin_us = 1\ndrain_ms = 1\n");
  const auto invocation = Read({"--config", file.path(), "--drain-ms", "3"},
                               {{"LUMBUNG_SPIN_US", "2"}, {"LUMBUNG_DRAIN_MS", "2"}});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->config.ring_slots, 256u);
  EXPECT_EQ(invocation->config.spin_us, 2);
  EXPECT_EQ(invocation->config.drain_ms, 3);
}

TEST(Config, RefusesASettingOfTheFileThatItDoesNotKnow) {
  const ConfigFile file("data = 'd'\nring_slotz = 64\n");
  const std::string error = ErrorOf({"--config", file.path()});
  EXPECT_THAT(error, HasSubstr("ring_slotz"));
  EXPECT_THAT(error, HasSubstr("line 2"));
}

TEST(Config, SaysThatAFileIsNotThereAndNotThatItsTextIsWrong) {
  const std::string error = ErrorOf({"--config", "/nowhere/lumbung.toml"});
  EXPECT_THAT(error, HasSubstr("/nowhere/lumbung.toml: No such file or directory"));
  EXPECT_THAT(error, Not(HasSubstr("line")));
  EXPECT_THAT(ErrorOf({"--config", "/"}), HasSubstr("/: Is a directory"));
}

TEST(Config, NamesTheLineOfAFileThatIsNotToml) {
  const ConfigFile file("data = 'd'\n\nring_slots =\n");
  EXPECT_THAT(ErrorOf({"--config", file.path()}), HasSubstr("line 3"));
}

TEST(Config, RefusesAFileThatIsNotThere) {
  EXPECT_THAT(ErrorOf({"--config", "no/such/file.toml"}), HasSubstr("no/such/file.toml"));
}

TEST(Config, RefusesAValueOfAnotherType) {
  const ConfigFile file("data = 'd'\nring_slots = [64]\n");
  EXPECT_THAT(ErrorOf({"--config", file.path()}), HasSubstr("another type"));
}

TEST(Config, RefusesAFlagThatItDoesNotKnow) {
  EXPECT_THAT(ErrorOf({"--data", "d", "--ring-slotz", "64"}), HasSubstr("--ring-slotz"));
}

// Of a log, not of a witness.
constexpr char kLogKey[] = "lumbung/ledger+31fc418f+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

struct BadValue {
  const char* key;
  const char* value;
};

class BadValues : public ::testing::TestWithParam<BadValue> {};

// Whichever source a bad value comes from, the message names the setting, the source and the value.
TEST_P(BadValues, NameTheirSettingSourceAndWhatWasExpected) {
  const BadValue& bad = GetParam();
  const auto settings = Settings();
  const auto setting = std::find_if(settings.begin(), settings.end(),
                                    [&](const Setting& s) { return s.key == bad.key; });
  ASSERT_NE(setting, settings.end());
  const ConfigFile file("data = 'd'\n" + std::string(bad.key) + " = '" + bad.value + "'\n");
  const std::vector<std::pair<std::string, std::string>> errors = {
      {ErrorOf({"--data", "d", FlagOf(*setting), bad.value}), FlagOf(*setting)},
      {ErrorOf({"--data", "d"}, {{VariableOf(*setting), bad.value}}), VariableOf(*setting)},
      {ErrorOf({"--config", file.path()}), file.path() + ", line 2"}};
  for (const auto& [error, source] : errors) {
    EXPECT_THAT(error, HasSubstr(bad.key));
    EXPECT_THAT(error, HasSubstr(source));
    EXPECT_THAT(error, HasSubstr("expected " + std::string(setting->expected)));
    EXPECT_THAT(error, HasSubstr("\"" + std::string(bad.value) + "\""));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Config, BadValues,
    ::testing::Values(
        BadValue{"listen", "127.0.0.1"}, BadValue{"listen", "127.0.0.1:70000"},
        BadValue{"listen", ":7400"}, BadValue{"log_level", "loud"}, BadValue{"ring_slots", "1000"},
        BadValue{"ring_slots", "8"}, BadValue{"ring_slots", "-64"}, BadValue{"ring_slots", "64 "},
        BadValue{"reserved_slots", "0"}, BadValue{"spin_us", "10001"}, BadValue{"blocks", "63"},
        BadValue{"id_window_slots", "5000"}, BadValue{"transparency", "yes"},
        BadValue{"transparency_origin", "with space"}, BadValue{"transparency_origin", "a+b"},
        BadValue{"transparency_witnesses", "dinas"}, BadValue{"transparency_witnesses", kLogKey},
        BadValue{"transparency_interval_ms", "99"}, BadValue{"checkpoint_interval_ms", "99"},
        BadValue{"drain_ms", "ten"}, BadValue{"max_message_bytes", "1e6"},
        BadValue{"stream_window", "0"}, BadValue{"read_threads", "65"},
        BadValue{"read_queue", "0"}));

TEST(Config, RefusesAsManyReservedSlotsAsThereAre) {
  const std::string error =
      ErrorOf({"--data", "d", "--ring-slots", "64"}, {{"LUMBUNG_RESERVED_SLOTS", "64"}});
  EXPECT_THAT(error, HasSubstr("reserved_slots (LUMBUNG_RESERVED_SLOTS)"));
  EXPECT_THAT(error, HasSubstr("fewer than ring_slots (64)"));
}

TEST(Config, ListensOnLoopbackOnlyAndSaysWhy) {
  for (const char* const address : {"0.0.0.0:1", "192.168.1.5:1", "[::]:1", "127.example.org:1",
                                    "127.0.0.1.example.org:1", "128.0.0.1:1", "127.0.0:1"}) {
    const std::string error = ErrorOf({"--data", "d", "--listen", address});
    EXPECT_THAT(error, HasSubstr(address));
    EXPECT_THAT(error, HasSubstr("neither TLS nor access control"));
  }
  for (const char* const address :
       {"127.0.0.1:0", "127.8.9.10:7400", "[::1]:7400", "localhost:7400"}) {
    EXPECT_TRUE(Read({"--data", "d", "--listen", address}).ok()) << address;
  }
}

TEST(Config, ShowsHelpAndVersionWithoutASetting) {
  EXPECT_EQ(Read({"--help"})->action, Action::kShowHelp);
  EXPECT_EQ(Read({"--version"})->action, Action::kShowVersion);
  EXPECT_THAT(VersionText(), HasSubstr("lumbungd "));
}

TEST(Config, DropsTheDerivedOnlyWhenAsked) {
  EXPECT_EQ(Read({"--data", "d", "--drop-derived"})->action, Action::kDropDerived);
}

TEST(Config, ExplainsEverySettingInItsHelp) {
  const std::string help = HelpText();
  for (const Setting& setting : Settings()) EXPECT_THAT(help, HasSubstr(FlagOf(setting) + " "));
  size_t begin = 0;
  while (begin < help.size()) {
    const size_t end = help.find('\n', begin);
    EXPECT_LE(end - begin, 100u) << help.substr(begin, end - begin);
    begin = end + 1;
  }
}

TEST(Config, ShipsAnExampleThatHoldsTheDefaults) {
  const std::string path = std::string(LUMBUNG_SOURCE_FOLDER) + "/deploy/lumbungd.toml";
  const auto invocation = Read({"--config", path});
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  for (const Setting& setting : Settings()) {
    if (setting.key == "data") continue;
    EXPECT_EQ(setting.show(invocation->config), setting.show(ServerConfig{})) << setting.key;
  }
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const Setting& setting : Settings()) {
    EXPECT_THAT(text, HasSubstr(std::string(setting.key) + " = "));
  }
}

}  // namespace
}  // namespace lumbung
