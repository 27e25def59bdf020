#include "api/server/config.h"

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/server/settings.h"

namespace lumbung {

namespace {

namespace fs = std::filesystem;

// Where each setting got its value, to be named when it is bad.
using Sources = std::map<std::string, std::string, std::less<>>;

absl::Status Bad(std::string_view key, std::string_view source, std::string_view expected,
                 std::string_view found) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(key), " (", std::string(source),
                                                 "): expected ", std::string(expected),
                                                 ", found \"", std::string(found), "\""));
}

absl::Status Set(const Setting& setting, std::string_view text, const std::string& source,
                 ServerConfig& config, Sources& sources) {
  if (!setting.set(config, text)) return Bad(setting.key, source, setting.expected, text);
  sources[std::string(setting.key)] = source;
  return absl::OkStatus();
}

// A TOML value as the text that the other sources would give; nothing for tables, arrays and dates.
std::optional<std::string> TextOf(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<int64_t>()) return std::to_string(*number);
  return std::nullopt;
}

absl::Status Unreadable(const std::string& path, int error) {
  return absl::InvalidArgumentError(absl::StrCat("config: expected a file that can be read, found ",
                                                 path, ": ",
                                                 std::generic_category().message(error)));
}

absl::Status ReadFile(const std::string& path, ServerConfig& config, Sources& sources) {
  std::ifstream file(path);
  // The file itself first: a parser would report a missing one as a mistake in its text.
  if (!file.is_open()) return Unreadable(path, errno);
  if (fs::is_directory(path)) return Unreadable(path, EISDIR);
  toml::table table;
  try {
    table = toml::parse(file, path);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(path, ", line ", error.source().begin.line, ": ",
                                                   std::string(error.description())));
  }
  for (const auto& [key, node] : table) {
    const std::string source = absl::StrCat(path, ", line ", node.source().begin.line);
    const Setting* found = nullptr;
    for (const Setting& setting : Settings()) {
      if (setting.key == key.str()) found = &setting;
    }
    if (found == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          std::string(key.str()), " (", source, "): no such setting; lumbungd --help lists all"));
    }
    const std::optional<std::string> text = TextOf(node);
    if (!text) return Bad(found->key, source, found->expected, "a value of another type");
    if (const absl::Status status = Set(*found, *text, source, config, sources); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

// What can only be judged when all is known.
absl::Status Validate(const ServerConfig& config, const Sources& sources) {
  const auto source_of = [&sources](std::string_view key) {
    const auto found = sources.find(key);
    return found == sources.end() ? std::string("default") : found->second;
  };
  if (config.data.empty()) {
    return absl::InvalidArgumentError(
        "data: expected the folder of the ledger, found none; give --data DIR, LUMBUNG_DATA, or "
        "`data` in the file");
  }
  if (config.reserved_slots >= config.ring_slots) {
    return Bad("reserved_slots", source_of("reserved_slots"),
               absl::StrCat("fewer than ring_slots (", config.ring_slots, ")"),
               std::to_string(config.reserved_slots));
  }
  if (!IsLoopback(config.listen)) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen (", source_of("listen"), "): \"", config.listen,
                     "\" can be reached from other machines, and neither TLS nor access control is "
                     "configured, so "
                     "anyone there could move money. Expected a loopback address: 127.0.0.1, [::1] "
                     "or localhost"));
  }
  return absl::OkStatus();
}

// What the command line says, before it is judged.
struct CommandLine {
  std::string file;
  bool help = false;
  bool version = false;
  bool drop_derived = false;
  std::vector<std::optional<std::string>> values;  // one a setting
};

absl::Status ReadCommandLine(std::span<const std::string> arguments, CommandLine& line) {
  CLI::App app;
  app.set_help_flag();
  app.add_flag("--help,-h", line.help);
  app.add_flag("--version", line.version);
  app.add_flag("--drop-derived", line.drop_derived);
  app.add_option("--config", line.file);
  line.values.resize(Settings().size());
  for (size_t i = 0; i < line.values.size(); ++i) {
    app.add_option(FlagOf(Settings()[i]), line.values[i]);
  }
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("command line: ", error.what(), "; lumbungd --help lists all"));
  }
  return absl::OkStatus();
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

absl::StatusOr<Invocation> ReadInvocation(std::span<const std::string> arguments,
                                          const Environment& environment) {
  CommandLine line;
  if (const absl::Status status = ReadCommandLine(arguments, line); !status.ok()) return status;
  Invocation invocation;
  if (line.help || line.version) {
    invocation.action = line.help ? Action::kShowHelp : Action::kShowVersion;
    return invocation;
  }
  if (line.drop_derived) invocation.action = Action::kDropDerived;

  Sources sources;
  ServerConfig& config = invocation.config;
  if (line.file.empty()) line.file = environment("LUMBUNG_CONFIG").value_or("");
  if (!line.file.empty()) {
    if (const absl::Status status = ReadFile(line.file, config, sources); !status.ok()) {
      return status;
    }
  }
  for (const Setting& setting : Settings()) {
    const std::optional<std::string> text = environment(VariableOf(setting));
    if (!text) continue;
    const absl::Status status = Set(setting, *text, VariableOf(setting), config, sources);
    if (!status.ok()) return status;
  }
  for (size_t i = 0; i < line.values.size(); ++i) {
    if (!line.values[i]) continue;
    const Setting& setting = Settings()[i];
    const absl::Status status = Set(setting, *line.values[i], FlagOf(setting), config, sources);
    if (!status.ok()) return status;
  }
  if (const absl::Status status = Validate(config, sources); !status.ok()) return status;
  return invocation;
}

}  // namespace lumbung
