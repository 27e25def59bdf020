// One life of the simulated engine: from opening what is on the disk to the crash or the orderly
// end. Wired as lumbungd does it, with the threads under the scheduler. Conductor only.
#pragma once

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "engine/clock.h"
#include "engine/id_window.h"
#include "engine/journal.h"
#include "engine/pipeline.h"
#include "engine/state.h"
#include "engine/wait_strategy.h"
#include "storage/background.h"
#include "storage/derived_store.h"
#include "storage/ledger_store.h"
#include "tests/simulation/simulated_env.h"

namespace lumbung {

inline constexpr char kLedgerFolder[] = "/data/ledger";
inline constexpr char kDerivedFolder[] = "/data/derived";

// What the engine wrote, byte by byte, in the order of the sequence; kept over all lives.
struct Written {
  // What was written from this block's first entry on was lost.
  void Take(const Block& block);
  bool Has(const StoredBlock& block) const;
  void CutAfter(Sequence last);

  std::vector<Entry> entries;                       // of sequence 1 on
  std::vector<std::vector<std::byte>> attachments;  // of each of them
  uint64_t appends = 0;                             // that succeeded
};

class Life final : public Journal, public OriginalSource {
 public:
  // `now` is the machine's clock.
  Life(SimulatedDisk& disk, SimulatedEnv& env, const int64_t& now, Written& written);
  ~Life() override;

  // Opens and recovers. The error is the engine's own; a failed check is one too.
  absl::Status Recover();
  // Starts the threads. REQUIRES: Recover succeeded.
  void Start();
  // Gives the turn to one thread, by chance. False if none can go on.
  bool Step(std::mt19937_64& random);
  // With Helping::kLater the helping thread is woken to do the rest (pipeline.h).
  SubmitStatus Submit(Request& request, Room room, Helping helping);
  void WantCheckpoint() { checkpoint_wanted_ = true; }
  bool checkpoint_done() const { return !checkpoint_wanted_; }
  // Ends the threads. REQUIRES: the disk is dead, or all was answered.
  void Stop();

  bool failed() const { return pipeline_ != nullptr && pipeline_->failed(); }
  LedgerStore& ledger() { return *ledger_; }
  DerivedStore& derived() { return *derived_; }
  const State& state() const { return state_; }
  const IdWindow& ids() const { return *ids_; }
  Pipeline& pipeline() { return *pipeline_; }
  // The last sequence whose append returned when the logs were synced.
  Sequence synced() const { return Sequence{synced_.load(std::memory_order_acquire)}; }
  // What the apply thread, or who helped in its place, was told when it asked for the time: one for
  // each request that was applied, in order. REQUIRES: stopped.
  const std::vector<int64_t>& applied_at() const { return applied_at_; }
  // What this life did that not every life does.
  struct Deeds {
    uint64_t appends_by_helper = 0;
    uint64_t appends_by_persist_thread = 0;
    uint64_t generations_indexed = 0;  // in turns of the background thread: one or more at a time
    uint64_t checkpoints = 0;          // completed
  };
  // REQUIRES: stopped.
  const Deeds& deeds() const { return deeds_; }

 private:
  class TurnClock final : public Clock {
   public:
    explicit TurnClock(const int64_t& now) : now_(now) {}
    Timestamp Now() override;

   private:
    const int64_t& now_;
  };
  // The same, and keeps the answers.
  class ApplyClock final : public Clock {
   public:
    ApplyClock(const int64_t& now, Life& life) : turns_(now), life_(life) {}
    Timestamp Now() override;

   private:
    TurnClock turns_;
    Life& life_;
  };

  absl::Status Append(std::span<Block* const> blocks) override;
  bool ReadTransaction(Sequence first, std::vector<Entry>& legs) override;
  absl::Status OpenAndRecover();
  void RunBackground();
  void RunHelping();
  void JudgeDerived();
  void CountAppend();
  bool IsHelping() const { return std::this_thread::get_id() == helper_thread_.get_id(); }

  SimulatedDisk& disk_;
  SimulatedEnv& env_;
  Written& written_;
  ApplyClock apply_clock_;
  TurnClock background_clock_;
  std::vector<int64_t> applied_at_;
  bool helper_asked_last_ = false;
  std::atomic<std::thread::id> apply_thread_;
  Deeds deeds_;  // of each count, its own thread
  std::unique_ptr<LedgerStore> ledger_;
  std::unique_ptr<DerivedStore> derived_;
  State state_;
  std::unique_ptr<IdWindow> ids_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Background> background_;
  std::thread background_thread_;
  std::thread helper_thread_;
  Signal help_signal_{0};
  Sequence last_;
  std::atomic<uint64_t> synced_{0};
  Watermarks judged_;  // background thread
  bool checkpoint_wanted_ = false;
  std::atomic<bool> help_wanted_{false};
  std::atomic<bool> stop_{false};
};

}  // namespace lumbung
