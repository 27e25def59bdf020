#include "storage/transparency/witness_rule.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"

namespace lumbung {

namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool IsCosignedBy(const SignedNote& note, const VerifierKey& witness) {
  return std::ranges::any_of(note.signatures, [&witness](const NoteSignature& signature) {
    return signature.name == witness.name && signature.key_id == witness.Id();
  });
}

}  // namespace

absl::StatusOr<std::vector<VerifierKey>> ParseWitnesses(std::string_view text) {
  std::vector<VerifierKey> witnesses;
  std::set<Ed25519PublicKey> seen;
  while (true) {
    const size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return witnesses;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(kSpace));
    text.remove_prefix(word.size());
    absl::StatusOr<VerifierKey> key = VerifierKey::Parse(word);
    if (!key.ok()) return key.status();
    if (key->type != KeyType::kCosignature) {
      return absl::InvalidArgumentError(key->name + " is no witness's key (cosignature/v1)");
    }
    if (!seen.insert(key->public_key).second) {
      return absl::InvalidArgumentError(key->name + " has the public key of another witness");
    }
    if (witnesses.size() == kMostWitnesses) {
      return absl::InvalidArgumentError(absl::StrCat("more than ", kMostWitnesses, " witnesses"));
    }
    witnesses.push_back(*std::move(key));
  }
}

absl::Status CheckCosignatures(const SignedNote& note, const WitnessRule& rule) {
  std::set<Ed25519PublicKey> cosigned;
  std::string missing;
  for (const VerifierKey& witness : rule.witnesses) {
    if (!IsCosignedBy(note, witness)) {
      missing += (missing.empty() ? "" : ", ") + witness.name;
    } else if (witness.type != KeyType::kCosignature || !IsSignedBy(note, witness)) {
      return absl::InvalidArgumentError("a cosignature of " + witness.name + " is wrong");
    } else {
      cosigned.insert(witness.public_key);
    }
  }
  if (cosigned.size() >= rule.needed) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("it has ", cosigned.size(), " of ", rule.needed,
                                                 " cosignatures of the named witnesses",
                                                 missing.empty() ? "" : "; not of ", missing));
}

}  // namespace lumbung
