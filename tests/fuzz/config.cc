// Input: arguments, one a line; a line `---`; variables NAME=VALUE, one a line; a line `---`; the
// configuration file to the end.
// Holds: what is refused is refused as INVALID_ARGUMENT that names a setting, the file or the
// command line. What is taken has each setting within what it says that it expects, and the same
// settings as flags give the same configuration.
#include "api/server/config.h"

#include <map>

#include "api/server/settings.h"
#include "engine/check.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

std::vector<std::string_view> TakeSection(Input& input) {
  std::vector<std::string_view> lines;
  while (!input.rest().empty()) {
    const std::string_view line = input.TakeLine();
    if (line == "---") break;
    lines.push_back(line);
  }
  return lines;
}

std::map<std::string, std::string> Variables(const std::vector<std::string_view>& lines) {
  std::map<std::string, std::string> variables;
  for (const std::string_view line : lines) {
    const size_t equal = line.find('=');
    if (equal == std::string_view::npos) continue;
    variables.emplace(line.substr(0, equal), line.substr(equal + 1));
  }
  return variables;
}

void CheckRefusal(const absl::Status& status, const std::string& path) {
  LUMBUNG_CHECK(absl::IsInvalidArgument(status));
  const std::string message(status.message());
  bool named = message.starts_with("command line: ") || message.starts_with("config: ") ||
               message.find(path) != std::string::npos;
  for (const Setting& setting : Settings()) {
    named = named || message.starts_with(setting.key);
  }
  LUMBUNG_CHECK(named);
}

std::vector<std::string> Shown(const ServerConfig& config) {
  std::vector<std::string> values;
  for (const Setting& setting : Settings()) values.push_back(setting.show(config));
  return values;
}

void CheckTaken(const ServerConfig& config) {
  LUMBUNG_CHECK(!config.data.empty() && config.reserved_slots < config.ring_slots);
  LUMBUNG_CHECK(IsAddress(config.listen) && IsLoopback(config.listen));
  const std::vector<std::string> values = Shown(config);
  std::vector<std::string> flags;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty()) continue;  // a path that was not given
    flags.push_back(FlagOf(Settings()[i]) + "=" + values[i]);
  }
  const auto again =
      ReadInvocation(flags, [](const std::string&) { return std::optional<std::string>(); });
  LUMBUNG_CHECK(again.ok());
  LUMBUNG_CHECK(Shown(again->config) == values);
}

}  // namespace

bool Try(Input input) {
  std::vector<std::string> arguments;
  for (const std::string_view line : TakeSection(input)) {
    // Else it would read any file of this machine.
    if (!line.starts_with("--config")) arguments.emplace_back(line);
  }
  std::map<std::string, std::string> variables = Variables(TakeSection(input));
  const MemoryFile file(input.rest());
  variables["LUMBUNG_CONFIG"] = file.path();
  const auto invocation =
      ReadInvocation(arguments, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
      });
  if (!invocation.ok()) {
    CheckRefusal(invocation.status(), file.path());
    return false;
  }
  const bool judged =
      invocation->action == Action::kServe || invocation->action == Action::kDropDerived;
  if (judged) CheckTaken(invocation->config);
  return true;
}

std::vector<Seed> Seeds() {
  std::string all;
  ServerConfig config;
  config.data = "d";
  config.ready_file = "r";
  config.transparency_key_file = "k";
  const std::vector<std::string> values = Shown(config);
  std::string flags;
  std::string variables;
  std::string toml;
  for (size_t i = 0; i < values.size(); ++i) {
    const Setting& setting = Settings()[i];
    flags += FlagOf(setting) + "\n" + values[i] + "\n";
    variables += VariableOf(setting) + "=" + values[i] + "\n";
    toml += std::string(setting.key) + " = \"" + values[i] + "\"\n";
  }
  return {
      {"flags", flags},
      {"variables", "---\n" + variables},
      {"file", "---\n---\n" + toml},
      {"numbers", "---\n---\ndata = 'd'\nring_slots = 512 # comment\nread_queue = 0x10\n"},
      {"each-of-them", "--listen=[::1]:0\n---\nLUMBUNG_DATA=d\n---\nstream_window = 7\n"},
      {"help", "--help\n"},
      {"version", "--version\n"},
      {"drop", "--drop-derived\n--data\nd\n"},
  };
}

}  // namespace lumbung::fuzz
