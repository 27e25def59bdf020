#include "storage/transparency/signing_key.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/check.h"
#include "storage/transparency/synced_file.h"

namespace lumbung {

struct SigningKey::Secret {
  explicit Secret(EVP_PKEY* key) : key(key, EVP_PKEY_free) {}
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key;
};

namespace {

constexpr size_t kMostKeyFileBytes = 16384;

absl::StatusOr<std::string> MakePem() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  if (key == nullptr || memory == nullptr ||
      PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return absl::UnavailableError("OpenSSL can't make an Ed25519 key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

EVP_PKEY* ReadPem(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  // An encrypted key would ask at the terminal: an empty passphrase is what it gets.
  char no_passphrase[] = "";
  return PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, no_passphrase);
}

}  // namespace

SigningKey::SigningKey(std::unique_ptr<Secret> secret, VerifierKey verifier)
    : secret_(std::move(secret)), verifier_(std::move(verifier)) {}
SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;

absl::StatusOr<SigningKey> SigningKey::ReadOrMake(const std::string& path, std::string_view name,
                                                  KeyType type) {
  LUMBUNG_CHECK(IsKeyName(name));
  struct stat found {};
  if (stat(path.c_str(), &found) != 0 && errno == ENOENT) {
    const absl::StatusOr<std::string> pem = MakePem();
    if (!pem.ok()) return pem.status();
    if (absl::Status status = CreateSynced(path, *pem); !status.ok()) return status;
    if (stat(path.c_str(), &found) != 0) return absl::UnavailableError("reading the key " + path);
  }
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError("the signing key " + path +
                                         " may be read by others: chmod 600 it");
  }
  const absl::StatusOr<std::string> pem = ReadWhole(path, kMostKeyFileBytes);
  if (!pem.ok()) return pem.status();
  auto secret = std::make_unique<Secret>(ReadPem(*pem));
  VerifierKey verifier{.name = std::string(name), .type = type};
  size_t size = verifier.public_key.size();
  if (secret->key == nullptr || EVP_PKEY_get_id(secret->key.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(secret->key.get(), verifier.public_key.data(), &size) != 1) {
    return absl::DataLossError("the signing key " + path + " is no Ed25519 key in PEM");
  }
  return SigningKey(std::move(secret), std::move(verifier));
}

NoteSignature SigningKey::Signed(std::string_view message, std::string_view before) const {
  Ed25519Signature bytes;
  size_t size = bytes.size();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const bool done =
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secret_->key.get()) == 1 &&
      EVP_DigestSign(context.get(), bytes.data(), &size,
                     reinterpret_cast<const uint8_t*>(message.data()), message.size()) == 1;
  LUMBUNG_CHECK(done && size == bytes.size());
  NoteSignature signature{.name = verifier_.name, .key_id = verifier_.Id()};
  for (const char c : before) signature.signature.push_back(static_cast<std::byte>(c));
  for (const uint8_t byte : bytes) signature.signature.push_back(std::byte{byte});
  return signature;
}

NoteSignature SigningKey::Sign(std::string_view text) const {
  LUMBUNG_CHECK(verifier_.type == KeyType::kEd25519);
  return Signed(text, "");
}

NoteSignature SigningKey::Cosign(std::string_view text, uint64_t time_s) const {
  LUMBUNG_CHECK(verifier_.type == KeyType::kCosignature);
  std::string time;
  for (int shift = 56; shift >= 0; shift -= 8) time += static_cast<char>(time_s >> shift & 0xFF);
  return Signed(CosignedText(time_s, text), time);
}

}  // namespace lumbung
