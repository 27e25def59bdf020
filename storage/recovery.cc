#include "storage/recovery.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/check.h"
#include "engine/replay.h"
#include "storage/block_chain.h"
#include "storage/id_indexer.h"
#include "storage/read_ahead.h"

namespace lumbung {

namespace {

constexpr size_t kObjectsPerPart = 8192;
constexpr auto kProgressEvery = std::chrono::seconds(2);

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class Recovery {
 public:
  Recovery(const LedgerStore& ledger, DerivedStore& derived, State& state, IdWindow& ids,
           const RecoveryPace& pace)
      : ledger_(ledger), derived_(derived), state_(state), ids_(ids), pace_(pace) {}

  absl::StatusOr<RecoveryReport> Run(const std::function<void(Sequence)>& progress);

 private:
  absl::Status CheckWatermarks(const Watermarks& watermarks) const;
  absl::Status CheckReaches(Sequence known) const;
  absl::Status BeginIds(Sequence ids_watermark);
  absl::Status ReplayFrom(Sequence from, const Watermarks& watermarks,
                          const std::function<void(Sequence)>& progress);
  absl::Status ReplayBlock(const StoredBlock& block, Replay& replay);
  absl::Status IndexSealed(Sequence reached, IdIndexer& indexer);
  absl::Status StoreDailyBalances();
  absl::Status Checkpoint();

  const LedgerStore& ledger_;
  DerivedStore& derived_;
  State& state_;
  IdWindow& ids_;
  const RecoveryPace pace_;
  RecoveryReport report_;
  uint64_t since_checkpoint_ = 0;
  uint64_t since_daily_balances_ = 0;
};

absl::StatusOr<RecoveryReport> Recovery::Run(const std::function<void(Sequence)>& progress) {
  const auto start = std::chrono::steady_clock::now();
  const Watermarks watermarks = derived_.watermarks();
  if (absl::Status status = CheckWatermarks(watermarks); !status.ok()) return status;
  Sequence newest;
  if (absl::Status status = derived_.LoadState(state_, newest); !status.ok()) return status;
  // An image that is newer than the watermark is met by its entries on the way.
  if (absl::Status status = CheckReaches(newest); !status.ok()) return status;
  report_.accounts = state_.account_count();
  report_.load_seconds = SecondsSince(start);
  if (absl::Status status = BeginIds(watermarks.ids); !status.ok()) return status;
  report_.last = ledger_.last();
  const Sequence from{std::min(watermarks.state, watermarks.ids).value() + 1};
  report_.replayed_from = from;
  if (from <= report_.last) {
    if (absl::Status status = ReplayFrom(from, watermarks, progress); !status.ok()) return status;
  }
  LUMBUNG_CHECK(state_.last_sequence() == report_.last);
  report_.seconds = SecondsSince(start);
  return report_;
}

// The time of an entry is that of no other ledger's, so the watermark's tells whether the derived
// data was made from this one.
absl::Status Recovery::CheckWatermarks(const Watermarks& watermarks) const {
  const absl::Status reaches = CheckReaches(std::max(watermarks.state, watermarks.ids));
  if (!reaches.ok() || watermarks.state == kNoSequence) return reaches;
  const auto entry = ledger_.ReadEntry(watermarks.state);
  if (!entry.ok()) return entry.status();
  if (entry->entry.timestamp == watermarks.state_timestamp) return absl::OkStatus();
  return absl::DataLossError(
      "the derived data was made from another ledger: it knows entry " +
      std::to_string(watermarks.state.value()) + " with the time " +
      std::to_string(watermarks.state_timestamp.value()) + " ns, which here has " +
      std::to_string(entry->entry.timestamp.value()) +
      " ns. If the ledger is the right one, delete the derived data with `lumbungd "
      "--drop-derived`; it is rebuilt at the next start");
}

absl::Status Recovery::CheckReaches(Sequence known) const {
  const Sequence last = ledger_.last();
  if (known <= last) return absl::OkStatus();
  return absl::DataLossError(
      "the derived data knows entries up to sequence " + std::to_string(known.value()) +
      ", but the ledger ends at " + std::to_string(last.value()) +
      ": the ledger has lost its end, or the two folders are not of one engine");
}

// Ids up to the watermark are in the cold index and not in the window, which therefore begins at
// the time of the entry after it.
absl::Status Recovery::BeginIds(Sequence ids_watermark) {
  if (ids_watermark == kNoSequence) return absl::OkStatus();
  const auto entry = ledger_.ReadEntry(ids_watermark);
  if (!entry.ok()) return entry.status();
  ids_.BeginAt(Timestamp{entry->entry.timestamp.value() + 1});
  return absl::OkStatus();
}

absl::Status Recovery::ReplayFrom(Sequence from, const Watermarks& watermarks,
                                  const std::function<void(Sequence)>& progress) {
  Replay replay(state_, ids_, watermarks.state, watermarks.ids);
  ReadAhead blocks(ledger_, from);
  IdIndexer indexer(ids_, derived_);
  auto last_progress = std::chrono::steady_clock::now();
  while (const std::shared_ptr<const StoredBlock> block = blocks.Next()) {
    const Sequence reached = LastOf(*block);
    absl::Status status = ReplayBlock(*block, replay);
    if (status.ok()) status = IndexSealed(reached, indexer);
    if (!status.ok()) return status;
    const auto now = std::chrono::steady_clock::now();
    if (!progress || now - last_progress < kProgressEvery) continue;
    progress(reached);
    last_progress = now;
  }
  if (!blocks.status().ok()) return blocks.status();
  if (report_.replayed_entries > pace_.checkpoint_every) return Checkpoint();
  return absl::OkStatus();
}

absl::Status Recovery::ReplayBlock(const StoredBlock& block, Replay& replay) {
  if (absl::Status status = replay.Apply(block.first, block.entries, block.attachments);
      !status.ok()) {
    return status;
  }
  report_.replayed_entries += block.entries.size();
  since_checkpoint_ += block.entries.size();
  since_daily_balances_ += block.entries.size();
  if (since_daily_balances_ >= pace_.daily_balances_every) {
    if (absl::Status status = StoreDailyBalances(); !status.ok()) return status;
  }
  if (since_checkpoint_ < pace_.checkpoint_every) return absl::OkStatus();
  return Checkpoint();
}

// A generation that the rest of the ledger doesn't drive out of the window is left to the thread
// that runs beside the pipeline: the start need not wait for it.
absl::Status Recovery::IndexSealed(Sequence reached, IdIndexer& indexer) {
  if (ids_.NeedsSealing()) return indexer.MakeRoom();
  const uint64_t rest = report_.last.value() - reached.value();
  if (rest > ids_.full_at() && ids_.SealedUpTo()) indexer.Begin();
  return absl::OkStatus();
}

absl::Status Recovery::StoreDailyBalances() {
  since_daily_balances_ = 0;
  const std::vector<DailyBalance> balances = state_.TakeDailyBalances();
  return balances.empty() ? absl::OkStatus() : derived_.StoreDailyBalances(balances);
}

absl::Status Recovery::Checkpoint() {
  since_checkpoint_ = 0;
  // A state that is loaded but not yet replayed past its own watermark has nothing to store.
  if (state_.last_sequence() <= derived_.watermarks().state) return absl::OkStatus();
  const Sequence watermark = state_.BeginCheckpoint();
  const Timestamp timestamp = state_.last_timestamp();
  CheckpointPart part;
  do {
    state_.CollectCheckpoint(kObjectsPerPart, part);
    if (absl::Status status = derived_.StorePart(part); !status.ok()) return status;
  } while (!part.complete);
  return derived_.CompleteCheckpoint(watermark, timestamp);
}

}  // namespace

absl::StatusOr<RecoveryReport> Recover(const LedgerStore& ledger, DerivedStore& derived,
                                       State& state, IdWindow& ids,
                                       const std::function<void(Sequence)>& progress,
                                       const RecoveryPace& pace) {
  return Recovery(ledger, derived, state, ids, pace).Run(progress);
}

}  // namespace lumbung
