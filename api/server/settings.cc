#include "api/server/settings.h"

#include <array>
#include <bit>
#include <charconv>
#include <optional>

#include "storage/transparency/signed_note.h"
#include "storage/transparency/witness_rule.h"

namespace lumbung {

namespace {

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return number;
}

// A setter for a whole number of kLeast … kMost.
template <auto kMember, int64_t kLeast, int64_t kMost>
bool SetNumber(ServerConfig& config, std::string_view text) {
  const std::optional<int64_t> number = ParseNumber(text);
  if (!number || *number < kLeast || *number > kMost) return false;
  config.*kMember = static_cast<std::remove_reference_t<decltype(config.*kMember)>>(*number);
  return true;
}

template <auto kMember, int64_t kLeast, int64_t kMost>
bool SetPowerOfTwo(ServerConfig& config, std::string_view text) {
  const std::optional<int64_t> number = ParseNumber(text);
  if (!number || !std::has_single_bit(static_cast<uint64_t>(*number))) return false;
  return SetNumber<kMember, kLeast, kMost>(config, text);
}

template <auto kMember>
std::string ShowNumber(const ServerConfig& config) {
  return std::to_string(config.*kMember);
}

template <auto kMember>
bool SetText(ServerConfig& config, std::string_view text) {
  if (text.empty()) return false;
  config.*kMember = std::string(text);
  return true;
}

template <auto kMember>
std::string ShowText(const ServerConfig& config) {
  return config.*kMember;
}

bool SetListen(ServerConfig& config, std::string_view text) {
  if (!IsAddress(text)) return false;
  config.listen = std::string(text);
  return true;
}

bool SetLogLevel(ServerConfig& config, std::string_view text) {
  if (text != "debug" && text != "info" && text != "warning" && text != "error") return false;
  config.log_level = std::string(text);
  return true;
}

bool SetTransparency(ServerConfig& config, std::string_view text) {
  if (text != "on" && text != "off") return false;
  config.transparency = text == "on";
  return true;
}

std::string ShowTransparency(const ServerConfig& config) {
  return config.transparency ? "on" : "off";
}

bool SetTransparencyOrigin(ServerConfig& config, std::string_view text) {
  if (!IsKeyName(text)) return false;
  config.transparency_origin = std::string(text);
  return true;
}

bool SetWitnesses(ServerConfig& config, std::string_view text) {
  if (!ParseWitnesses(text).ok()) return false;
  config.transparency_witnesses = std::string(text);
  return true;
}

using C = ServerConfig;

constexpr auto kSettings = std::to_array<Setting>({
    {"data", "DIR", "the path of a folder",
     "Where the ledger lives: ledger/ is the truth, derived/ can be rebuilt from it. Made if it "
     "does "
     "not exist, for this user only. One server at a time.",
     SettingGroup::kWhere, SetText<&C::data>, ShowText<&C::data>},
    {"listen", "HOST:PORT", "host:port with a port of 0 to 65535",
     "Where to serve gRPC. Port 0 picks a free one. Loopback only (127.x.x.x, [::1], localhost) as "
     "long as TLS and access control are not configured.",
     SettingGroup::kWhere, SetListen, ShowText<&C::listen>},
    {"ready_file", "PATH", "the path of a file",
     "Written with the address once the server takes calls; removed when it stops.",
     SettingGroup::kWhere, SetText<&C::ready_file>, ShowText<&C::ready_file>},
    {"log_level", "LEVEL", "debug, info, warning or error", "What is worth a line on stderr.",
     SettingGroup::kWhere, SetLogLevel, ShowText<&C::log_level>},

    {"ring_slots", "N", "a power of two from 16 to 65536",
     "Requests between decoding and reply, each one transaction or one batch. When all are taken, "
     "new ones are refused with RESOURCE_EXHAUSTED.",
     SettingGroup::kPipeline, SetPowerOfTwo<&C::ring_slots, 16, 65536>, ShowNumber<&C::ring_slots>},
    {"reserved_slots", "N", "a number from 1 to 32768, below ring_slots",
     "Of these, kept for capture, void, refund and reversal, so that a flood of payments can't "
     "block "
     "the release of held money.",
     SettingGroup::kPipeline, SetNumber<&C::reserved_slots, 1, 32768>,
     ShowNumber<&C::reserved_slots>},
    {"spin_us", "N", "microseconds, from 0 to 10000",
     "How long a waiting thread looks for work before it sleeps. More costs processor time and "
     "saves "
     "wake-ups.",
     SettingGroup::kPipeline, SetNumber<&C::spin_us, 0, 10000>, ShowNumber<&C::spin_us>},

    {"blocks", "N", "a number from 64 to 65536",
     "Blocks of 512 entries (128 KiB) in memory: those not yet on disk, and the latest that are. "
     "1024 are 128 MiB.",
     SettingGroup::kMemory, SetNumber<&C::blocks, 64, 65536>, ShowNumber<&C::blocks>},
    {"id_window_slots", "N", "a power of two from 4096 to 268435456",
     "Ids of recent transactions in memory, in each of two generations, 32 bytes a slot: 4194304 "
     "are 2 x 128 MiB, the first taken at the start. Older ids are looked up on disk.",
     SettingGroup::kMemory, SetPowerOfTwo<&C::id_window_slots, 4096, int64_t{1} << 28>,
     ShowNumber<&C::id_window_slots>},

    {"checkpoint_interval_ms", "N", "milliseconds, from 100 to 3600000",
     "From the end of one checkpoint to the next. Shorter makes a restart after a crash quicker; "
     "it "
     "never changes what is durable: every reply is on disk before it is sent.",
     SettingGroup::kDurability, SetNumber<&C::checkpoint_interval_ms, 100, 3'600'000>,
     ShowNumber<&C::checkpoint_interval_ms>},
    {"drain_ms", "N", "milliseconds, from 0 to 600000",
     "How long a stopping server waits for calls in flight before it cancels them.",
     SettingGroup::kDurability, SetNumber<&C::drain_ms, 0, 600'000>, ShowNumber<&C::drain_ms>},

    {"transparency", "on|off", "on or off",
     "Keeps a Merkle tree over all entries beside the ledger and signs its head, so that a receipt "
     "can be proven with a public key alone and a changed ledger is found out. In "
     "DATA/transparency: "
     "checkpoints (keep them: they can't be rebuilt), key, public-key (hand it out), tree/.",
     SettingGroup::kEvidence, SetTransparency, ShowTransparency},
    {"transparency_origin", "NAME",
     "1 to 128 printable characters without space, plus, quote and backslash",
     "The log's name in checkpoints and in its public key: best one under a domain of yours, such "
     "as koperasi.example/ledger. It can't be changed once a checkpoint was signed.",
     SettingGroup::kEvidence, SetTransparencyOrigin, ShowText<&C::transparency_origin>},
    {"transparency_key_file", "PATH", "the path of a file",
     "The Ed25519 key that signs, PEM, readable by the server's user alone; made if it is not "
     "there. Without it DATA/transparency/key. Back it up apart from the ledger: who has both can "
     "sign another history.",
     SettingGroup::kEvidence, SetText<&C::transparency_key_file>,
     ShowText<&C::transparency_key_file>},
    {"transparency_interval_ms", "N", "milliseconds, from 100 to 3600000",
     "From one signed checkpoint to the next while entries come. Besides it one is signed where a "
     "business day ends, when a receipt asks for it, and at the stop.",
     SettingGroup::kEvidence, SetNumber<&C::transparency_interval_ms, 100, 3'600'000>,
     ShowNumber<&C::transparency_interval_ms>},
    {"transparency_witnesses", "VKEYS",
     "verifier keys of type cosignature/v1, at most 16, each another one, with spaces between them",
     "Whose cosignatures are taken (AddCosignature) and handed out with the checkpoints: what "
     "`lumbung witness --show-key` prints. A witness keeps the server from showing two histories; "
     "it is worth something on a machine that the server's operator does not rule.",
     SettingGroup::kEvidence, SetWitnesses, ShowText<&C::transparency_witnesses>},

    {"max_message_bytes", "N", "bytes, from 65536 to 67108864",
     "The largest message taken; larger ones are refused with RESOURCE_EXHAUSTED. A full batch of "
     "8,190 payments is about 1 MiB.",
     SettingGroup::kLimits, SetNumber<&C::max_message_bytes, 65536, int64_t{64} << 20>,
     ShowNumber<&C::max_message_bytes>},
    {"stream_window", "N", "a number from 1 to 4096",
     "Transactions of one SubmitStream in flight; beyond, the stream is not read further.",
     SettingGroup::kLimits, SetNumber<&C::stream_window, 1, 4096>, ShowNumber<&C::stream_window>},
    {"read_threads", "N", "a number from 1 to 64",
     "Threads that answer about the past (statements, balances at a moment, entries), beside the "
     "payments' path.",
     SettingGroup::kLimits, SetNumber<&C::read_threads, 1, 64>, ShowNumber<&C::read_threads>},
    {"read_queue", "N", "a number from 1 to 1000000",
     "Reads that may wait for one of these threads; more are refused with RESOURCE_EXHAUSTED.",
     SettingGroup::kLimits, SetNumber<&C::read_queue, 1, 1'000'000>, ShowNumber<&C::read_queue>},
});

std::string Spelled(std::string_view prefix, std::string_view key, char separator, char first) {
  std::string spelled(prefix);
  for (const char c : key) {
    spelled += c == '_' ? separator : static_cast<char>(first == 'A' ? c - ('a' - 'A') : c);
  }
  return spelled;
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

HostAndPort SplitAddress(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return {};
  return {address.substr(0, colon), address.substr(colon + 1)};
}

}  // namespace

std::span<const Setting> Settings() { return kSettings; }

std::string FlagOf(const Setting& setting) { return Spelled("--", setting.key, '-', 'a'); }

std::string VariableOf(const Setting& setting) {
  return Spelled("LUMBUNG_", setting.key, '_', 'A');
}

bool IsAddress(std::string_view address) {
  const auto [host, port] = SplitAddress(address);
  const std::optional<int64_t> number = ParseNumber(port);
  if (host.empty() || !number || *number < 0 || *number > 65535) return false;
  const bool bracketed = host.front() == '[' && host.back() == ']';
  return bracketed || host.find_first_of(":[] /") == std::string_view::npos;
}

bool IsLoopback(std::string_view address) {
  const std::string_view host = SplitAddress(address).host;
  if (host == "localhost" || host == "[::1]") return true;
  // 127.0.0.0/8, and nothing that merely begins like it (127.example.org).
  size_t dots = 0;
  int64_t part = -1;
  for (const char c : host) {
    if (c == '.') {
      if (part < 0) return false;
      part = -1;
      ++dots;
    } else if (c >= '0' && c <= '9') {
      part = (part < 0 ? 0 : part) * 10 + (c - '0');
      if (part > 255) return false;
    } else {
      return false;
    }
  }
  return dots == 3 && part >= 0 && host.starts_with("127.");
}

}  // namespace lumbung
