// An Ed25519 key that signs: of the log, or of a witness. Kept in a file of its own, PEM (PKCS #8),
// readable by its owner alone, which openssl's command line reads too. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/transparency/signed_note.h"

namespace lumbung {

class SigningKey {
 public:
  // Reads the key in the file; makes one (mode 0600, synced, never over another file) if there is
  // no file. FAILED_PRECONDITION if others than the owner may read it, DATA_LOSS if it is no
  // Ed25519 key, UNAVAILABLE if the file can't be read or made. REQUIRES: IsKeyName(name).
  static absl::StatusOr<SigningKey> ReadOrMake(const std::string& path, std::string_view name,
                                               KeyType type);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;

  const VerifierKey& verifier() const { return verifier_; }

  // REQUIRES: a key of type kEd25519.
  NoteSignature Sign(std::string_view text) const;
  // REQUIRES: a key of type kCosignature.
  NoteSignature Cosign(std::string_view text, uint64_t time_s) const;

 private:
  struct Secret;
  SigningKey(std::unique_ptr<Secret> secret, VerifierKey verifier);
  NoteSignature Signed(std::string_view message, std::string_view before) const;

  std::unique_ptr<Secret> secret_;
  VerifierKey verifier_;
};

}  // namespace lumbung
