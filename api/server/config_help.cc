#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "api/server/config.h"
#include "api/server/settings.h"

namespace lumbung {

namespace {

constexpr size_t kWidth = 88;

std::string_view TitleOf(SettingGroup group) {
  switch (group) {
    case SettingGroup::kWhere:
      return "Where";
    case SettingGroup::kPipeline:
      return "The path of a payment";
    case SettingGroup::kMemory:
      return "Memory";
    case SettingGroup::kDurability:
      return "Restart and stop";
    case SettingGroup::kEvidence:
      return "Evidence";
    case SettingGroup::kLimits:
      return "Limits";
  }
  return "";
}

// The text in lines of at most kWidth characters, each after `indent` spaces.
std::string Wrapped(std::string_view text, size_t indent) {
  std::string wrapped;
  while (!text.empty()) {
    size_t length = text.size();
    if (length > kWidth - indent) {
      length = text.rfind(' ', kWidth - indent);
    }
    absl::StrAppend(&wrapped, std::string(indent, ' '), std::string(text.substr(0, length)), "\n");
    text.remove_prefix(length);
    if (!text.empty()) text.remove_prefix(1);
  }
  return wrapped;
}

std::string Described(const Setting& setting) {
  const std::string value = setting.show(ServerConfig{});
  std::string text = absl::StrCat("  ", FlagOf(setting), " ", std::string(setting.argument), "\n");
  absl::StrAppend(&text, Wrapped(setting.why, 6));
  absl::StrAppend(&text, Wrapped(absl::StrCat("Expects ", std::string(setting.expected),
                                              "; default ", value.empty() ? "none" : value, "."),
                                 6));
  return text;
}

}  // namespace

std::string HelpText() {
  std::string text = absl::StrCat(
      VersionText(),
      ": the server of Lumbung, a cashless transaction engine for cooperatives.\n"
      "\n"
      "Usage\n"
      "  lumbungd --data DIR [settings]       serves the ledger in DIR until SIGTERM or SIGINT\n"
      "  lumbungd --data DIR --drop-derived   deletes what follows from the ledger, and exits;\n"
      "                                       the next start rebuilds it\n"
      "  lumbungd --help | --version\n"
      "\n"
      "When it takes calls it prints one line on stdout,\n"
      "  lumbungd: serving on 127.0.0.1:7400\n"
      "and logs to stderr. SIGTERM stops it in order: no new calls, those in flight are\n"
      "answered, checkpoints are written and signed, exit 0.\n"
      "\n"
      "Settings come from, the later winning: the default, the file, the environment, the\n"
      "command line. --ring-slots is `ring_slots = 1024` in the file and LUMBUNG_RING_SLOTS\n"
      "in the environment; so for all of them.\n"
      "  --config FILE\n"
      "      A TOML file of settings; also LUMBUNG_CONFIG. An unknown setting is an error.\n");
  SettingGroup group = SettingGroup::kLimits;
  for (const Setting& setting : Settings()) {
    if (setting.group != group) {
      group = setting.group;
      absl::StrAppend(&text, "\n", std::string(TitleOf(group)), "\n");
    }
    absl::StrAppend(&text, Described(setting));
  }
  absl::StrAppend(
      &text,
      "\n"
      "Exit codes\n"
      "  0  stopped in order, or did what was asked\n"
      "  1  a failure that is none of these\n"
      "  2  a bad setting\n"
      "  3  the data folder is in use by another server\n"
      "  4  the ledger is damaged, or not the one that was signed; nothing was changed\n"
      "  5  the address can't be listened on\n"
      "  6  the disk failed while serving; calls in flight got UNAVAILABLE\n");
  return text;
}

std::string VersionText() { return "lumbungd " LUMBUNG_VERSION; }

}  // namespace lumbung
