// The transparency log beside a real ledger: what it signs, what a kill leaves, what damage does.
#include "storage/transparency/transparency_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "engine/business_date.h"
#include "engine/sha256.h"
#include "storage/transparency/checkpoint_file.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/killed_writer.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;

// MTH of RFC 6962 §2.1, by the book: an implementation of its own.
MerkleHash NaiveRoot(const std::vector<std::vector<std::byte>>& leaves, size_t begin, size_t end) {
  std::vector<std::byte> input;
  if (end - begin == 0) return Sha256(input);
  if (end - begin == 1) {
    input = {std::byte{0}};
    input.insert(input.end(), leaves[begin].begin(), leaves[begin].end());
    return Sha256(input);
  }
  size_t split = 1;
  while (split * 2 < end - begin) split *= 2;
  input = {std::byte{1}};
  for (const MerkleHash& half :
       {NaiveRoot(leaves, begin, begin + split), NaiveRoot(leaves, begin + split, end)}) {
    for (const uint8_t byte : half) input.push_back(std::byte{byte});
  }
  return Sha256(input);
}

// Blocks of many lengths, some entries with attachments.
void FillLedger(LedgerStore& ledger, uint64_t entries, std::string_view text) {
  const uint64_t end = ledger.last().value() + entries;
  for (size_t length = 1; ledger.last().value() < end; length = length * 3 % 509 + 1) {
    const uint64_t left = end - ledger.last().value();
    const auto block =
        MakeBlock(Sequence{ledger.last().value() + 1}, std::min<uint64_t>(length, left), text);
    Block* const pointer = block.get();
    ASSERT_TRUE(ledger.Append({&pointer, 1}).ok());
  }
}

class TransparencyLogTest : public testing::Test {
 protected:
  TransparencyLogTest() { OpenLedger("ledger"); }

  void OpenLedger(const std::string& name) {
    ledger_.reset();
    ledger_ = *LedgerStore::Open(folder_.Path(name), Access::kReadWrite);
  }
  void Append(std::unique_ptr<Block> block) {
    Block* const pointer = block.get();
    ASSERT_TRUE(ledger_->Append({&pointer, 1}).ok());
  }
  void Fill(uint64_t entries, std::string_view text = "bon 17") {
    FillLedger(*ledger_, entries, text);
  }

  TransparencyLog::Options Options(int64_t sign_interval_ms = 0) const {
    return {.folder = folder_.Path("log"), .sign_interval_ms = sign_interval_ms};
  }
  absl::StatusOr<std::unique_ptr<TransparencyLog>> TryOpen(TransparencyLog::Options options) {
    return TransparencyLog::Open(
        std::move(options), *ledger_,
        {.on_failure = [this](const absl::Status& status) { failure_ = status; },
         .on_report = [this](std::string_view text) { reports_ += std::string(text) + "\n"; }});
  }
  std::unique_ptr<TransparencyLog> Open(int64_t sign_interval_ms = 0) {
    auto log = TryOpen(Options(sign_interval_ms));
    EXPECT_TRUE(log.ok()) << log.status();
    return std::move(*log);
  }
  static void Round(TransparencyLog& log) {
    const absl::Status status = log.RunOnce();
    ASSERT_TRUE(status.ok()) << status;
  }
  // Opens the log, lets it take everything and sign it.
  void SignAll() {
    const auto log = Open();
    Round(*log);
    ASSERT_EQ(log->newest().size, ledger_->last().value());
  }

  MerkleHash TrueRoot(uint64_t size) const {
    std::vector<std::vector<std::byte>> leaves;
    for (uint64_t sequence = 1; sequence <= size; ++sequence) {
      const StoredEntry entry = *ledger_->ReadEntry(Sequence{sequence});
      const auto bytes = std::as_bytes(std::span(&entry.entry, 1));
      leaves.emplace_back(bytes.begin(), bytes.end());
      leaves.back().insert(leaves.back().end(), entry.attachment.begin(), entry.attachment.end());
    }
    return NaiveRoot(leaves, 0, leaves.size());
  }
  std::map<uint64_t, std::string> Signed(const VerifierKey& key) const {
    CheckpointFile file(folder_.Path("log/checkpoints"));
    EXPECT_TRUE(file.Open(key).ok());
    return file.newest();
  }
  std::vector<uint64_t> SignedSizes(const VerifierKey& key) const {
    std::vector<uint64_t> sizes;
    for (const auto& [size, note] : Signed(key)) sizes.push_back(size);
    return sizes;
  }
  void FlipByte(const std::string& file, uint64_t offset) {
    std::fstream stream(folder_.Path(file), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(static_cast<char>(byte ^ 1));
  }

  const TemporaryFolder folder_;
  std::unique_ptr<LedgerStore> ledger_;
  absl::Status failure_;
  std::string reports_;
};

TEST_F(TransparencyLogTest, SignsTheRootOverAllEntriesAsTheRfcDefinesIt) {
  const auto log = Open();
  EXPECT_EQ(log->newest().size, 0u);
  for (const uint64_t more : {1, 2, 700, 300, 1024}) {
    Fill(more);
    Round(*log);
    const SignedHead head = log->newest();
    EXPECT_EQ(head.size, ledger_->last().value());
    EXPECT_EQ(head.root, TrueRoot(head.size)) << head.size;
    const auto checkpoint = OpenCheckpoint(head.note, log->verifier());
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    EXPECT_EQ(checkpoint->origin, "lumbung/ledger");
    EXPECT_EQ(checkpoint->size, head.size);
    EXPECT_EQ(checkpoint->root, head.root);
  }
}

// Of more blocks than there is room for in memory the last are read back from the ledger.
TEST_F(TransparencyLogTest, TakesTheSameEntriesFromMemoryAndFromTheLedger) {
  Fill(100);
  const auto log = Open();
  for (const size_t blocks : {RecentBlocks::kSlots + 3, size_t{2}, 2 * RecentBlocks::kSlots}) {
    for (size_t i = 0; i < blocks; ++i) {
      Append(MakeBlock(Sequence{ledger_->last().value() + 1}, 1 + i % 3, "bon 17"));
    }
    Round(*log);
    const SignedHead head = log->newest();
    EXPECT_EQ(head.size, ledger_->last().value());
    EXPECT_EQ(head.root, TrueRoot(head.size));
    EXPECT_EQ(ledger_->recent().Front(), nullptr) << "all of them were taken";
  }
  EXPECT_EQ(reports_, "");
}

TEST_F(TransparencyLogTest, ProvesEveryEntryAndEveryEarlierHead) {
  const auto log = Open();
  std::vector<SignedHead> heads = {log->newest()};
  for (int i = 0; i < 6; ++i) {
    Fill(61);
    Round(*log);
    heads.push_back(log->newest());
  }
  const SignedHead& last = heads.back();
  for (uint64_t leaf = 0; leaf < last.size; ++leaf) {
    const StoredEntry entry = *ledger_->ReadEntry(Sequence{leaf + 1});
    const auto proof = log->ProveInclusion({leaf, last.size});
    ASSERT_TRUE(proof.ok()) << proof.status();
    EXPECT_TRUE(VerifyInclusion(
        {leaf, last.size}, LeafHash(std::as_bytes(std::span(&entry.entry, 1)), entry.attachment),
        *proof, last.root));
  }
  for (const SignedHead& head : heads) {
    const auto proof = log->ProveConsistency({head.size, last.size});
    ASSERT_TRUE(proof.ok()) << proof.status();
    EXPECT_TRUE(VerifyConsistency({head.size, last.size}, {head.root, last.root}, *proof));
  }
}

TEST_F(TransparencyLogTest, RefusesQuestionsThatNoTreeAnswers) {
  Fill(10);
  const auto log = Open();
  Round(*log);
  Fill(5);  // durable, not signed yet
  EXPECT_TRUE(absl::IsInvalidArgument(log->ProveInclusion({10, 10}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log->ProveInclusion({0, 0}).status()));
  EXPECT_TRUE(absl::IsNotFound(log->ProveInclusion({3, 11}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(log->ProveConsistency({9, 8}).status()));
  EXPECT_TRUE(absl::IsNotFound(log->ProveConsistency({9, 11}).status()));
  EXPECT_TRUE(log->ProveConsistency({0, 10})->empty());
}

TEST_F(TransparencyLogTest, SignsOnceAnIntervalAndSoonerWhenAsked) {
  // Longer than any machine has been up: the first entries are signed all the same.
  const auto log = Open(int64_t{10} * 365 * 24 * 3'600'000);
  Fill(10);
  Round(*log);
  EXPECT_EQ(log->newest().size, 10u);
  Fill(10);
  Round(*log);
  EXPECT_EQ(log->size(), 20u);
  EXPECT_EQ(log->newest().size, 10u);
  log->AskForCheckpoint();
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  Round(*log);
  EXPECT_EQ(log->newest().size, 20u);
}

TEST_F(TransparencyLogTest, SignsNothingWhileNoEntriesCome) {
  Fill(10);
  const auto log = Open();
  Round(*log);
  const auto bytes = std::filesystem::file_size(folder_.Path("log/checkpoints"));
  for (int i = 0; i < 3; ++i) Round(*log);
  EXPECT_EQ(std::filesystem::file_size(folder_.Path("log/checkpoints")), bytes);
}

// Three entries before midnight in Jakarta, four after it, in one block; the other two zones'
// midnights are elsewhere.
TEST_F(TransparencyLogTest, SignsWhereTheBusinessDayChanges) {
  const Timestamp midnight = StartOf(*ParseDate("2026-11-25"), 7 * 60);
  auto block = std::make_unique<Block>();
  block->Reset(Sequence{1});
  for (int i = -3; i < 4; ++i) {
    AppendPayment(*block, i == 0 ? "pertama" : "");
    const_cast<Entry&>(block->entries().back()).timestamp = Timestamp{midnight.value() + i};
  }
  block->Close();
  const auto log = Open(3'600'000);
  Append(std::move(block));
  Round(*log);
  EXPECT_EQ(SignedSizes(log->verifier()), (std::vector<uint64_t>{0, 3}));
  EXPECT_EQ(log->newest().root, TrueRoot(3));
  // A restart goes on within the block.
  ASSERT_TRUE(log->Stop(TransparencyLog::Ending::kAtOnce).ok());
  const auto again = Open();
  Round(*again);
  EXPECT_EQ(SignedSizes(log->verifier()), (std::vector<uint64_t>{0, 3, 7}));
  EXPECT_EQ(again->newest().root, TrueRoot(7));
}

TEST_F(TransparencyLogTest, SignsWhatIsThereWhenItStopsAndGoesOnFromThere) {
  Fill(1000);
  std::string note;
  {
    const auto log = Open(3'600'000);
    log->Start();
    ASSERT_TRUE(log->Stop(TransparencyLog::Ending::kSigned).ok());
    note = log->newest().note;
    EXPECT_EQ(log->newest().size, 1000u);
  }
  const auto again = Open();
  EXPECT_EQ(again->newest().note, note);
  Round(*again);
  EXPECT_EQ(again->newest().note, note);
  EXPECT_EQ(reports_, "");
}

TEST_F(TransparencyLogTest, FollowsALedgerThatGrowsAndNeverCoversMoreThanIsDurable) {
  const auto log = Open();
  log->Start();
  uint64_t seen = 0;
  for (int i = 0; i < 200; ++i) {
    Fill(50);
    const uint64_t signed_size = log->newest().size;
    EXPECT_LE(signed_size, ledger_->last().value());
    EXPECT_LE(log->size(), ledger_->last().value());
    EXPECT_GE(signed_size, seen);
    seen = signed_size;
  }
  ASSERT_TRUE(log->Stop(TransparencyLog::Ending::kSigned).ok());
  EXPECT_EQ(log->newest().size, 10'000u);
  EXPECT_EQ(log->newest().root, TrueRoot(10'000));
  EXPECT_TRUE(failure_.ok()) << failure_;
}

TEST_F(TransparencyLogTest, RebuildsATreeThatIsMissing) {
  Fill(3000);
  SignAll();
  ASSERT_TRUE(TransparencyLog::DropTree(folder_.Path("log")).ok());
  const auto log = Open();
  EXPECT_TRUE(absl::IsUnavailable(log->ProveInclusion({7, 3000}).status()));
  EXPECT_EQ(log->newest().size, 3000u);
  Round(*log);
  EXPECT_TRUE(log->ProveInclusion({7, 3000}).ok());
  EXPECT_THAT(reports_, HasSubstr("its root at 3000 entries is the signed one"));
}

TEST_F(TransparencyLogTest, DropsATreeWhereALinkLeads) {
  Fill(300);
  SignAll();
  const std::filesystem::path tree = folder_.Path("log/tree");
  std::filesystem::rename(tree, folder_.Path("elsewhere"));
  std::filesystem::create_directory_symlink(folder_.Path("elsewhere"), tree);
  ASSERT_TRUE(TransparencyLog::DropTree(folder_.Path("log")).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.Path("elsewhere")));
  SignAll();
  EXPECT_FALSE(std::filesystem::is_empty(folder_.Path("elsewhere")));
}

TEST_F(TransparencyLogTest, ForgetsWhatWasAppendedAfterTheLastCheckpoint) {
  Fill(700);
  SignAll();
  std::ofstream(folder_.Path("log/tree/level-0"), std::ios::app) << std::string(5000, 'x');
  std::ofstream(folder_.Path("log/tree/level-1"), std::ios::app) << std::string(70, 'x');
  Fill(700);
  SignAll();
  EXPECT_EQ(reports_, "");
  EXPECT_EQ(Open()->newest().root, TrueRoot(1400));
}

TEST_F(TransparencyLogTest, RebuildsATreeThatIsTooShortOrHasAnotherRoot) {
  Fill(700);
  SignAll();
  std::filesystem::resize_file(folder_.Path("log/tree/level-0"), 32 * 650);
  SignAll();
  EXPECT_THAT(reports_, HasSubstr("is not the signed one"));
  reports_.clear();
  FlipByte("log/tree/level-0", 32 * 690);
  SignAll();
  EXPECT_THAT(reports_, HasSubstr("its root at 700 entries is the signed one"));
}

TEST_F(TransparencyLogTest, RebuildsATileThatAProofFindsDamaged) {
  Fill(3000);
  const auto log = Open();
  Round(*log);
  FlipByte("log/tree/level-0", 32 * 700);
  EXPECT_TRUE(log->ProveInclusion({10, 3000}).ok());
  EXPECT_TRUE(absl::IsDataLoss(log->ProveInclusion({701, 3000}).status()));
  Round(*log);
  EXPECT_TRUE(log->ProveInclusion({701, 3000}).ok());
  EXPECT_THAT(reports_, HasSubstr("damaged and rebuilt"));
}

// Puts another file in place of one that this process has open: /dev/full, which takes nothing, or
// /proc/self/mem, whose begin can't be read.
class OtherFile {
 public:
  OtherFile(const std::string& path, const char* other) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      if (std::filesystem::read_symlink(entry.path(), gone) != path) continue;
      file_ = std::stoi(entry.path().filename().string());
    }
    kept_ = dup(file_);
    const int opened = open(other, O_RDWR | O_CLOEXEC);
    EXPECT_EQ(dup2(opened, file_), file_);
    close(opened);
  }
  ~OtherFile() {
    EXPECT_EQ(dup2(kept_, file_), file_);
    close(kept_);
  }

 private:
  int file_ = -1;
  int kept_ = -1;
};

TEST_F(TransparencyLogTest, RebuildsATreeThatTheDiskCantRead) {
  Fill(3000);
  const auto log = Open();
  Round(*log);
  {
    const OtherFile unreadable(folder_.Path("log/tree/level-0"), "/proc/self/mem");
    EXPECT_TRUE(absl::IsDataLoss(log->ProveInclusion({10, 3000}).status()));
  }
  Round(*log);
  EXPECT_TRUE(log->ProveInclusion({10, 3000}).ok());
  EXPECT_THAT(reports_, HasSubstr("damaged and rebuilt"));
}

TEST_F(TransparencyLogTest, SignsNothingOverATreeThatWasDamagedMeanwhile) {
  Fill(700);
  const auto log = Open();
  Round(*log);
  // The parent of the first 256 leaves: no later append reads it, the root does.
  FlipByte("log/tree/level-1", 3);
  Fill(700);
  Round(*log);  // finds it, signs nothing, begins anew
  EXPECT_EQ(log->newest().size, 700u);
  Round(*log);
  EXPECT_EQ(log->newest().size, 1400u);
  EXPECT_EQ(log->newest().root, TrueRoot(1400));
}

TEST_F(TransparencyLogTest, RefusesALedgerThatIsShorterThanWhatWasSigned) {
  Fill(700);
  SignAll();
  OpenLedger("older");
  Fill(600);
  const auto log = TryOpen(Options());
  EXPECT_TRUE(absl::IsDataLoss(log.status()));
  EXPECT_THAT(std::string(log.status().message()), HasSubstr("a checkpoint of 700 entries"));
}

// The whole ledger is written anew from an entry on, with every hash recomputed.
TEST_F(TransparencyLogTest, HaltsOverALedgerThatIsNotTheOneThatWasSigned) {
  for (const uint64_t size : {200, 400, 600}) {
    Fill(size - ledger_->last().value());
    SignAll();
  }
  const std::string before = folder_.Path("log/checkpoints");
  const auto bytes = std::filesystem::file_size(before);
  OpenLedger("rewritten");
  for (int i = 0; i < 2; ++i) Fill(200);
  for (int i = 0; i < 3; ++i) Fill(200, "bon 18");
  const auto log = Open();
  EXPECT_TRUE(log->halted().ok());
  EXPECT_TRUE(absl::IsDataLoss(log->RunOnce()));
  EXPECT_TRUE(absl::IsDataLoss(log->halted()));
  EXPECT_THAT(reports_, HasSubstr("one of entries 401 to 600 was changed after it was signed"));
  const absl::Status asked = log->ProveInclusion({3, 600}).status();
  EXPECT_TRUE(absl::IsDataLoss(asked));
  EXPECT_THAT(std::string(asked.message()), HasSubstr("401 to 600"));
  EXPECT_TRUE(absl::IsDataLoss(log->Stop(TransparencyLog::Ending::kSigned)));
  EXPECT_EQ(std::filesystem::file_size(before), bytes);
}

TEST_F(TransparencyLogTest, RefusesALostKeyAndAnotherOrigin) {
  Fill(10);
  SignAll();
  TransparencyLog::Options other = Options();
  other.origin = "koperasi.example/ledger";
  EXPECT_THAT(std::string(TryOpen(other).status().message()), HasSubstr("its origin is lumbung"));
  std::filesystem::remove(folder_.Path("log/key"));
  const auto log = TryOpen(Options());
  EXPECT_TRUE(absl::IsDataLoss(log.status()));
  EXPECT_THAT(std::string(log.status().message()), HasSubstr("put the key back"));
  EXPECT_FALSE(std::filesystem::exists(folder_.Path("log/key")));
}

TEST_F(TransparencyLogTest, KeepsItsKeyToItselfAndHandsOutThePublicOne) {
  const auto log = Open();
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder_.Path("log/key")).permissions(),
            perms::owner_read | perms::owner_write);
  std::ifstream file(folder_.Path("log/public-key"));
  std::string vkey;
  std::getline(file, vkey);
  EXPECT_EQ(vkey, log->verifier().ToString());
}

// What failed in the middle of an append is known to nobody, although the disk has room again.
TEST_F(TransparencyLogTest, SignsNothingAfterAWriteToTheTreeHasFailed) {
  const auto log = Open();
  Fill(700);
  {
    const OtherFile full(folder_.Path("log/tree/level-1"), "/dev/full");
    EXPECT_TRUE(absl::IsUnavailable(log->RunOnce()));
  }
  EXPECT_TRUE(absl::IsUnavailable(log->Stop(TransparencyLog::Ending::kSigned)));
  EXPECT_EQ(log->newest().size, 0u);
  SignAll();
  EXPECT_EQ(Open()->newest().root, TrueRoot(700));
}

// Not a test but the child of the next one. Ends by itself if the log fails or complains.
TEST(TransparencyLogWriter, DISABLED_SignsUntilItIsKilled) {
  const std::string folder = KilledWriter::Folder();
  const auto ledger = LedgerStore::Open(folder + "/ledger", Access::kReadWrite);
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  const auto end = [](std::string_view why) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
    _exit(1);
  };
  const auto log = TransparencyLog::Open(
      {.folder = folder + "/log", .sign_interval_ms = 0}, **ledger,
      {.on_failure = [&end](const absl::Status& status) { end(status.ToString()); },
       .on_report = end});
  ASSERT_TRUE(log.ok()) << log.status();
  (*log)->Start();
  while (!HasFailure()) FillLedger(**ledger, 40, "bon 17");
}

// Killed at a random moment, many times over one folder: whatever was ever signed is a head of the
// one true ledger, no size was signed twice with two roots, and the log goes on. Every third time
// it may be in its start, else when it has signed something: how quickly is up to the machine.
TEST_F(TransparencyLogTest, SurvivesAKillAtAnyMoment) {
  std::mt19937_64 random(TestSeed());
  const auto signed_bytes = [this] {
    std::error_code error;
    const uintmax_t bytes = std::filesystem::file_size(folder_.Path("log/checkpoints"), error);
    return error ? 0 : bytes;
  };
  for (int round = 0; round < 12; ++round) {
    ledger_.reset();
    const uintmax_t before = signed_bytes();
    KilledWriter writer("DISABLED_SignsUntilItIsKilled", folder_.Path(""));
    const bool is_in_start = round % 3 == 0;
    ASSERT_TRUE(writer.WaitUntil([&] { return is_in_start || signed_bytes() > before; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
    writer.Kill();
    OpenLedger("ledger");
    const auto log = Open();
    Round(*log);
    EXPECT_EQ(reports_, "");
    ASSERT_EQ(log->newest().size, ledger_->last().value());
  }
  const uint64_t last = ledger_->last().value();
  const auto log = Open();
  const MerkleHash root = TrueRoot(last);
  EXPECT_EQ(log->newest().root, root);
  const auto notes = Signed(log->verifier());
  EXPECT_GE(notes.size(), 8u);  // one a round that was waited for, at the least
  for (const auto& [size, note] : notes) {
    const auto proof = log->ProveConsistency({size, last});
    ASSERT_TRUE(proof.ok()) << proof.status();
    const Checkpoint checkpoint = *OpenCheckpoint(note, log->verifier());
    EXPECT_TRUE(VerifyConsistency({size, last}, {checkpoint.root, root}, *proof)) << size;
  }
}

}  // namespace
}  // namespace lumbung
