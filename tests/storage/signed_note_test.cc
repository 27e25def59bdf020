#include "storage/transparency/signed_note.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "storage/transparency/base64.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/signing_key.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

// The example of Go's golang.org/x/mod/sumdb/note, whose format C2SP signed-note wrote down.
constexpr char kPeterVkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kPeterNote[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xE2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST(SignedNote, AcceptsThePublishedExample) {
  const auto key = VerifierKey::Parse(kPeterVkey);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->ToString(), kPeterVkey);
  const auto note = SignedNote::Parse(kPeterNote);
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(note->ToString(), kPeterNote);
  EXPECT_TRUE(IsSignedBy(*note, *key));
}

TEST(SignedNote, RefusesEachAlteredByte) {
  const auto key = VerifierKey::Parse(kPeterVkey);
  for (size_t i = 0; i < sizeof(kPeterNote) - 1; ++i) {
    for (const int flipped : {1, 2, 0x20, 0x80}) {
      std::string altered = kPeterNote;
      altered[i] = static_cast<char>(altered[i] ^ flipped);
      const auto note = SignedNote::Parse(altered);
      EXPECT_FALSE(note.ok() && IsSignedBy(*note, *key)) << "byte " << i << " ^ " << flipped;
    }
  }
}

TEST(SignedNote, AKeyIsMadeOnceAndForItsOwnerAlone) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("key.pem");
  const auto made = SigningKey::ReadOrMake(path, "lumbung/test", KeyType::kEd25519);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto read = SigningKey::ReadOrMake(path, "lumbung/test", KeyType::kEd25519);
  EXPECT_EQ(read->verifier().ToString(), made->verifier().ToString());
  std::filesystem::permissions(path, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(SigningKey::ReadOrMake(path, "a", KeyType::kEd25519).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(SignedNote, ACheckpointIsOpenedWithItsOwnKeyOnlyAndACosignatureCountsBesideIt) {
  const TemporaryFolder folder;
  const auto log = SigningKey::ReadOrMake(folder.Path("log"), "lumbung/a", KeyType::kEd25519);
  const auto other = SigningKey::ReadOrMake(folder.Path("other"), "lumbung/a", KeyType::kEd25519);
  const auto witness = SigningKey::ReadOrMake(folder.Path("w"), "dinas", KeyType::kCosignature);
  SignedNote note{.text = Checkpoint{.origin = "lumbung/a", .size = 7}.ToText()};
  note.signatures = {log->Sign(note.text), witness->Cosign(note.text, 1'700'000'000)};
  const auto opened = OpenCheckpoint(note.ToString(), log->verifier());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->size, 7U);
  EXPECT_FALSE(OpenCheckpoint(note.ToString(), other->verifier()).ok());
  EXPECT_TRUE(IsSignedBy(note, witness->verifier()));
  note.signatures[1].signature[0] ^= std::byte{1};  // its time
  EXPECT_FALSE(IsSignedBy(note, witness->verifier()));
}

TEST(SignedNote, Base64HasOneTextForOneValue) {
  for (const char* wrong : {"QQ", "QR==", "QQ==QQ==", "Q===", "QQ=A", "Q Q=", "====", "A"}) {
    EXPECT_FALSE(DecodeBase64(wrong)) << wrong;
  }
  EXPECT_EQ(DecodeBase64("QQ==")->size(), 1U);
  EXPECT_TRUE(DecodeBase64("")->empty());
}

}  // namespace
}  // namespace lumbung
