// The table of lumbungd's settings: each with its name, what it expects, and why one would change
// it. The file, the environment, the command line and --help all come from it, so they can't
// disagree.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/server/config.h"

namespace lumbung {

enum class SettingGroup : uint8_t { kWhere, kPipeline, kMemory, kDurability, kEvidence, kLimits };

struct Setting {
  std::string_view key;       // as in the file: `ring_slots`
  std::string_view argument;  // what stands for the value in the help: `N`
  std::string_view expected;  // what a value must be, with its unit
  std::string_view why;       // what it does, for --help
  SettingGroup group;
  // Sets the value from its text. False if it is not what is expected.
  bool (*set)(ServerConfig& config, std::string_view text);
  // The value as text, for the help's defaults.
  std::string (*show)(const ServerConfig& config);
};

std::span<const Setting> Settings();

// `--ring-slots`, `LUMBUNG_RING_SLOTS`.
std::string FlagOf(const Setting& setting);
std::string VariableOf(const Setting& setting);

// Whether `host:port` names this machine only: 127.0.0.0/8, [::1] or localhost.
bool IsLoopback(std::string_view address);
// Whether the text is `host:port` with a port of 0 … 65,535.
bool IsAddress(std::string_view address);

}  // namespace lumbung
