// Input: what (1 byte, modulo 4), then
//   0  the witness's memory, in which `@` stands for the log's signed note, `^` for the log's vkey
//   1  an offer: leaves that it remembers (1 byte, modulo 9; 0: nothing), leaves that it is shown
//      (1 byte, modulo 9), of the forged log (1 byte: odd) ‖ a proof, each hash 1 byte (one of
//      the two logs' proofs) or, behind the byte 255, 32
//   2  vkeys of witnesses with white space between them
//   3  the file of its key
// Holds: damage is DATA_LOSS. What it remembers, the log has signed. It signs whatever extends what
// it remembers and is proven to, and nothing else. Witnesses are different ones, each written again
// the same. With a key that is read it signs what can be verified.
#include "storage/transparency/witness.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "engine/check.h"
#include "storage/transparency/synced_file.h"
#include "storage/transparency/witness_rule.h"
#include "tests/fuzz/signed_sample.h"
#include "tests/fuzz/target.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung::fuzz {

namespace {

constexpr uint64_t kLeaves = 8;
constexpr uint64_t kForgedLeaf = 3;
constexpr uint64_t kTime = 1'764'000'000;
constexpr size_t kMostHashes = 16;

// A log of eight leaves: the honest one, or the one in which one leaf was changed.
class Log {
 public:
  explicit Log(uint8_t changed) {
    std::vector<MerkleHash> level(kLeaves);
    for (uint8_t leaf = 0; leaf < kLeaves; ++leaf) {
      const std::byte content{leaf == kForgedLeaf ? static_cast<uint8_t>(leaf + changed) : leaf};
      level[leaf] = LeafHash({&content, 1});
    }
    nodes_.push_back(level);
    while (nodes_.back().size() > 1) {
      std::vector<MerkleHash> parents(nodes_.back().size() / 2);
      NodeHashes(nodes_.back(), parents);
      nodes_.push_back(std::move(parents));
    }
    const SigningKey key = SampleLogKey();
    for (uint64_t size = 0; size <= kLeaves; ++size) {
      SignedNote note{.text = At(size).ToText()};
      note.signatures = {key.Sign(note.text)};
      notes_.push_back(note.ToString());
    }
  }

  Checkpoint At(uint64_t size) const {
    return {.origin = "log", .size = size, .root = *RootOf(size, Nodes())};
  }
  const std::string& Note(uint64_t size) const { return notes_[size]; }
  MerkleProof Proof(const ConsistencyQuestion& question) const {
    return *ConsistencyPath(question, Nodes());
  }
  // All hashes of all proofs.
  std::set<MerkleHash> AllHashes() const {
    std::set<MerkleHash> all;
    for (uint64_t first = 1; first <= kLeaves; ++first) {
      for (uint64_t second = first; second <= kLeaves; ++second) {
        for (const MerkleHash& hash : Proof({first, second})) all.insert(hash);
      }
    }
    return all;
  }

 private:
  NodeSource Nodes() const {
    return [this](NodePlace place) -> absl::StatusOr<MerkleHash> {
      return nodes_[place.height][place.index];
    };
  }

  std::vector<std::vector<MerkleHash>> nodes_;  // by height
  std::vector<std::string> notes_;              // by size
};

const Log& Honest() {
  static const Log log(0);
  return log;
}
const Log& Forged() {
  static const Log log(100);
  return log;
}
// What a proof may name.
const std::vector<MerkleHash>& Hashes() {
  static const std::vector<MerkleHash> hashes = [] {
    std::set<MerkleHash> all = Honest().AllHashes();
    all.merge(Forged().AllHashes());
    return std::vector<MerkleHash>(all.begin(), all.end());
  }();
  return hashes;
}

const TemporaryFolder& Folder() {
  static const TemporaryFolder folder;
  return folder;
}

void Write(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  LUMBUNG_CHECK(file.good());
}

// A witness whose memory has these bytes.
absl::StatusOr<std::unique_ptr<Witness>> Opened(std::string_view memory) {
  static const std::string key = [] {
    const std::string path = Folder().Path("witness.pem");
    LUMBUNG_CHECK(CreateSynced(path, SampleWitnessPem()).ok());
    return path;
  }();
  Write(Folder().Path("memory"), memory);
  return Witness::Open(
      {.key_file = key, .state_file = Folder().Path("memory"), .name = "witness", .log = {}});
}

std::string Filled(std::string_view text) {
  std::string whole;
  for (const char c : text) {
    if (c == '@') {
      whole += Honest().Note(5);
    } else if (c == '^') {
      whole += Sample().log.ToString();
    } else {
      whole += c;
    }
  }
  return whole;
}

bool TryMemory(std::string_view text) {
  const std::string memory = Filled(text.substr(0, 4096));
  const auto witness = Opened(memory);
  if (!witness.ok()) {
    LUMBUNG_CHECK(absl::IsDataLoss(witness.status()));
    return false;
  }
  LUMBUNG_CHECK((*witness)->log() || (*witness)->size() == 0);
  if (!(*witness)->log()) return true;
  LUMBUNG_CHECK((*witness)->log()->ToString() == Sample().log.ToString());
  LUMBUNG_CHECK((*witness)->size() == 5);
  const auto newer = (*witness)->Cosign({Honest().Note(8), Honest().Proof({5, 8})}, kTime);
  LUMBUNG_CHECK(newer.ok() && VerifySignature(Sample().witness, Honest().At(8).ToText(), *newer));
  return true;
}

MerkleProof TakeProof(Input& input) {
  MerkleProof proof;
  while (!input.rest().empty() && proof.size() < kMostHashes) {
    const auto place = input.Take<uint8_t>();
    proof.push_back(place == 255 ? input.Take<MerkleHash>() : Hashes()[place % Hashes().size()]);
  }
  return proof;
}

bool TryOffer(Input input) {
  const uint64_t remembered = input.Take<uint8_t>() % (kLeaves + 1);
  const uint64_t shown = input.Take<uint8_t>() % (kLeaves + 1);
  const bool forged = input.Take<uint8_t>() % 2 == 1;
  const MerkleProof proof = TakeProof(input);
  const Log& log = forged ? Forged() : Honest();
  const auto witness =
      Opened("lumbung-witness 1\n" +
             (remembered == 0 ? "" : Sample().log.ToString() + "\n" + Honest().Note(remembered)));
  LUMBUNG_CHECK(witness.ok());
  if (remembered == 0) (*witness)->Trust(Sample().log);
  const auto signature = (*witness)->Cosign({log.Note(shown), proof}, kTime);
  // Of the forged log only what is remembered of the honest one can be extended: the first leaves.
  const bool one_history = !forged || remembered <= kForgedLeaf;
  if (!signature.ok()) {
    LUMBUNG_CHECK(absl::IsAborted(signature.status()) && remembered > 0);
    LUMBUNG_CHECK((*witness)->size() == remembered);
    const bool proven = remembered <= shown && proof == log.Proof({remembered, shown});
    LUMBUNG_CHECK(!(one_history && proven));
    return false;
  }
  LUMBUNG_CHECK(remembered == 0 || (one_history && remembered <= shown));
  LUMBUNG_CHECK((*witness)->size() == shown);
  LUMBUNG_CHECK(VerifySignature(Sample().witness, log.At(shown).ToText(), *signature));
  return true;
}

bool TryWitnesses(std::string_view text) {
  const auto witnesses = ParseWitnesses(text);
  if (!witnesses.ok()) {
    LUMBUNG_CHECK(absl::IsInvalidArgument(witnesses.status()));
    return false;
  }
  LUMBUNG_CHECK(witnesses->size() <= kMostWitnesses);
  std::set<Ed25519PublicKey> keys;
  std::string again;
  for (const VerifierKey& witness : *witnesses) {
    LUMBUNG_CHECK(witness.type == KeyType::kCosignature && keys.insert(witness.public_key).second);
    again += witness.ToString() + "\n";
  }
  const auto reread = ParseWitnesses(again);
  LUMBUNG_CHECK(reread.ok() && reread->size() == witnesses->size());
  for (size_t i = 0; i < reread->size(); ++i) {
    LUMBUNG_CHECK((*reread)[i].ToString() == (*witnesses)[i].ToString());
  }
  return true;
}

bool TryKey(std::string_view text) {
  const std::string path = Folder().Path("some.pem");
  Write(path, text);
  LUMBUNG_CHECK(chmod(path.c_str(), 0600) == 0);
  const auto key = SigningKey::ReadOrMake(path, "some", KeyType::kCosignature);
  if (!key.ok()) {
    LUMBUNG_CHECK(absl::IsDataLoss(key.status()));
    return false;
  }
  LUMBUNG_CHECK(VerifySignature(key->verifier(), "text\n", key->Cosign("text\n", kTime)));
  return true;
}

std::string Offer(uint8_t remembered, uint8_t shown) {
  std::string bytes = {1, static_cast<char>(remembered), static_cast<char>(shown), 0};
  if (remembered == 0) return bytes;
  for (const MerkleHash& hash : Honest().Proof({remembered, shown})) {
    bytes += static_cast<char>(std::ranges::find(Hashes(), hash) - Hashes().begin());
  }
  return bytes;
}

}  // namespace

bool Try(Input input) {
  switch (input.Take<uint8_t>() % 4) {
    case 0:
      return TryMemory(input.rest());
    case 1:
      return TryOffer(input);
    case 2:
      return TryWitnesses(input.rest());
    default:
      return TryKey(input.rest());
  }
}

std::vector<Seed> Seeds() {
  using namespace std::string_literals;
  return {
      {"memory-of-nothing", "\0lumbung-witness 1\n"s},
      {"memory", "\0lumbung-witness 1\n^\n@"s},
      {"offer-first", Offer(0, 3)},
      {"offer-same", Offer(5, 5)},
      {"offer-extended", Offer(3, 7)},
      {"offer-extended-whole", Offer(4, 8)},
      {"witnesses-none", "\2 \n"s},
      {"witnesses", "\2"s + Sample().witness.ToString() + "\n"},
      {"key", "\3"s + SampleWitnessPem()},
  };
}

}  // namespace lumbung::fuzz
