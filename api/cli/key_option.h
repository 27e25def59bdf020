// Options that name public keys: the log's, and those of the witnesses whose cosignatures are
// asked for. Shared by the commands that prove something. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/cli/command_line.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/witness_rule.h"

namespace lumbung::cli {

// A vkey, or the path of a file whose first line is one.
absl::StatusOr<VerifierKey> ParseLogKey(std::string_view text);
// The same of a witness: of type cosignature/v1.
absl::StatusOr<VerifierKey> ParseWitnessKey(std::string_view text);

// `--key` of commands that else believe the server's key. The option must outlive the app.
void AddLogKeyOption(CLI::App& app, std::optional<VerifierKey>& key);

struct WitnessOptions {
  std::vector<VerifierKey> witnesses;
  std::optional<uint32_t> needed;  // nothing: all that are named
};
// `--witness` and `--witnesses-needed`. The options must outlive the app.
void AddWitnessOptions(CLI::App& app, WitnessOptions& options);
// INVALID_ARGUMENT if more are needed than named.
absl::StatusOr<WitnessRule> RuleOf(const WitnessOptions& options);

// The hashes of a proof as the server sent them. INVALID_ARGUMENT if one has not 32 bytes.
template <typename Hashes>
absl::StatusOr<MerkleProof> ProofOf(const Hashes& hashes) {
  MerkleProof proof;
  for (const auto& bytes : hashes) {
    MerkleHash& hash = proof.emplace_back();
    if (bytes.size() != hash.size()) {
      return absl::InvalidArgumentError("the server sent a hash that has not 32 bytes");
    }
    for (size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<uint8_t>(bytes[i]);
  }
  return proof;
}

}  // namespace lumbung::cli
