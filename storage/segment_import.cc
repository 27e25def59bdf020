#include "storage/segment_import.h"

#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/block.h"
#include "engine/check.h"
#include "storage/block_chain.h"
#include "storage/folder.h"
#include "storage/ledger_replay.h"
#include "storage/ledger_store.h"
#include "storage/read_ahead.h"
#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

namespace fs = std::filesystem;

// Blocks that one synced write takes: 8 MiB at most.
constexpr size_t kBlocksAtOnce = 64;
constexpr auto kTellEvery = std::chrono::seconds(2);

std::string MarkOf(const std::string& folder) { return folder + "/import-unfinished"; }

absl::Status Refused(const std::string& what) { return absl::FailedPreconditionError(what); }

std::string Hex(const BlockHash& hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const uint8_t byte : hash) hex += {kDigits[byte >> 4], kDigits[byte & 15]};
  return hex;
}

absl::StatusOr<bool> HasMark(const std::string& folder) {
  std::error_code error;
  const bool there = fs::exists(MarkOf(folder), error);
  if (error) return absl::UnavailableError(MarkOf(folder) + ": " + error.message());
  return there;
}

// A folder without a ledger may have nothing else in it but the mark, and what a kill left of
// making it: its file aside has a longer name.
absl::Status CheckNew(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return absl::OkStatus();
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().string().starts_with(MarkOf(folder))) continue;
    return Refused(folder + ": expected an empty or new folder, or one with a ledger, found " +
                   it->path().filename().string());
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError("listing " + folder + ": " + error.message());
}

class Import {
 public:
  Import(const SegmentFile& segment, std::string folder,
         const std::function<void(Sequence)>& progress)
      : segment_(segment), folder_(std::move(folder)), progress_(progress) {}

  absl::StatusOr<ImportReport> Run();

 private:
  absl::Status Open();
  absl::Status CheckFits();
  absl::Status MakeMark();
  absl::Status ReplayFolder();
  absl::Status TakeBlocks();
  absl::Status Take(const StoredBlock& block);
  absl::Status Write();
  void TellProgress(Sequence reached);

  const SegmentFile& segment_;
  const std::string folder_;
  const std::function<void(Sequence)>& progress_;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();

  ImportReport report_;
  std::unique_ptr<LedgerStore> ledger_;
  BlockHash end_hash_ = kGenesisHash;  // of the folder's last block
  LedgerReplay replay_;
  std::vector<std::unique_ptr<Block>> blocks_;  // kBlocksAtOnce, used again and again
  size_t waiting_ = 0;                          // of them, not written yet
};

// In this order: nothing is changed before all that can be refused has been looked at, and a ledger
// that does not replay is not marked.
absl::StatusOr<ImportReport> Import::Run() {
  absl::Status status = segment_.Verify();
  if (status.ok()) status = Open();
  if (status.ok()) status = ReplayFolder();
  if (status.ok()) status = MakeMark();
  if (status.ok()) status = TakeBlocks();
  if (!status.ok()) return status;
  report_.last = ledger_->last();
  report_.state_hash = replay_.state().Hash();
  ledger_.reset();
  if (unlink(MarkOf(folder_).c_str()) != 0) return FileError("removing", MarkOf(folder_));
  if (status = SyncFolderOf(MarkOf(folder_)); !status.ok()) return status;
  return report_;
}

// A new folder is marked before its ledger is made.
absl::Status Import::Open() {
  const absl::StatusOr<bool> marked = HasMark(folder_);
  if (!marked.ok()) return marked.status();
  report_.resumed = *marked;
  const std::string ledger = folder_ + "/ledger";
  std::error_code error;
  const bool is_there = fs::exists(ledger + "/CURRENT", error);
  if (!is_there) {
    // What a kill left while the ledger was made is begun anew with it.
    const bool begun = report_.resumed && fs::exists(ledger, error);
    absl::Status status = begun ? absl::OkStatus() : CheckNew(folder_);
    if (status.ok()) status = CheckFits();
    if (status.ok()) status = MakeMark();
    if (!status.ok()) return status;
  }
  auto opened = LedgerStore::Open(ledger, Access::kReadWrite);
  if (!opened.ok()) return opened.status();
  ledger_ = *std::move(opened);
  report_.before = ledger_->last();
  if (report_.before != kNoSequence) {
    const auto block = ledger_->ReadBlock(report_.before);
    if (!block.ok()) return block.status();
    end_hash_ = HashOf(**block);
  }
  return is_there ? CheckFits() : absl::OkStatus();
}

// Whether the segment begins where the folder's ledger ends; after a kill it may begin before.
absl::Status Import::CheckFits() {
  const SegmentSummary& summary = segment_.summary();
  const uint64_t expected = report_.before.value() + 1;
  const bool may_overlap = report_.resumed && summary.first.value() < expected;
  if (!may_overlap && summary.first.value() != expected) {
    return Refused(folder_ + ": its ledger ends with sequence " +
                   std::to_string(report_.before.value()) +
                   ", so a segment that begins with sequence " + std::to_string(expected) +
                   " was expected; this one begins with " + std::to_string(summary.first.value()));
  }
  if (!may_overlap && summary.previous_hash != end_hash_) {
    return Refused(folder_ + ": a segment that follows the block with the hash " + Hex(end_hash_) +
                   " was expected; this one follows " + Hex(summary.previous_hash) +
                   ": it is of another ledger");
  }
  return absl::OkStatus();
}

// Looks again: who made the mark that Open met may have removed it before the ledger was opened.
absl::Status Import::MakeMark() {
  const absl::StatusOr<bool> marked = HasMark(folder_);
  if (!marked.ok() || *marked) return marked.status();
  std::error_code error;
  // The mode of a folder that is there already is its owner's choice.
  if (!fs::exists(folder_, error)) {
    if (absl::Status status = MakeFolder(folder_, {}); !status.ok()) return status;
    fs::permissions(folder_, fs::perms::owner_all, error);
    if (error) return absl::UnavailableError(folder_ + ": " + error.message());
  }
  return CreateSynced(MarkOf(folder_), "lumbung import was not finished: run it again\n");
}

// The state that the segment's entries are to follow from.
absl::Status Import::ReplayFolder() {
  ReadAhead blocks(*ledger_, Sequence{1});
  while (const auto block = blocks.Next()) {
    if (absl::Status status = replay_.Apply(*block); !status.ok()) return status;
    TellProgress(LastOf(*block));
  }
  return blocks.status();
}

absl::Status Import::TakeBlocks() {
  ReadAhead blocks(segment_, segment_.summary().first);
  // Of what was taken in before a kill: it must be the folder's, so this hash must come by.
  bool met = report_.before < segment_.summary().first;
  const auto of_another = [&] {
    return Refused(folder_ +
                   ": an import of another segment was cut short here: its ledger ends "
                   "with sequence " +
                   std::to_string(report_.before.value()) +
                   ", which this segment does not have with the hash " + Hex(end_hash_));
  };
  while (const auto block = blocks.Next()) {
    if (block->first <= report_.before) {
      met = met || (LastOf(*block) == report_.before && HashOf(*block) == end_hash_);
      continue;
    }
    if (!met) return of_another();
    if (absl::Status status = Take(*block); !status.ok()) return status;
    TellProgress(LastOf(*block));
  }
  if (!blocks.status().ok()) return blocks.status();
  return met ? Write() : of_another();
}

// Replayed first: what breaks the rules is never written.
absl::Status Import::Take(const StoredBlock& block) {
  if (absl::Status status = replay_.Apply(block); !status.ok()) {
    if (absl::Status written = Write(); !written.ok()) return written;
    return absl::DataLossError(std::string(status.message()) +
                               "; what is before it was taken into " + folder_ +
                               ", which stays marked as unfinished");
  }
  if (blocks_.size() == waiting_) blocks_.push_back(std::make_unique<Block>());
  Block& copy = *blocks_[waiting_++];
  copy.Reset(block.first);
  const std::span<Entry> entries = copy.Append(block.entries.size(), block.attachments.size());
  std::memcpy(static_cast<void*>(entries.data()), block.entries.data(), block.entries.size_bytes());
  const std::span<std::byte> attachments = copy.LastAttachment();
  if (!attachments.empty()) {
    std::memcpy(attachments.data(), block.attachments.data(), attachments.size());
  }
  copy.Close();
  end_hash_ = HashOf(block);
  return waiting_ == kBlocksAtOnce ? Write() : absl::OkStatus();
}

absl::Status Import::Write() {
  if (waiting_ == 0) return absl::OkStatus();
  std::vector<Block*> blocks;
  for (size_t i = 0; i < waiting_; ++i) blocks.push_back(blocks_[i].get());
  waiting_ = 0;
  if (absl::Status status = ledger_->Append(blocks); !status.ok()) return status;
  // The store seals the blocks itself: they must have become the segment's own bytes.
  const auto stored = VerifyBlock(blocks.back()->Bytes(), blocks.back()->first());
  LUMBUNG_CHECK(stored.ok() && stored->hash == end_hash_);
  return absl::OkStatus();
}

void Import::TellProgress(Sequence reached) {
  const auto now = std::chrono::steady_clock::now();
  if (!progress_ || now - told_ < kTellEvery) return;
  told_ = now;
  progress_(reached);
}

}  // namespace

absl::StatusOr<ImportReport> ImportSegment(const SegmentFile& segment, const std::string& folder,
                                           const std::function<void(Sequence)>& progress) {
  return Import(segment, folder, progress).Run();
}

absl::Status CheckNoUnfinishedImport(const std::string& folder) {
  const absl::StatusOr<bool> marked = HasMark(folder);
  if (!marked.ok() || !*marked) return marked.status();
  return Refused("an import into " + folder +
                 " was cut short: run lumbung import again with the same file, or, if the folder "
                 "had no ledger before that, delete it");
}

}  // namespace lumbung
