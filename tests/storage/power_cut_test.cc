// What is promised to be on the disk is there after a power cut: keys, memories, signed heads,
// cosignatures, evidence and marks. Whatever is not synced is gone (power_cut.h). The ledger itself
// is cut in durability_test.cc.
#include "tests/storage/power_cut.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/segment_import.h"
#include "storage/transparency/checkpoint_file.h"
#include "storage/transparency/synced_file.h"
#include "storage/transparency/transparency_log.h"
#include "storage/transparency/tree_files.h"
#include "storage/transparency/witness.h"
#include "tests/storage/played_ledger.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/small_log.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kTime = 1'764'000'000;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class PowerCut : public testing::Test {
 protected:
  PowerCut() { fs::create_directory(path_); }

  // From here on only what is synced is kept.
  void Watch() { disk_ = std::make_unique<WatchedFolder>(path_); }
  std::string In(const std::string& name) const { return path_ + "/" + name; }
  // The folder as it would be after a power cut now, or just after so many syncs.
  std::string Cut() { return CutAfter(disk_->syncs()); }
  std::string CutAfter(size_t syncs) {
    std::string to = folder_.Path("cut-" + std::to_string(++cuts_));
    disk_->CutAfter(syncs, to);
    return to;
  }
  void ExpectNothingNamedTooEarly() const { EXPECT_EQ(disk_->named_too_early(), ""); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("watched");
  std::unique_ptr<WatchedFolder> disk_;

 private:
  int cuts_ = 0;
};

// ---------------------------------------------------------------------------- the watch itself

TEST_F(PowerCut, LeavesWhatWasSyncedAndNothingElse) {
  std::ofstream(In("old")) << "old";
  Watch();
  const int file = open(In("new").c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(write(file, "first", 5), 5);
  ASSERT_EQ(fdatasync(file), 0);
  EXPECT_FALSE(fs::exists(Cut() + "/new")) << "its name is not synced";
  ASSERT_TRUE(SyncFolderOf(In("new")).ok());
  EXPECT_EQ(ReadAll(Cut() + "/new"), "first");
  ASSERT_EQ(write(file, " second", 7), 7);
  EXPECT_EQ(ReadAll(Cut() + "/new"), "first");
  ASSERT_EQ(fsync(file), 0);
  EXPECT_EQ(ReadAll(Cut() + "/new"), "first second");
  EXPECT_EQ(ReadAll(CutAfter(2) + "/new"), "first") << "as it was then";
  close(file);
  EXPECT_EQ(rename(In("new").c_str(), In("old").c_str()), 0);
  EXPECT_EQ(ReadAll(Cut() + "/old"), "old");
  ASSERT_TRUE(SyncFolderOf(In("old")).ok());
  EXPECT_EQ(ReadAll(Cut() + "/old"), "first second");
  EXPECT_FALSE(fs::exists(Cut() + "/new"));
  ExpectNothingNamedTooEarly();
}

TEST_F(PowerCut, TellsOfAFileThatGetsItsNameBeforeItsBytesAreSynced) {
  Watch();
  std::ofstream(In("aside")) << "content";
  EXPECT_EQ(renameat2(AT_FDCWD, In("aside").c_str(), AT_FDCWD, In("name").c_str(), 0), 0);
  EXPECT_EQ(disk_->named_too_early(), In("name") + "\n");
  ASSERT_TRUE(SyncFolderOf(In("name")).ok());
  EXPECT_EQ(ReadAll(Cut() + "/name"), "") << "it may be empty";
}

// -------------------------------------------------------------------------------------- files

TEST_F(PowerCut, LeavesAFileThatWasMadeOrReplacedWholeAtEachMoment) {
  Watch();
  ASSERT_TRUE(CreateSynced(In("file"), "first").ok());
  const size_t made = disk_->syncs();
  EXPECT_EQ(ReadAll(Cut() + "/file"), "first");
  ASSERT_TRUE(ReplaceSynced(In("file"), "second").ok());
  EXPECT_EQ(ReadAll(Cut() + "/file"), "second");
  for (size_t syncs = 0; syncs <= disk_->syncs(); ++syncs) {
    const std::string cut = CutAfter(syncs);
    const std::string content = ReadAll(cut + "/file");
    EXPECT_TRUE(content == "second" || content == (syncs < made ? "" : "first")) << content;
    EXPECT_EQ(fs::exists(cut + "/file"), !content.empty());
  }
  ExpectNothingNamedTooEarly();
}

TEST_F(PowerCut, LeavesACopy) {
  Watch();
  const std::string content(3'000'000, 'x');
  std::ofstream(folder_.Path("source")) << content;
  ASSERT_TRUE(CopySynced(folder_.Path("source"), In("copy")).ok());
  EXPECT_EQ(ReadAll(Cut() + "/copy"), content);
}

TEST_F(PowerCut, LeavesEachRecordThatWasAppended) {
  Watch();
  const auto options = [](const std::string& folder) {
    return RecordFile::Options{.path = folder + "/records", .word = "record", .tail_bytes = 1000};
  };
  RecordFile file(options(path_));
  ASSERT_TRUE(file.Open([](std::string_view) { return absl::OkStatus(); }).ok());
  for (const std::string record : {"satu\n", "dua\n", "tiga\n"}) {
    ASSERT_TRUE(file.Append(record).ok());
    const auto newest = NewestRecord(options(Cut()));
    ASSERT_TRUE(newest.ok()) << newest.status();
    EXPECT_EQ(*newest, record);
  }
}

TEST_F(PowerCut, BringsNoTornRecordBackThatWasCutOff) {
  std::ofstream(In("records")) << "record 5\nsatu\nrecord 4\ndu";
  Watch();
  RecordFile file({.path = In("records"), .word = "record", .tail_bytes = 1000});
  const auto visit = [](std::string_view record) {
    return record.ends_with("\n") ? absl::OkStatus() : absl::InvalidArgumentError("torn");
  };
  ASSERT_TRUE(file.Open(visit).ok());
  EXPECT_EQ(ReadAll(Cut() + "/records"), "record 5\nsatu\n");
}

// ----------------------------------------------------------------------------------- the tree

TEST_F(PowerCut, LeavesEachLevelOfATreeThatWasSynced) {
  constexpr uint64_t kLeaves = (uint64_t{1} << 16) + 300;  // three levels
  TreeFiles tree(path_);
  ASSERT_TRUE(tree.Open().ok());
  Watch();
  const std::vector<MerkleHash> leaves(kLeaves);
  ASSERT_TRUE(tree.Append(leaves).ok());
  ASSERT_TRUE(tree.Sync().ok());
  TreeFiles found(Cut());
  ASSERT_TRUE(found.Open().ok());
  const absl::Status whole = found.Truncate(kLeaves);
  ASSERT_TRUE(whole.ok()) << whole;
  EXPECT_EQ(*found.Root(kLeaves), *tree.Root(kLeaves));
}

TEST_F(PowerCut, LeavesTheMarkOfATreeUntilAllOfItIsMadeAnew) {
  constexpr uint64_t kLeaves = 300;
  TreeFiles tree(path_);
  ASSERT_TRUE(tree.Open().ok());
  Watch();
  ASSERT_TRUE(tree.BeginAnew().ok());
  EXPECT_TRUE(TreeFiles::IsBeingRebuilt(Cut()));
  ASSERT_TRUE(tree.Append(std::vector<MerkleHash>(kLeaves)).ok());
  ASSERT_TRUE(tree.EndAnew().ok());
  ASSERT_FALSE(TreeFiles::IsBeingRebuilt(path_));
  // Its end may be on the disk or not: either way the tree is there.
  TreeFiles found(Cut());
  ASSERT_TRUE(found.Open().ok());
  EXPECT_TRUE(found.Truncate(kLeaves).ok());
}

// ------------------------------------------------------------------------ the transparency log

class PowerCutOfLog : public PowerCut {
 protected:
  PowerCutOfLog() {
    ledger_ = *LedgerStore::Open(folder_.Path("ledger"), Access::kReadWrite);
    witness_ = std::make_unique<SigningKey>(
        *SigningKey::ReadOrMake(folder_.Path("witness"), "dinas", KeyType::kCosignature));
  }

  std::unique_ptr<TransparencyLog> Open(const std::string& folder) {
    auto log = TransparencyLog::Open(
        {.folder = folder, .sign_interval_ms = 0, .witnesses = {witness_->verifier()}}, *ledger_,
        {.on_failure = {}, .on_report = [this](std::string_view text) { reports_ += text; }});
    EXPECT_TRUE(log.ok()) << log.status();
    return log.ok() ? *std::move(log) : nullptr;
  }
  void Sign(TransparencyLog& log, size_t more) {
    const auto block = MakeBlock(Sequence{ledger_->last().value() + 1}, more);
    Block* const pointer = block.get();
    ASSERT_TRUE(ledger_->Append({&pointer, 1}).ok());
    const absl::Status status = log.RunOnce();
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(log.newest().size, ledger_->last().value());
  }
  void Cosign(TransparencyLog& log) {
    const SignedHead head = log.newest();
    const std::string text = head.note.substr(0, head.note.find("\n\n") + 1);
    const auto added = log.AddCosignature(head.size, witness_->Cosign(text, kTime).ToLine());
    ASSERT_TRUE(added.ok()) << added.status();
  }

  std::unique_ptr<LedgerStore> ledger_;
  std::unique_ptr<SigningKey> witness_;
  std::string reports_;
};

TEST_F(PowerCutOfLog, LeavesWhatWasSignedAndCosignedAndTheTreeOfIt) {
  Open(path_);
  Watch();
  const auto log = Open(path_);
  for (const size_t more : {1, 300, 7}) {
    Sign(*log, more);
    Cosign(*log);
    const auto found = Open(Cut());
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->verifier().ToString(), log->verifier().ToString());
    EXPECT_EQ(found->newest().note, log->newest().note) << "with its cosignature";
    EXPECT_EQ(found->size(), log->size());
  }
  for (size_t syncs = 0; syncs < disk_->syncs(); ++syncs) {
    EXPECT_NE(Open(CutAfter(syncs)), nullptr) << syncs << " syncs";
  }
  EXPECT_EQ(reports_, "") << "a head was signed over a tree that has to be rebuilt";
}

// From the first opening on. (The tree may have to be rebuilt.)
TEST_F(PowerCutOfLog, LeavesAtEachMomentAllThatWasHandedOutBefore) {
  Watch();
  std::unique_ptr<TransparencyLog> log;
  std::vector<std::string> handed_out;  // the newest note, after so many syncs
  disk_->BeforeEachSync([&] { handed_out.push_back(log ? log->newest().note : ""); });
  log = Open(path_);
  for (const size_t more : {1, 300}) {
    Sign(*log, more);
    Cosign(*log);
  }
  disk_->BeforeEachSync({});
  handed_out.push_back(log->newest().note);
  ASSERT_EQ(handed_out.size(), disk_->syncs() + 1);
  for (size_t syncs = 0; syncs < handed_out.size(); ++syncs) {
    const auto found = Open(CutAfter(syncs));
    ASSERT_NE(found, nullptr) << syncs << " syncs";
    if (handed_out[syncs].empty()) continue;
    EXPECT_EQ(found->verifier().ToString(), log->verifier().ToString()) << syncs << " syncs";
    const SignedHead newest = found->newest();
    const auto expected = OpenCheckpoint(handed_out[syncs], log->verifier());
    ASSERT_TRUE(expected.ok()) << expected.status();
    EXPECT_GE(newest.size, expected->size) << syncs << " syncs";
    if (newest.size != expected->size) continue;
    EXPECT_TRUE(newest.note.starts_with(handed_out[syncs])) << syncs << " syncs";
  }
  ExpectNothingNamedTooEarly();
}

// ---------------------------------------------------------------------------------- the witness

class PowerCutOfWitness : public PowerCut {
 protected:
  PowerCutOfWitness() {
    for (int leaf = 1; leaf <= 9; ++leaf) {
      log_.Append("entry " + std::to_string(leaf));
      forged_.Append((leaf == 2 ? "a lie " : "entry ") + std::to_string(leaf));
    }
  }
  absl::StatusOr<std::unique_ptr<Witness>> Open(const std::string& folder) const {
    return Witness::Open({.key_file = folder + "/witness.pem",
                          .state_file = folder + "/state",
                          .name = "dinas/saksi",
                          .log = log_.verifier()});
  }
  static absl::StatusOr<NoteSignature> Show(Witness& witness, const SmallLog& log, uint64_t size) {
    MerkleProof proof;
    if (witness.size() > 0 && witness.size() < size) proof = log.Proof({witness.size(), size});
    return witness.Cosign({log.Note(size), proof}, kTime);
  }

  SmallLog log_{folder_.Path("log.pem")};
  SmallLog forged_{folder_.Path("log.pem")};
};

TEST_F(PowerCutOfWitness, LeavesTheMemoryOfWhatItSignedAndItsKey) {
  Watch();
  const auto witness = Open(path_);
  ASSERT_TRUE(witness.ok()) << witness.status();
  for (const uint64_t size : {2, 4, 9}) {
    ASSERT_TRUE(Show(**witness, log_, size).ok());
    const auto found = Open(Cut());
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ((*found)->size(), size);
    EXPECT_EQ((*found)->verifier().ToString(), (*witness)->verifier().ToString());
    EXPECT_EQ(Show(**found, forged_, 9).status().code(), absl::StatusCode::kAborted)
        << "it would sign a second history";
  }
  ExpectNothingNamedTooEarly();
}

// A key without its memory would be refused, for good.
TEST_F(PowerCutOfWitness, LeavesAWitnessAtEachMomentThatCanGoOn) {
  Watch();
  {
    const auto witness = Open(path_);
    ASSERT_TRUE(witness.ok()) << witness.status();
    ASSERT_TRUE(Show(**witness, log_, 2).ok());
    ASSERT_TRUE(Show(**witness, log_, 9).ok());
  }
  ASSERT_GE(disk_->syncs(), 8u);
  uint64_t remembered = 0;
  for (size_t syncs = 0; syncs <= disk_->syncs(); ++syncs) {
    const auto found = Open(CutAfter(syncs));
    ASSERT_TRUE(found.ok()) << syncs << " syncs: " << found.status();
    EXPECT_GE((*found)->size(), remembered) << syncs << " syncs";
    remembered = (*found)->size();
  }
  EXPECT_EQ(remembered, 9u);
}

TEST_F(PowerCutOfWitness, LeavesTheEvidenceOfAFork) {
  Watch();
  const auto witness = Open(path_);
  ASSERT_TRUE(witness.ok()) << witness.status();
  ASSERT_TRUE(Show(**witness, log_, 4).ok());
  const absl::Status refused = Show(**witness, forged_, 9).status();
  ASSERT_EQ(refused.code(), absl::StatusCode::kAborted);
  int evidence = 0;
  for (const fs::directory_entry& file : fs::directory_iterator(Cut())) {
    if (file.path().filename().string().find("state.fork-") != 0) continue;
    ++evidence;
    EXPECT_EQ(ReadAll(file.path()), ReadAll(In(file.path().filename().string())));
    EXPECT_TRUE(ReadAll(file.path()).starts_with("lumbung-fork 1\n"));
  }
  EXPECT_EQ(evidence, 1);
}

// ----------------------------------------------------------------------------------- an import

class PowerCutOfImport : public PowerCut {
 protected:
  // All that was played since the last call.
  std::unique_ptr<SegmentFile> WriteSegment() {
    original_.Play(100);
    original_.Write();
    const std::string path = folder_.Path("segment-" + std::to_string(first_.value()));
    auto writer = SegmentWriter::Create(path);
    EXPECT_TRUE(writer.ok()) << writer.status();
    const absl::Status read = original_.store->ReadBlocks(first_, [&](const StoredBlock& block) {
      EXPECT_TRUE((*writer)->Add(block).ok());
      return true;
    });
    EXPECT_TRUE(read.ok()) << read;
    EXPECT_TRUE((*writer)->Finish("").ok());
    first_ = Sequence{original_.store->last().value() + 1};
    auto segment = SegmentFile::Open(path);
    EXPECT_TRUE(segment.ok()) << segment.status();
    return *std::move(segment);
  }
  static Sequence LastOf(const std::string& data) {
    const auto ledger = LedgerStore::Open(data + "/ledger", Access::kReadOnly);
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    return ledger.ok() ? (*ledger)->last() : kNoSequence;
  }
  static bool IsMarked(const std::string& data) { return !CheckNoUnfinishedImport(data).ok(); }

  PlayedLedger original_{folder_.Path("original"), 20261126};
  Sequence first_{1};
};

// Without the mark a server would start on half a ledger.
TEST_F(PowerCutOfImport, LeavesTheMarkUntilAllOfItIsTakenIn) {
  const auto segment = WriteSegment();
  Watch();
  const auto report = ImportSegment(*segment, In("copy"), {});
  ASSERT_TRUE(report.ok()) << report.status();
  size_t with_ledger = 0;
  for (size_t syncs = 0; syncs < disk_->syncs(); ++syncs) {
    const std::string cut = CutAfter(syncs) + "/copy";
    if (!fs::exists(cut + "/ledger")) continue;
    ++with_ledger;
    EXPECT_TRUE(IsMarked(cut)) << syncs << " syncs";
  }
  EXPECT_GE(with_ledger, 5u);
  const std::string cut = Cut() + "/copy";
  EXPECT_FALSE(IsMarked(cut));
  EXPECT_EQ(LastOf(cut), report->last);
}

TEST_F(PowerCutOfImport, LeavesTheMarkAsSoonAsALedgerThatWasThereGrows) {
  ASSERT_TRUE(ImportSegment(*WriteSegment(), In("copy"), {}).ok());
  const auto segment = WriteSegment();
  Watch();
  const auto report = ImportSegment(*segment, In("copy"), {});
  ASSERT_TRUE(report.ok()) << report.status();
  size_t marked = 0;
  for (size_t syncs = 0; syncs < disk_->syncs(); ++syncs) {
    const std::string cut = CutAfter(syncs) + "/copy";
    if (IsMarked(cut)) {
      ++marked;
    } else {
      EXPECT_EQ(LastOf(cut), report->before) << syncs << " syncs";
    }
  }
  EXPECT_GE(marked, 1u);
  EXPECT_FALSE(IsMarked(Cut() + "/copy"));
  EXPECT_EQ(LastOf(Cut() + "/copy"), report->last);
}

}  // namespace
}  // namespace lumbung
