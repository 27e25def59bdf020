// Signed notes (C2SP signed-note v1): a text, a blank line, and signature lines
//
//   — <key name> base64(key id (4 bytes) ‖ signature)
//
// with keys in the form of a vkey, `<name>+<key id in hex>+<base64(type ‖ public key)>`, where
// key id = SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]. Two types: Ed25519 (0x01), whose signature
// is over the text, and cosignature/v1 (0x04, C2SP tlog-cosignature), whose signature is
// time (8 bytes, big endian) ‖ Ed25519 over "cosignature/v1\ntime <time>\n" ‖ text.
//
// The functions are pure and safe on any bytes; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

using Ed25519PublicKey = std::array<uint8_t, 32>;
using Ed25519Signature = std::array<uint8_t, 64>;

enum class KeyType : uint8_t { kEd25519 = 0x01, kCosignature = 0x04 };

// A name may have no space, plus sign or control character; ours are printable ASCII without `"`
// and `\`, at most 128 bytes.
bool IsKeyName(std::string_view name);

// A public key with its name.
struct VerifierKey {
  std::string name;
  KeyType type = KeyType::kEd25519;
  Ed25519PublicKey public_key{};

  uint32_t Id() const;
  std::string ToString() const;
  static absl::StatusOr<VerifierKey> Parse(std::string_view vkey);
};

// One signature line.
struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::vector<std::byte> signature;

  // With the line's end.
  std::string ToLine() const;
  // `line` with or without the line's end.
  static std::optional<NoteSignature> Parse(std::string_view line);
};

// A text with its signatures.
struct SignedNote {
  std::string text;  // ends with a newline
  std::vector<NoteSignature> signatures;

  std::string ToString() const;
  // At most 64 KiB and 100 signatures. INVALID_ARGUMENT says what is wrong.
  static absl::StatusOr<SignedNote> Parse(std::string_view note);
};

// Whether the signature is the key's over the text.
bool VerifySignature(const VerifierKey& key, std::string_view text, const NoteSignature& signature);
// Whether the note has a signature of the key, and every line that claims to be of it is right.
bool IsSignedBy(const SignedNote& note, const VerifierKey& key);

// What a cosignature signs.
std::string CosignedText(uint64_t time_s, std::string_view text);

}  // namespace lumbung
