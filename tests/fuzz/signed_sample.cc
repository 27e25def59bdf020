#include "tests/fuzz/signed_sample.h"

#include "engine/attachment.h"
#include "engine/check.h"
#include "storage/transparency/merkle.h"
#include "storage/transparency/synced_file.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung::fuzz {

namespace {

// The secret keys of RFC 8032 §7.1, tests 1 and 2, as openssl keeps them.
constexpr char kLogKey[] = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
constexpr char kWitnessKey[] = "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7";

std::string Pem(const char* secret) {
  return std::string("-----BEGIN PRIVATE KEY-----\n") + secret + "\n-----END PRIVATE KEY-----\n";
}

SigningKey KeyOf(const char* secret, std::string_view name, KeyType type) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("key");
  LUMBUNG_CHECK(CreateSynced(path, Pem(secret)).ok());
  auto key = SigningKey::ReadOrMake(path, name, type);
  LUMBUNG_CHECK(key.ok());
  return *std::move(key);
}

// Payments of one leg, then one of two legs.
std::vector<std::vector<std::byte>> MakeLeaves() {
  const Attachment attachment{.text = "bon 17"};
  std::vector<std::vector<std::byte>> leaves;
  for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
    Entry entry;
    entry.id = {0x0190'0000'0000'7000, uint64_t{1} << 63 | std::min<uint64_t>(sequence, 4)};
    entry.debit_account = AccountId::From({CooperativeId{1}, AccountCode{2101}, HolderNumber{5}});
    entry.credit_account = AccountId::From({CooperativeId{1}, AccountCode{4101}, HolderNumber{2}});
    entry.amount = Amount{static_cast<int64_t>(sequence)};
    entry.timestamp = Timestamp{1'700'000'000'000'000'000};
    entry.kind = EntryKind::Of(Step::kPost, Purpose::kPayment);
    entry.outcome = Outcome::kAccepted;
    entry.leg_index = sequence == 5 ? 1 : 0;
    entry.leg_count = sequence >= 4 ? 2 : 1;
    const size_t text = sequence == 4 ? attachment.EncodedSize() : 0;
    entry.attachment_length = static_cast<uint16_t>(text);
    const auto bytes = std::as_bytes(std::span(&entry, 1));
    std::vector<std::byte>& leaf = leaves.emplace_back(bytes.begin(), bytes.end());
    leaf.resize(sizeof entry + text);
    if (text > 0) attachment.Encode(std::span(leaf).subspan(sizeof entry));
  }
  return leaves;
}

SignedSample MakeSignedSample() {
  const SigningKey log = SampleLogKey();
  const SigningKey witness = SampleWitnessKey();
  SignedSample sample{.log = log.verifier(), .witness = witness.verifier(), .leaves = MakeLeaves()};
  const NodeSource nodes = [&](NodePlace place) -> absl::StatusOr<MerkleHash> {
    std::vector<MerkleHash> hashes;
    for (uint64_t i = place.index << place.height; i < (place.index + 1) << place.height; ++i) {
      hashes.push_back(LeafHash(sample.leaves[i]));
    }
    return RootOfComplete(std::move(hashes));
  };
  const uint64_t size = sample.leaves.size();
  sample.note_text =
      Checkpoint{.origin = "log", .size = size, .root = *RootOf(size, nodes)}.ToText();
  sample.note = SignedNote{.text = sample.note_text,
                           .signatures = {log.Sign(sample.note_text),
                                          witness.Cosign(sample.note_text, 1'700'000'000)}}
                    .ToString();
  sample.receipt.checkpoint = sample.note;
  for (const uint64_t sequence : {4, 5}) {
    sample.receipt.entries.push_back({.sequence = sequence,
                                      .leaf = sample.leaves[sequence - 1],
                                      .proof = *InclusionPath({sequence - 1, size}, nodes)});
  }
  return sample;
}

}  // namespace

SigningKey SampleLogKey() { return KeyOf(kLogKey, "log", KeyType::kEd25519); }
SigningKey SampleWitnessKey() { return KeyOf(kWitnessKey, "witness", KeyType::kCosignature); }
std::string SampleWitnessPem() { return Pem(kWitnessKey); }

const SignedSample& Sample() {
  static const SignedSample sample = MakeSignedSample();
  return sample;
}

std::string WithNotes(std::string_view text) {
  std::string whole;
  for (const char c : text) c == '@' ? whole += Sample().note : whole += c;
  return whole;
}

std::string RecordHead() { return "checkpoint " + std::to_string(Sample().note.size()) + "\n"; }

}  // namespace lumbung::fuzz
