// The file of cosignatures: what is taken, what is refused, and what damage does.
#include "storage/transparency/cosignatures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "storage/transparency/witness_rule.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/small_log.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;

class CosignaturesTest : public testing::Test {
 protected:
  CosignaturesTest() {
    for (uint64_t size = 1; size <= 9; ++size) {
      log_.Append("entry " + std::to_string(size));
      notes_[size] = log_.Note(size);
    }
    for (const char* name : {"dinas", "akuntan", "stranger"}) {
      keys_.push_back(*SigningKey::ReadOrMake(folder_.Path(name), name, KeyType::kCosignature));
    }
  }

  std::unique_ptr<Cosignatures> Made() const {
    return std::make_unique<Cosignatures>(
        path_, std::vector<VerifierKey>{keys_[0].verifier(), keys_[1].verifier()});
  }
  std::unique_ptr<Cosignatures> Opened() const {
    auto cosignatures = Made();
    const absl::Status status = cosignatures->Open(notes_);
    EXPECT_TRUE(status.ok()) << status;
    return cosignatures;
  }
  std::string Line(size_t key, uint64_t size, uint64_t time_s = 1000) const {
    return keys_[key].Cosign(log_.At(size).ToText(), time_s).ToLine();
  }
  absl::Status Add(Cosignatures& cosignatures, uint64_t size, const std::string& line) const {
    return cosignatures.Add({size, notes_.at(size)}, line);
  }
  // How many of the witnesses have cosigned; each line handed out must be right.
  size_t Count(const Cosignatures& cosignatures, uint64_t size) const {
    const auto note = SignedNote::Parse(cosignatures.WithCosignatures({size, notes_.at(size)}));
    EXPECT_TRUE(note.ok()) << note.status();
    for (const NoteSignature& signature : note->signatures) {
      const bool right = VerifySignature(log_.verifier(), note->text, signature) ||
                         VerifySignature(keys_[0].verifier(), note->text, signature) ||
                         VerifySignature(keys_[1].verifier(), note->text, signature);
      EXPECT_TRUE(right) << signature.ToLine();
    }
    return note->signatures.size() - 1;
  }
  std::string Content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& content) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << content;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("cosignatures");
  SmallLog log_{folder_.Path("log.pem")};
  std::vector<SigningKey> keys_;
  std::map<uint64_t, std::string> notes_;
};

TEST_F(CosignaturesTest, AreHandedOutWithTheirCheckpointAlsoAfterARestart) {
  {
    const auto cosignatures = Opened();
    EXPECT_EQ(cosignatures->NewestWith(1), std::nullopt);
    EXPECT_TRUE(Add(*cosignatures, 3, Line(0, 3)).ok());
    EXPECT_TRUE(Add(*cosignatures, 3, Line(1, 3)).ok());
    EXPECT_TRUE(Add(*cosignatures, 8, Line(1, 8)).ok());
  }
  for (const auto& cosignatures : {Opened(), Opened()}) {
    EXPECT_EQ(Count(*cosignatures, 3), 2u);
    EXPECT_EQ(Count(*cosignatures, 8), 1u);
    EXPECT_EQ(Count(*cosignatures, 9), 0u);
    EXPECT_EQ(cosignatures->NewestWith(1), 8u);
    EXPECT_EQ(cosignatures->NewestWith(2), 3u);
  }
}

TEST_F(CosignaturesTest, ARepeatIsHarmlessAndWritesNothing) {
  const auto cosignatures = Opened();
  ASSERT_TRUE(Add(*cosignatures, 3, Line(0, 3)).ok());
  const std::string before = Content();
  for (const uint64_t time_s : {1000, 1000, 2000}) {
    EXPECT_TRUE(Add(*cosignatures, 3, Line(0, 3, time_s)).ok());
  }
  EXPECT_EQ(Content(), before);
  EXPECT_EQ(Count(*cosignatures, 3), 1u);
}

TEST_F(CosignaturesTest, WhatIsNotATrustedWitnessSLineOverThisCheckpointIsRefused) {
  const auto cosignatures = Opened();
  const absl::Status stranger = Add(*cosignatures, 3, Line(2, 3));
  EXPECT_EQ(stranger.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(stranger.message()), HasSubstr("stranger+"));
  EXPECT_EQ(Add(*cosignatures, 3, Line(0, 4)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Add(*cosignatures, 3, std::string(1 << 20, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
  const std::string line = Line(0, 3);
  std::mt19937_64 random(TestSeed());
  for (int i = 0; i < 2000; ++i) {
    std::string altered = line.substr(0, random() % (line.size() - 1));
    if (i % 2 == 0) {
      altered = line;
      altered[random() % (line.size() - 1)] ^= static_cast<char>(1 + random() % 255);
    }
    EXPECT_FALSE(Add(*cosignatures, 3, altered).ok()) << altered;
  }
  EXPECT_EQ(Content(), "");
}

TEST_F(CosignaturesTest, ATornTailIsCutOffAndAllThatWasAcknowledgedBeforeItStays) {
  ASSERT_TRUE(Add(*Opened(), 3, Line(0, 3)).ok());
  const std::string acknowledged = Content();
  ASSERT_TRUE(Add(*Opened(), 4, Line(0, 4)).ok());
  const std::string whole = Content();
  for (size_t length = acknowledged.size(); length < whole.size(); ++length) {
    Write(whole.substr(0, length));
    const auto cosignatures = Opened();
    EXPECT_EQ(Content(), acknowledged);
    EXPECT_EQ(cosignatures->NewestWith(1), 3u);
    EXPECT_TRUE(Add(*cosignatures, 4, Line(0, 4)).ok());
    EXPECT_EQ(Content(), whole);
  }
}

// What was acknowledged is not cut off because its length says that more was to follow.
TEST_F(CosignaturesTest, ALastOneWhoseLengthWasAlteredIsDamage) {
  ASSERT_TRUE(Add(*Opened(), 3, Line(0, 3)).ok());
  const std::string content = "3\n" + Line(0, 3);
  ASSERT_EQ(Content(), "cosignature " + std::to_string(content.size()) + "\n" + content);
  const std::string damaged = "cosignature " + std::to_string(content.size() + 1) + "\n" + content;
  Write(damaged);
  EXPECT_EQ(Made()->Open(notes_).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Content(), damaged);
}

TEST_F(CosignaturesTest, DamageIsNamedOrLeftOutButNeverHandedOut) {
  for (uint64_t size = 1; size <= 3; ++size) ASSERT_TRUE(Add(*Opened(), size, Line(0, size)).ok());
  const std::string good = Content();
  size_t named = 0;
  for (size_t i = 0; i < good.size(); ++i) {
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    Write(damaged);
    const auto cosignatures = Made();
    const absl::Status status = cosignatures->Open(notes_);
    if (status.ok()) {
      for (uint64_t size = 1; size <= 3; ++size) Count(*cosignatures, size);
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
      ++named;
    }
  }
  EXPECT_GT(named, good.size() / 2);
}

TEST_F(CosignaturesTest,
       ACosignatureWithoutItsCheckpointIsDamageUnlessItIsOlderThanAllThatAreKept) {
  ASSERT_TRUE(Add(*Opened(), 5, Line(0, 5)).ok());
  notes_.erase(5);
  EXPECT_EQ(Made()->Open(notes_).code(), absl::StatusCode::kDataLoss);
  for (uint64_t size = 1; size <= 4; ++size) notes_.erase(size);
  EXPECT_TRUE(Made()->Open(notes_).ok());
  EXPECT_EQ(Made()->Open({}).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace lumbung
