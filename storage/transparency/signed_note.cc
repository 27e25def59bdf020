#include "storage/transparency/signed_note.h"

#include <openssl/evp.h>
#include <algorithm>
#include <memory>

#include "engine/sha256.h"
#include "storage/transparency/base64.h"

namespace lumbung {

namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // an em dash and a space
constexpr size_t kMostBytes = size_t{64} << 10;
constexpr size_t kMostSignatures = 100;
constexpr size_t kMostNameBytes = 128;
constexpr size_t kTimeBytes = 8;
constexpr uint64_t kMostTime = ~uint64_t{0} >> 1;  // C2SP tlog-cosignature

std::span<const std::byte> BytesOf(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

uint32_t BigEndian32(std::span<const uint8_t> bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

bool VerifyEd25519(const Ed25519PublicKey& key, std::string_view text,
                   std::span<const std::byte> signature) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
      EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  return pkey != nullptr && context != nullptr && signature.size() == sizeof(Ed25519Signature) &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const uint8_t*>(signature.data()),
                          signature.size(), reinterpret_cast<const uint8_t*>(text.data()),
                          text.size()) == 1;
}

absl::Status BadKey(std::string_view why) {
  return absl::InvalidArgumentError("not a verifier key (name+id+base64): " + std::string(why));
}

absl::Status BadNote(std::string_view why) {
  return absl::InvalidArgumentError("not a signed note: " + std::string(why));
}

}  // namespace

bool IsKeyName(std::string_view name) {
  return !name.empty() && name.size() <= kMostNameBytes && std::ranges::all_of(name, [](char c) {
    return c > ' ' && c <= '~' && c != '+' && c != '"' && c != '\\';
  });
}

uint32_t VerifierKey::Id() const {
  std::string text = name + '\n' + static_cast<char>(type);
  text.append(reinterpret_cast<const char*>(public_key.data()), public_key.size());
  const Sha256Digest digest = Sha256(BytesOf(text));
  return BigEndian32(digest);
}

std::string VerifierKey::ToString() const {
  constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (int shift = 28; shift >= 0; shift -= 4) hex += kHex[Id() >> shift & 15];
  std::vector<std::byte> typed = {static_cast<std::byte>(type)};
  for (const uint8_t byte : public_key) typed.push_back(std::byte{byte});
  return name + '+' + hex + '+' + EncodeBase64(typed);
}

absl::StatusOr<VerifierKey> VerifierKey::Parse(std::string_view vkey) {
  const size_t plus = vkey.find('+');
  if (plus == std::string_view::npos) return BadKey("it has no plus sign");
  VerifierKey key{.name = std::string(vkey.substr(0, plus))};
  if (!IsKeyName(key.name)) return BadKey("the name has other than printable ASCII");
  if (vkey.size() < plus + 10 || vkey[plus + 9] != '+') return BadKey("the id has not 8 digits");
  const auto typed = DecodeBase64(vkey.substr(plus + 10));
  if (!typed || typed->size() != 1 + key.public_key.size()) {
    return BadKey("the public key is not base64 of 33 bytes");
  }
  const auto type = std::to_integer<uint8_t>(typed->front());
  if (type != static_cast<uint8_t>(KeyType::kEd25519) &&
      type != static_cast<uint8_t>(KeyType::kCosignature)) {
    return BadKey("its type is neither Ed25519 nor cosignature/v1");
  }
  key.type = static_cast<KeyType>(type);
  std::transform(typed->begin() + 1, typed->end(), key.public_key.begin(),
                 [](std::byte byte) { return std::to_integer<uint8_t>(byte); });
  if (key.ToString() != vkey) return BadKey("the id does not belong to the name and key");
  return key;
}

std::string NoteSignature::ToLine() const {
  std::vector<std::byte> bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::byte>(key_id >> shift & 0xFF));
  }
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return std::string(kDash) + name + ' ' + EncodeBase64(bytes) + '\n';
}

std::optional<NoteSignature> NoteSignature::Parse(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (!line.starts_with(kDash)) return std::nullopt;
  line.remove_prefix(kDash.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || !IsKeyName(line.substr(0, space))) return std::nullopt;
  const auto bytes = DecodeBase64(line.substr(space + 1));
  if (!bytes || bytes->size() <= 4) return std::nullopt;
  NoteSignature signature{.name = std::string(line.substr(0, space))};
  for (size_t i = 0; i < 4; ++i) {
    signature.key_id = signature.key_id << 8 | std::to_integer<uint32_t>((*bytes)[i]);
  }
  signature.signature.assign(bytes->begin() + 4, bytes->end());
  return signature;
}

std::string SignedNote::ToString() const {
  std::string note = text + '\n';
  for (const NoteSignature& signature : signatures) note += signature.ToLine();
  return note;
}

absl::StatusOr<SignedNote> SignedNote::Parse(std::string_view note) {
  if (note.size() > kMostBytes) return BadNote("it is longer than 64 KiB");
  if (!note.ends_with('\n')) return BadNote("it does not end with a line's end");
  const size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return BadNote("no blank line before signatures");
  SignedNote parsed{.text = std::string(note.substr(0, blank + 1))};
  for (const char c : parsed.text) {
    if ((c >= 0 && c < ' ' && c != '\n') || c == 0x7F) return BadNote("a control character");
  }
  for (std::string_view rest = note.substr(blank + 2); !rest.empty();) {
    const size_t end = rest.find('\n');
    auto signature = NoteSignature::Parse(rest.substr(0, end));
    if (!signature) return BadNote("a line below the blank line is no signature");
    parsed.signatures.push_back(std::move(*signature));
    if (parsed.signatures.size() > kMostSignatures) return BadNote("more than 100 signatures");
    rest.remove_prefix(end + 1);
  }
  if (parsed.signatures.empty()) return BadNote("it has no signature");
  return parsed;
}

std::string CosignedText(uint64_t time_s, std::string_view text) {
  return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(text);
}

bool VerifySignature(const VerifierKey& key, std::string_view text,
                     const NoteSignature& signature) {
  if (signature.name != key.name || signature.key_id != key.Id()) return false;
  const std::span<const std::byte> bytes = signature.signature;
  if (key.type == KeyType::kEd25519) return VerifyEd25519(key.public_key, text, bytes);
  if (bytes.size() != kTimeBytes + sizeof(Ed25519Signature)) return false;
  uint64_t time_s = 0;
  for (const std::byte byte : bytes.first(kTimeBytes)) {
    time_s = time_s << 8 | std::to_integer<uint64_t>(byte);
  }
  if (time_s > kMostTime) return false;
  return VerifyEd25519(key.public_key, CosignedText(time_s, text), bytes.subspan(kTimeBytes));
}

bool IsSignedBy(const SignedNote& note, const VerifierKey& key) {
  bool found = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != key.name || signature.key_id != key.Id()) continue;
    if (!VerifySignature(key, note.text, signature)) return false;
    found = true;
  }
  return found;
}

}  // namespace lumbung
