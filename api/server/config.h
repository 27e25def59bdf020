// What lumbungd is told: one validated structure, filled from, the later winning, the defaults, a
// TOML file, the environment and the command line. Every setting has one name in three spellings:
// `ring_slots` in the file, `LUMBUNG_RING_SLOTS` in the environment, `--ring-slots` on the command
// line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace lumbung {

struct ServerConfig {
  std::string data;                       // folder of the ledger; required
  std::string listen = "127.0.0.1:7400";  // host:port; port 0 picks a free one
  std::string ready_file;                 // written when serving; empty: none
  std::string log_level = "info";         // debug, info, warning, error

  size_t ring_slots = 1024;
  size_t reserved_slots = 64;  // of these, for capture, void, reversal and refund
  size_t blocks = 1024;        // of up to 128 KiB each
  int64_t spin_us = 0;
  size_t id_window_slots = size_t{4} << 20;  // in each of the two generations, 32 bytes each

  int64_t checkpoint_interval_ms = 10'000;
  int64_t drain_ms = 10'000;

  bool transparency = true;  // the log of signed checkpoints, on or off
  std::string transparency_origin = "lumbung/ledger";
  std::string transparency_key_file;  // empty: transparency/key in the data folder
  int64_t transparency_interval_ms = 10'000;
  std::string transparency_witnesses;  // vkeys with white space between them; empty: none

  size_t max_message_bytes = size_t{8} << 20;
  size_t stream_window = 256;  // transactions of one SubmitStream in flight
  size_t read_threads = 2;
  size_t read_queue = 1024;  // reads of history that wait for a thread
};

enum class Action : uint8_t { kServe, kDropDerived, kShowHelp, kShowVersion };

struct Invocation {
  Action action = Action::kServe;
  ServerConfig config;
};

// Looks a variable of the environment up; nothing if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// The environment of this process.
Environment ProcessEnvironment();

// `arguments` are those after the program's name. INVALID_ARGUMENT names the setting, where it was
// set, and what was expected. For help and version, the config is not validated.
absl::StatusOr<Invocation> ReadInvocation(std::span<const std::string> arguments,
                                          const Environment& environment);

// What --help prints.
std::string HelpText();
// `lumbungd 0.1.0`.
std::string VersionText();

}  // namespace lumbung
