// Tampering is found: a thousand places of a ledger and of what stands beside it are altered, each
// as far repaired as somebody with the disk can repair it, and the audit names the right entries.
// The seed is printed and taken back (LUMBUNG_SEED).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>

#include "rocksdb/db.h"
#include "storage/audit/audit.h"
#include "storage/audit/data_folder.h"
#include "storage/key.h"
#include "storage/segment_file.h"
#include "storage/transparency/transparency_log.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/forged_ledger.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung::audit {
namespace {

constexpr int kCommands = 500;

// Entries in which something was done.
struct Touched {
  Sequence first;
  Sequence last;
  std::string how;
};

// How far the hashes are made to fit afterwards.
enum class Repair : uint8_t { kNone, kBlock, kChain };
constexpr const char* kRepairNames[] = {"as it is", "block sealed", "chain sealed"};

class Tampering : public testing::Test {
 protected:
  Tampering() : seed_(TestSeed()), random_(seed_), sound_(ForgedLedger::Play(seed_, kCommands)) {
    const uint64_t end = sound_.last().value();
    for (const uint64_t size : {end / 4, end / 2, 3 * end / 4, end}) {
      checkpoints_.all.push_back(sound_.CheckpointAt(size, CheckpointFrom::kLog));
    }
  }

  uint64_t Number(uint64_t below) { return random_() % below; }

  absl::StatusOr<Answer> Audit(const LedgerSource& ledger) const {
    return audit::Run(
        {.ledger = ledger, .checkpoints = checkpoints_, .work_folder = testing::TempDir()});
  }
  // Whether a finding is in (or between) the entries that were touched.
  static bool Names(const Report& report, const Touched& touched) {
    return std::ranges::any_of(report.findings, [&](const Finding& finding) {
      return finding.first <= touched.last && touched.first <= finding.last;
    });
  }
  static std::string Text(const Report& report) {
    std::string text;
    for (const Finding& finding : report.findings) {
      text += "\n  " + std::to_string(finding.first.value()) + "-" +
              std::to_string(finding.last.value()) + " " + finding.reason;
    }
    return text.empty() ? "\n  nothing was found" : text;
  }
  void ExpectFound(const LedgerSource& ledger, const Touched& touched) {
    const auto answer = Audit(ledger);
    ASSERT_TRUE(answer.ok()) << answer.status() << "\n" << touched.how;
    EXPECT_FALSE(answer->report.all_well()) << touched.how;
    EXPECT_TRUE(Names(answer->report, touched))
        << touched.how << ", entries " << touched.first.value() << " to " << touched.last.value()
        << Text(answer->report);
  }

  // A bit of an entry, an attachment or a header; a block or an entry removed, doubled or moved;
  // the end cut off or added to.
  Touched Alter(ForgedLedger& ledger, size_t block, Repair repair);
  // Until something is altered: a seal can undo what was done to it.
  Touched AlterSomewhere(ForgedLedger& ledger) {
    while (true) {
      ledger = sound_;
      Touched touched = Alter(ledger, Number(ledger.blocks.size()), static_cast<Repair>(Number(3)));
      if (ledger.blocks != sound_.blocks) return touched;
    }
  }
  Touched FlipBit(ForgedLedger& ledger, size_t block);
  Touched MoveEntries(ForgedLedger& ledger, size_t block);
  void EraseEntries(ForgedLedger& ledger, size_t block, size_t from, size_t count);

  const uint64_t seed_;
  std::mt19937_64 random_;
  const ForgedLedger sound_;
  KnownCheckpoints checkpoints_;
};

Touched Of(const ForgedLedger& ledger, size_t block, std::string how) {
  const Sequence first = ledger.first(block);
  return {first, Sequence{first.value() + ledger.entries(block).size() - 1}, std::move(how)};
}

Touched Tampering::FlipBit(ForgedLedger& ledger, size_t block) {
  Touched touched = Of(ledger, block, "");
  const size_t size = ledger.blocks[block].size();
  const size_t at = Number(size);
  ledger.blocks[block][at] ^= std::byte{static_cast<uint8_t>(1 << Number(8))};
  touched.how = "a bit of byte " + std::to_string(at) + " of " + std::to_string(size) +
                " of block " + std::to_string(block);
  const size_t entry = at < 128 ? SIZE_MAX : (at - 128) / sizeof(Entry);
  if (entry < touched.last.value() - touched.first.value() + 1) {
    touched.first = touched.last = Sequence{touched.first.value() + entry};
  }
  return touched;
}

void Tampering::EraseEntries(ForgedLedger& ledger, size_t block, size_t from, size_t count) {
  auto& bytes = ledger.blocks[block];
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(128 + from * sizeof(Entry));
  bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(count * sizeof(Entry)));
  uint32_t entries = 0;
  std::memcpy(&entries, bytes.data() + 16, sizeof entries);
  entries -= static_cast<uint32_t>(count);
  std::memcpy(bytes.data() + 16, &entries, sizeof entries);
}

// Removes a transaction, or lets it change places with its neighbour.
Touched Tampering::MoveEntries(ForgedLedger& ledger, size_t block) {
  Touched touched = Of(ledger, block, "");
  const std::span<Entry> entries = ledger.entries(block);
  std::vector<size_t> plain;  // transactions of one entry, without an attachment
  for (size_t i = 0; i + 1 < entries.size(); ++i) {
    if (entries[i].leg_count == 1 && entries[i].attachment_length == 0) plain.push_back(i);
  }
  if (plain.empty() || entries.size() < 3) return FlipBit(ledger, block);
  const size_t at = plain[Number(plain.size())];
  touched.first = Sequence{touched.first.value() + at};
  if (entries[at + 1].leg_count == 1 && entries[at + 1].attachment_length == 0) {
    std::swap(entries[at], entries[at + 1]);
    touched.last = Sequence{touched.first.value() + 1};
    touched.how = "two transactions changed places in block " + std::to_string(block);
  } else {
    EraseEntries(ledger, block, at, 1);
    touched.how = "a transaction was removed from block " + std::to_string(block);
  }
  return touched;
}

Touched Tampering::Alter(ForgedLedger& ledger, size_t block, Repair repair) {
  auto& blocks = ledger.blocks;
  const auto place = blocks.begin() + static_cast<std::ptrdiff_t>(block);
  Touched touched = Of(ledger, block, "block " + std::to_string(block));
  switch (Number(8)) {
    case 0:
      blocks.erase(place);
      touched.how += " was removed";
      break;
    case 1:
      if (block + 1 == blocks.size()) --block;
      touched =
          Of(ledger, block, "block " + std::to_string(block) + " changed places with the next");
      touched.last = Of(ledger, block + 1, "").last;
      std::swap(blocks[block], blocks[block + 1]);
      break;
    case 2:
      blocks.insert(place, blocks[block]);
      touched.last = Sequence{touched.last.value() + ledger.entries(block).size()};
      touched.how += " stands there twice";
      break;
    case 3: {
      const Touched end = Of(ledger, blocks.size() - 1, "");
      blocks.resize(block);
      touched.last = end.last;
      touched.how += " and all behind it were cut off";
      break;
    }
    case 4:
      touched = MoveEntries(ledger, block);
      break;
    default:
      touched = FlipBit(ledger, block);
  }
  if (block < blocks.size() && repair == Repair::kBlock && blocks[block].size() >= 128) {
    ledger.SealBlock(block);
  }
  if (block < blocks.size() && repair == Repair::kChain) ledger.SealFrom(block);
  touched.how += std::string(", ") + kRepairNames[static_cast<size_t>(repair)];
  return touched;
}

TEST_F(Tampering, TheUntouchedLedgerIsSound) {
  const auto answer = Audit(sound_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->report.all_well()) << Text(answer->report);
}

TEST_F(Tampering, InTheLedgerIsFoundWhateverHashesAreMadeToFit) {
  for (int i = 0; i < 620; ++i) {
    ForgedLedger ledger;
    const Touched touched = AlterSomewhere(ledger);
    ExpectFound(ledger, touched);
    if (HasFailure()) return;
  }
}

TEST_F(Tampering, OfHistoryWithAllHashesAndBalancesMadeAnewIsFoundByACheckpoint) {
  const std::vector<Sequence> postings = sound_.Postings();
  for (int i = 0; i < 60; ++i) {
    const Sequence changed = postings[Number(postings.size())];
    const ForgedLedger retold = sound_.RetoldFrom(changed);
    ExpectFound(retold, {changed, changed, "history was told anew"});
    if (HasFailure()) return;
  }
}

TEST_F(Tampering, ThatIsSignedAnewIsFoundByAnAuditorWhoKeptACheckpoint) {
  const std::vector<Sequence> postings = sound_.Postings();
  const Sequence changed = postings[postings.size() / 4];
  const ForgedLedger retold = sound_.RetoldFrom(changed);
  const uint64_t kept = (changed.value() + sound_.last().value()) / 2;  // it covers the change
  checkpoints_.all = {retold.CheckpointAt(retold.last().value() / 3, CheckpointFrom::kLog),
                      retold.CheckpointAt(retold.last().value(), CheckpointFrom::kLog)};
  const auto fooled = Audit(retold);
  ASSERT_TRUE(fooled.ok());
  EXPECT_TRUE(fooled->report.all_well())
      << "nobody can know without an old checkpoint" << Text(fooled->report);
  Join({.all = {sound_.CheckpointAt(kept, CheckpointFrom::kAuditor)}}, LogsAre::kSome,
       checkpoints_);
  ExpectFound(retold, {changed, changed, "told and signed anew"});
}

TEST_F(Tampering, ThatEndsTheReadingLeavesNoCheckPassedThatWasNotMade) {
  ForgedLedger broken = sound_;
  const size_t block = broken.blocks.size() / 2;
  broken.blocks[block].back() ^= std::byte{1};
  const uint64_t end = sound_.last().value();
  const Visit visit{.standing = {.last = Sequence{end}, .root = sound_.Root(end)}};
  const auto answer = audit::Run({.ledger = broken,
                                  .checkpoints = checkpoints_,
                                  .visit = visit,
                                  .work_folder = testing::TempDir()});
  ASSERT_TRUE(answer.ok()) << answer.status();
  const Report& report = answer->report;
  EXPECT_EQ(CheckEnd::kFailed, report.of(Check::kChain).end);
  for (const Check check :
       {Check::kCheckpoints, Check::kRules, Check::kSums, Check::kIds, Check::kVisit}) {
    EXPECT_EQ(CheckEnd::kStopped, report.of(check).end) << static_cast<int>(check);
  }
  EXPECT_EQ("the ledger can't be read as far as it went", report.of(Check::kVisit).note);
  EXPECT_EQ(CheckEnd::kSkipped, report.of(Check::kTree).end);
}

TEST_F(Tampering, WithAnExportedFileIsFound) {
  TemporaryFolder folder;
  auto writer = SegmentWriter::Create(folder.Path("good"));
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE(
      sound_.StreamBlocks(Sequence{1}, [&](auto block) { return (*writer)->Add(*block).ok(); })
          .ok());
  ASSERT_TRUE((*writer)->Finish("").ok());
  std::ifstream file(folder.Path("good"), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  for (int i = 0; i < 100; ++i) {
    std::string bad = good;
    const size_t at = Number(bad.size());
    if (i % 4 == 0) bad.resize(at);
    if (i % 4 == 1) bad.insert(at, 1, 'x');
    if (i % 4 >= 2) bad[at] = static_cast<char>(bad[at] ^ (1 << Number(8)));
    std::ofstream(folder.Path("bad"), std::ios::binary) << bad;
    const auto opened = SegmentFile::Open(folder.Path("bad"));
    if (!opened.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(opened.status())) << opened.status();
      continue;
    }
    const auto answer = Audit(**opened);
    if (absl::IsOutOfRange(answer.status())) continue;  // its header names another first sequence
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_FALSE(answer->report.all_well()) << "byte " << at;
    ASSERT_FALSE(answer->report.findings.empty());
    EXPECT_LE(answer->report.findings.front().first.value(), sound_.last().value() + 1);
  }
}

// --- on a data folder ---

// The sound ledger in RocksDB, with its transparency log.
class TamperingWithAFolder : public Tampering {
 protected:
  TamperingWithAFolder() {
    store_ = *LedgerStore::Open(ledger_folder(), Access::kReadWrite);
    auto log = *TransparencyLog::Open(
        {.folder = folder_.Path("transparency"), .sign_interval_ms = 0}, *store_, {});
    for (size_t i = 0; i < sound_.blocks.size(); ++i) {
      AppendToStore(i);
      if (i % 4 != 3) continue;
      EXPECT_TRUE(log->RunOnce().ok());
    }
    EXPECT_TRUE(log->Stop(TransparencyLog::Ending::kSigned).ok());
    log.reset();
    store_.reset();
  }

  std::string ledger_folder() const { return folder_.Path("ledger"); }

  void AppendToStore(size_t i) {
    auto block = std::make_unique<Block>();
    block->Reset(sound_.first(i));
    const auto entries = sound_.entries(i);
    std::span<const std::byte> attachments =
        std::span(sound_.blocks[i]).subspan(128 + entries.size_bytes());
    for (size_t at = 0; at < entries.size(); at += entries[at].leg_count) {
      const size_t bytes = entries[at].attachment_length;
      const auto room = block->Append(entries[at].leg_count, bytes);
      std::ranges::copy(entries.subspan(at, room.size()), room.begin());
      if (bytes > 0) std::ranges::copy(attachments.first(bytes), block->LastAttachment().begin());
      attachments = attachments.subspan(bytes);
    }
    block->Close();
    Block* const pointer = block.get();
    ASSERT_TRUE(store_->Append({&pointer, 1}).ok());
  }

  // The sound ledger, from memory, with the folder's files of the transparency log.
  absl::StatusOr<Answer> AuditBesideFiles(const KnownCheckpoints& own) const {
    const auto key = VerifierKey::Parse(ReadLine("transparency/public-key"));
    if (!key.ok()) return key.status();
    auto log =
        ReadCheckpoints(folder_.Path("transparency/checkpoints"), CheckpointFrom::kLog, *key);
    if (!log.ok()) return log.status();
    Join(own, LogsAre::kAll, *log);
    return audit::Run({.ledger = sound_,
                       .checkpoints = *log,
                       .tree_folder = folder_.Path("transparency/tree"),
                       .work_folder = testing::TempDir()});
  }

  absl::StatusOr<Answer> AuditFolder() {
    auto opened = OpenDataFolder(folder_.Path(""), std::nullopt);
    if (absl::IsDataLoss(opened.status())) return Answer{.report = Unopened(opened.status())};
    if (!opened.ok()) return opened.status();
    return audit::Run({.ledger = *opened->ledger,
                       .damage = opened->damage,
                       .checkpoints = opened->checkpoints,
                       .tree_folder = opened->tree_folder,
                       .derived = opened->derived.get(),
                       .no_derived = opened->no_derived,
                       .work_folder = testing::TempDir()});
  }

  // Writes the blocks through RocksDB, which makes its own checksums.
  void WriteThroughRocksDb(const ForgedLedger& ledger) {
    rocksdb::DB* opened = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    rocksdb::ColumnFamilyOptions blobs;
    blobs.enable_blob_files = true;
    ASSERT_TRUE(rocksdb::DB::Open({}, ledger_folder(), {{"default", {}}, {"ledger", blobs}},
                                  &families, &opened)
                    .ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}, families[1]));
    rocksdb::WriteBatch batch;
    for (it->SeekToFirst(); it->Valid(); it->Next()) batch.Delete(families[1], it->key());
    for (size_t i = 0; i < ledger.blocks.size(); ++i) {
      const auto& bytes = ledger.blocks[i];
      batch.Put(families[1], SequenceKey(ledger.first(i)).slice(),
                {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    ASSERT_TRUE(db->Write({}, &batch).ok());
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
  }

  std::string ReadLine(const std::string& name) const {
    const std::string text = ReadFile(name);
    return text.substr(0, text.find('\n'));
  }
  std::string ReadFile(const std::string& name) const {
    std::ifstream file(folder_.Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void WriteFile(const std::string& name, const std::string& content) const {
    std::ofstream(folder_.Path(name), std::ios::binary) << content;
  }

  TemporaryFolder folder_;
  std::unique_ptr<LedgerStore> store_;
};

TEST_F(TamperingWithAFolder, TheUntouchedFolderIsSound) {
  const auto answer = AuditFolder();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->report.all_well()) << Text(answer->report);
  EXPECT_EQ(CheckEnd::kPassed, answer->report.of(Check::kTree).end);
}

// Whether each block has a key of its own, in order: RocksDB keeps them by what their headers say.
bool HasOrderedKeys(const ForgedLedger& ledger) {
  for (size_t i = 1; i < ledger.blocks.size(); ++i) {
    if (ledger.first(i - 1) >= ledger.first(i)) return false;
  }
  return true;
}

TEST_F(TamperingWithAFolder, ThroughRocksDbItselfIsFound) {
  for (int i = 0; i < 20; ++i) {
    ForgedLedger ledger;
    Touched touched = AlterSomewhere(ledger);
    while (!HasOrderedKeys(ledger)) touched = AlterSomewhere(ledger);
    WriteThroughRocksDb(ledger);
    const auto answer = AuditFolder();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_FALSE(answer->report.all_well()) << touched.how;
    EXPECT_TRUE(Names(answer->report, touched))
        << touched.how << ", entries " << touched.first.value() << " to " << touched.last.value()
        << Text(answer->report);
    if (HasFailure()) return;
  }
}

TEST_F(TamperingWithAFolder, WithTheLastBlocksLeavesWhatIsBeforeThemToBeAudited) {
  ForgedLedger damaged = sound_;
  const size_t first_damaged = damaged.blocks.size() - 2;
  for (size_t i = first_damaged; i < damaged.blocks.size(); ++i) {
    damaged.blocks[i].back() ^= std::byte{1};
  }
  WriteThroughRocksDb(damaged);
  const auto answer = AuditFolder();
  ASSERT_TRUE(answer.ok()) << answer.status();
  const Report& report = answer->report;
  const Sequence expected = sound_.first(first_damaged);
  EXPECT_EQ(2, report.finding_count) << "where the reading ended, and the end" << Text(report);
  EXPECT_EQ(expected, report.findings.at(0).first) << Text(report);
  EXPECT_EQ(expected.value() - 1, report.entries);
  EXPECT_GT(report.newest_checkpoint, 0);
  EXPECT_EQ(CheckEnd::kStopped, report.of(Check::kRules).end);
}

TEST_F(TamperingWithAFolder, WithTheWriteAheadLogLeavesWhatIsBeforeItToBeAudited) {
  std::string log;
  for (const auto& file : std::filesystem::directory_iterator(ledger_folder())) {
    if (file.path().extension() == ".log") log = "ledger/" + file.path().filename().string();
  }
  std::string bytes = ReadFile(log);
  ASSERT_GT(bytes.size(), 1000U) << log;
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(log, bytes);
  const auto answer = AuditFolder();
  ASSERT_TRUE(answer.ok()) << answer.status();
  const Report& report = answer->report;
  EXPECT_EQ(1, report.finding_count) << Text(report);
  EXPECT_NE(std::string::npos, report.findings.at(0).reason.find(".log is damaged at byte"))
      << Text(report);
  EXPECT_GT(report.entries, 0U);
  EXPECT_LT(report.entries, sound_.last().value());
  EXPECT_EQ(report.entries + 1, report.findings.at(0).first.value());
}

TEST_F(TamperingWithAFolder, WithTheStoredTreeIsFound) {
  for (int i = 0; i < 100; ++i) {
    const std::string name = "transparency/tree/level-" + std::to_string(i % 2);
    const std::string good = ReadFile(name);
    ASSERT_GE(good.size(), 32U);
    std::string bad = good;
    const size_t at = Number(bad.size());
    if (i % 5 == 0) {
      bad.resize(at);
    } else {
      bad[at] = static_cast<char>(bad[at] ^ (1 << Number(8)));
    }
    WriteFile(name, bad);
    const auto answer = AuditBesideFiles({});
    WriteFile(name, good);
    ASSERT_TRUE(answer.ok()) << answer.status();
    const uint64_t leaf = at / 32 << (i % 2 * 8);
    EXPECT_TRUE(Names(answer->report, {Sequence{leaf + 1}, Sequence{leaf + 1}, ""}))
        << name << " byte " << at << Text(answer->report);
    if (HasFailure()) return;
  }
}

TEST_F(TamperingWithAFolder, WithTheLogsCheckpointsIsFoundByAnAuditorWhoKeptThem) {
  const std::string name = "transparency/checkpoints";
  const std::string good = ReadFile(name);
  const auto own = ReadCheckpoints(folder_.Path(name), CheckpointFrom::kAuditor, std::nullopt);
  ASSERT_TRUE(own.ok());
  std::vector<std::string> records;
  for (size_t at = 0; at < good.size();) {
    const size_t end = std::min(good.find("\ncheckpoint ", at), good.size() - 1) + 1;
    records.push_back(good.substr(at, end - at));
    at = end;
  }
  ASSERT_GE(records.size(), 4U);
  for (int i = 0; i < 100; ++i) {
    std::string bad = good;
    const size_t record = 1 + Number(records.size() - 1);
    if (i % 5 == 0) bad.erase(bad.find(records[record]), records[record].size());
    if (i % 5 == 1) bad.resize(Number(bad.size()));
    if (i % 5 == 2) {
      bad.erase(bad.find(records[record]), records[record].size());
      bad.insert(0, records[record]);
    }
    if (i % 5 >= 3) {
      const size_t at = Number(bad.size());
      bad[at] = static_cast<char>(bad[at] ^ (1 << Number(8)));
    }
    if (bad == good) continue;
    WriteFile(name, bad);
    const auto answer = AuditBesideFiles(*own);
    WriteFile(name, good);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_FALSE(answer->report.all_well()) << "case " << i % 5;
    EXPECT_NE(CheckEnd::kPassed, answer->report.of(Check::kCheckpoints).end);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace lumbung::audit
