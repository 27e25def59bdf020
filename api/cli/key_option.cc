#include "api/cli/key_option.h"

#include <fmt/format.h>
#include <fstream>
#include <string>

#include "api/cli/parse.h"
#include "api/cli/parsed_option.h"

namespace lumbung::cli {
namespace {

// A key is a name, eight digits and 44: what has no end, like a device, is not read to it.
constexpr size_t kMostLineBytes = 4096;

bool ReadLine(const std::string& path, std::string& line) {
  std::ifstream file(path, std::ios::binary);
  line.clear();
  for (char c; line.size() < kMostLineBytes && file.get(c) && c != '\n';) line += c;
  return !line.empty() && line.size() < kMostLineBytes;
}

absl::StatusOr<VerifierKey> ReadKey(std::string_view text, KeyType type) {
  std::string line(text);
  if (text.find('+') == std::string_view::npos) {
    if (!ReadLine(std::string(text), line)) {
      return absl::InvalidArgumentError(fmt::format(
          "'{}': expected a public key (name+id+base64), or a file that has one", text));
    }
  }
  absl::StatusOr<VerifierKey> key = VerifierKey::Parse(line);
  if (!key.ok() || key->type == type) return key;
  return absl::InvalidArgumentError(
      fmt::format("'{}': expected the key of a {}", text,
                  type == KeyType::kEd25519 ? "log, found a witness's" : "witness, found a log's"));
}

}  // namespace

absl::StatusOr<VerifierKey> ParseLogKey(std::string_view text) {
  return ReadKey(text, KeyType::kEd25519);
}

absl::StatusOr<VerifierKey> ParseWitnessKey(std::string_view text) {
  return ReadKey(text, KeyType::kCosignature);
}

void AddLogKeyOption(CLI::App& app, std::optional<VerifierKey>& key) {
  AddParsed(app, "--key", key, ParseLogKey,
            "The log's public key, or a file that has it: checks with it, not with the server's")
      ->type_name("KEY");
}

void AddWitnessOptions(CLI::App& app, WitnessOptions& options) {
  AddParsed(app, "--witness", options.witnesses, ParseWitnessKey,
            "A witness's public key, or a file that has it: its cosignature must be there")
      ->type_name("KEY");
  AddParsed(app, "--witnesses-needed", options.needed, ParseWhole<uint32_t, 1, kMostWitnesses>,
            "So many of them are enough; without it, all are needed")
      ->type_name("COUNT");
}

absl::StatusOr<WitnessRule> RuleOf(const WitnessOptions& options) {
  const size_t named = options.witnesses.size();
  const size_t needed = options.needed ? *options.needed : named;
  if (needed <= named) return WitnessRule{.witnesses = options.witnesses, .needed = needed};
  return absl::InvalidArgumentError(
      fmt::format("--witnesses-needed: expected at most {}, the witnesses that are named, found {}",
                  named, needed));
}

}  // namespace lumbung::cli
