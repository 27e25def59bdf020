// What a witness signs, what it refuses, and what it remembers through a kill.
#include "storage/transparency/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <thread>

#include "storage/transparency/witness_rule.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/small_log.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kTime = 1'764'000'000;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteAll(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

class WitnessTest : public testing::Test {
 protected:
  WitnessTest() {
    for (int leaf = 1; leaf <= 40; ++leaf) {
      log_.Append("entry " + std::to_string(leaf));
      // The insider changes entry 21, and goes on with hashes and signatures that fit.
      forged_.Append((leaf == 21 ? "a lie " : "entry ") + std::to_string(leaf));
    }
  }

  Witness::Options Options() const {
    return {.key_file = folder_.Path("witness.pem"),
            .state_file = folder_.Path("state"),
            .name = "dinas/saksi",
            .log = log_.verifier()};
  }
  absl::StatusOr<std::unique_ptr<Witness>> Open() { return Witness::Open(Options()); }
  static absl::StatusOr<NoteSignature> Show(Witness& witness, const SmallLog& log, uint64_t size) {
    MerkleProof proof;
    if (witness.size() > 0 && witness.size() < size) proof = log.Proof({witness.size(), size});
    return witness.Cosign({log.Note(size), proof}, kTime);
  }
  std::vector<std::string> Evidence() const {
    std::vector<std::string> paths;
    for (const auto& file : std::filesystem::directory_iterator(folder_.Path("."))) {
      const std::string path = file.path().string();
      if (path.find("state.fork-") != std::string::npos) paths.push_back(path);
    }
    return paths;
  }

  const TemporaryFolder folder_;
  SmallLog log_{folder_.Path("log.pem")};
  SmallLog forged_{folder_.Path("log.pem")};
};

TEST_F(WitnessTest, CosignsEachCheckpointThatExtendsTheOneBefore) {
  const auto witness = *Open();
  for (const uint64_t size : {1, 2, 3, 7, 7, 8, 21, 40}) {
    const auto signature = Show(*witness, log_, size);
    ASSERT_TRUE(signature.ok()) << signature.status();
    EXPECT_TRUE(VerifySignature(witness->verifier(), log_.At(size).ToText(), *signature));
    EXPECT_FALSE(VerifySignature(witness->verifier(), log_.At(size - 1).ToText(), *signature));
    EXPECT_EQ(witness->size(), size);
  }
  EXPECT_TRUE(Evidence().empty());
}

// Else what it signed since would be forgotten as soon as the link is made again.
TEST_F(WitnessTest, RemembersWhereALinkLeads) {
  { ASSERT_TRUE(Show(**Open(), log_, 20).ok()); }
  std::filesystem::create_symlink(folder_.Path("state"), folder_.Path("link"));
  Witness::Options linked = Options();
  linked.state_file = folder_.Path("link");
  {
    const auto witness = Witness::Open(linked);
    ASSERT_TRUE(witness.ok()) << witness.status();
    EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition) << "one lock";
    ASSERT_TRUE(Show(**witness, log_, 30).ok());
  }
  EXPECT_TRUE(std::filesystem::is_symlink(folder_.Path("link")));
  EXPECT_EQ((*Open())->size(), 30u);
}

TEST_F(WitnessTest, RefusesAForkWhateverItsSizeAndKeepsBothNotes) {
  for (const uint64_t size : {30, 31, 40}) {
    {
      const auto witness = *Open();
      if (witness->size() == 0) {
        ASSERT_TRUE(Show(*witness, log_, 30).ok());
      }
      const auto refused = Show(*witness, forged_, size);
      EXPECT_EQ(refused.status().code(), absl::StatusCode::kAborted) << refused.status();
      EXPECT_THAT(std::string(refused.status().message()), HasSubstr("fork"));
    }
    EXPECT_EQ((*Open())->size(), 30u);
  }
  ASSERT_EQ(Evidence().size(), 3u);
  for (const std::string& path : Evidence()) {
    const std::string evidence = ReadAll(path);
    EXPECT_THAT(evidence, HasSubstr("lumbung-fork 1\nfork: "));
    EXPECT_THAT(evidence, HasSubstr(log_.verifier().ToString()));
    EXPECT_THAT(evidence, HasSubstr(log_.Note(30)));
  }
  const auto witness = *Open();
  EXPECT_TRUE(Show(*witness, log_, 31).ok()) << "the true history goes on";
}

TEST_F(WitnessTest, RefusesASmallerTreeAsARollback) {
  const auto witness = *Open();
  ASSERT_TRUE(Show(*witness, log_, 30).ok());
  const auto refused = Show(*witness, log_, 29);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("rollback"));
  ASSERT_EQ(Evidence().size(), 1u);
  EXPECT_THAT(ReadAll(Evidence()[0]), HasSubstr(log_.Note(29)));
}

TEST_F(WitnessTest, TakesNoProofButTheRightOne) {
  const auto witness = *Open();
  ASSERT_TRUE(Show(*witness, log_, 21).ok());
  MerkleProof proof = log_.Proof({21, 40});
  proof.back()[0] ^= 1;
  EXPECT_FALSE(witness->Cosign({log_.Note(40), proof}, kTime).ok());
  EXPECT_FALSE(witness->Cosign({log_.Note(40), {}}, kTime).ok());
  EXPECT_FALSE(witness->Cosign({log_.Note(40), log_.Proof({20, 40})}, kTime).ok());
  EXPECT_EQ(witness->size(), 21u);
  EXPECT_TRUE(Show(*witness, log_, 40).ok());
}

TEST_F(WitnessTest, SignsNothingThatTheLogHasNotSigned) {
  const SmallLog other(folder_.Path("other.pem"));
  const auto witness = *Open();
  const auto refused = witness->Cosign({other.Note(0), {}}, kTime);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  for (size_t i = 0; i < log_.Note(5).size(); ++i) {
    std::string note = log_.Note(5);
    note[i] = static_cast<char>(note[i] ^ 1);
    EXPECT_FALSE(witness->Cosign({note, {}}, kTime).ok()) << "byte " << i;
  }
}

TEST_F(WitnessTest, DoesNotWorkWithoutItsMemory) {
  ASSERT_TRUE(Show(**Open(), log_, 30).ok());
  EXPECT_EQ(std::filesystem::status(folder_.Path("witness.pem")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string state = ReadAll(folder_.Path("state"));
  std::filesystem::remove(folder_.Path("state"));
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
  for (size_t i = 0; i < state.size(); ++i) {
    std::string damaged = state;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    WriteAll(folder_.Path("state"), damaged);
    EXPECT_FALSE(Open().ok()) << "byte " << i;
  }
  WriteAll(folder_.Path("state"), state);
  EXPECT_EQ((*Open())->size(), 30u);
}

TEST_F(WitnessTest, IsOneProcessForOneLog) {
  const auto witness = *Open();
  EXPECT_THAT(std::string(Open().status().message()), HasSubstr("another process holds"));
  ASSERT_TRUE(Show(*witness, log_, 3).ok());
  Witness::Options other = Options();
  other.log = SmallLog(folder_.Path("other.pem")).verifier();
  EXPECT_FALSE(Witness::Open(other).ok());
}

// Signs checkpoints of the one history or the other, as they come, and tells each of them.
void SignUntilKilled(const Witness::Options& options, const SmallLog& log, const SmallLog& forged,
                     uint64_t seed, int pipe) {
  std::mt19937_64 random(seed);
  const auto witness = *Witness::Open(options);
  while (true) {
    const SmallLog& shown = random() % 2 == 0 ? log : forged;
    const uint64_t size = std::min<uint64_t>(witness->size() + random() % 2, shown.size());
    MerkleProof proof;
    if (witness->size() > 0 && witness->size() < size) proof = shown.Proof({witness->size(), size});
    const auto signature = witness->Cosign({shown.Note(size), proof}, kTime);
    if (!signature.ok()) continue;
    const std::string told = std::to_string(size) + (&shown == &log ? " true\n" : " forged\n");
    if (write(pipe, told.data(), told.size()) < 0) _exit(1);
  }
}

// Until something more is told than there is, 20 s at most: a busy machine lets a child wait.
void WaitForMore(int pipe) {
  const auto told = [pipe] {
    int bytes = 0;
    return ioctl(pipe, FIONREAD, &bytes) == 0 ? bytes : -1;
  };
  const int before = told();
  for (int i = 0; i < 20'000 && told() == before; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_F(WitnessTest, KilledAtAnyMomentItNeverSignsTwoHistories) {
  std::mt19937_64 random(TestSeed());
  for (int life = 0; life < 5; ++life) {
    std::filesystem::remove(folder_.Path("state"));
    std::filesystem::remove(folder_.Path("witness.pem"));
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    for (int kill_number = 0; kill_number < 12; ++kill_number) {
      const uint64_t seed = random();
      const pid_t child = fork();
      ASSERT_GE(child, 0);
      if (child == 0) SignUntilKilled(Options(), log_, forged_, seed, pipe_ends[1]);
      if (kill_number % 2 == 0) WaitForMore(pipe_ends[0]);
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 12'000));
      kill(child, SIGKILL);
      int status = 0;
      waitpid(child, &status, 0);
      ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    }
    close(pipe_ends[1]);
    std::string told;
    for (char part[4096]; const ssize_t got = read(pipe_ends[0], part, sizeof(part));) {
      ASSERT_GT(got, 0);
      told.append(part, static_cast<size_t>(got));
    }
    close(pipe_ends[0]);
    std::set<std::string> histories;
    uint64_t before = 0;
    std::istringstream lines(told);
    for (uint64_t size = 0; lines >> size;) {
      std::string history;
      lines >> history;
      EXPECT_GE(size, before);
      before = size;
      if (size > 20) histories.insert(history);
    }
    EXPECT_GT(before, 0u) << "it signed nothing";
    EXPECT_LE(histories.size(), 1u) << told;
  }
}

TEST_F(WitnessTest, CosignaturesAreCountedByPublicKeyAndAWrongOneIsNeverPassedOver) {
  std::vector<SigningKey> keys;
  SignedNote note = *SignedNote::Parse(log_.Note(9));
  for (const char* name : {"a", "b", "c"}) {
    keys.push_back(*SigningKey::ReadOrMake(folder_.Path(name), name, KeyType::kCosignature));
  }
  keys.push_back(*SigningKey::ReadOrMake(folder_.Path("a"), "alias", KeyType::kCosignature));
  for (const size_t signer : {0, 1, 3})
    note.signatures.push_back(keys[signer].Cosign(note.text, 5));
  WitnessRule rule;
  for (const SigningKey& key : keys) rule.witnesses.push_back(key.verifier());
  for (const size_t needed : {0, 1, 2}) {
    rule.needed = needed;
    EXPECT_TRUE(CheckCosignatures(note, rule).ok()) << needed;
  }
  rule.needed = 3;
  EXPECT_THAT(std::string(CheckCosignatures(note, rule).message()),
              HasSubstr("2 of 3 cosignatures of the named witnesses; not of c"));
  rule.needed = 1;
  note.signatures[2].signature.back() ^= std::byte{1};
  EXPECT_FALSE(CheckCosignatures(note, rule).ok());
  const std::string first = keys[0].verifier().ToString();
  EXPECT_EQ(ParseWitnesses(first + "\n " + keys[1].verifier().ToString())->size(), 2u);
  EXPECT_TRUE(ParseWitnesses("")->empty());
  EXPECT_FALSE(ParseWitnesses(first + " " + keys[3].verifier().ToString()).ok());
  EXPECT_FALSE(ParseWitnesses(log_.verifier().ToString()).ok());
}

}  // namespace
}  // namespace lumbung
