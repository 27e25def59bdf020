// What follows from the ledger and is kept to be quick: a RocksDB database of its own, folder
// `derived/`, without a WAL. It may be deleted at any time the server is down (`lumbungd
// --drop-derived`) and is rebuilt from the ledger at the next start.
//
// Column families: `accounts`, `holds`, `follow_ups`, `organisation` (checkpoint images),
// `daily_balances`, `ids` (cold index, filled by SST ingestion only), `default` (watermarks).
//
// INVARIANTS
//  - All families but `ids` are flushed atomically, so what is on disk is a prefix of what was
//  written:
//    a daily balance written before an image is never missing where the image is present. Ahead of
//    that may be images of holds, which are ingested if they are many (hold_images.h).
//  - Nothing is written here that is not durable in the ledger.
//  - state_watermark: every effect of entries up to it is in the images on disk.
//  - ids_watermark: every id spent by entries up to it is in `ids`.
//
// Threads: one background thread writes (while recovering two: one calls IndexIds, the other the
// rest); reading is free for any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/cold_index.h"
#include "engine/daily_balance.h"
#include "engine/id_window.h"
#include "engine/state.h"
#include "engine/types.h"
#include "storage/store_settings.h"

namespace lumbung {

struct Watermarks {
  Sequence state;             // 0: no checkpoint
  Timestamp state_timestamp;  // of entry `state`
  Sequence ids;               // 0: no id was indexed
};

class DerivedStore final : public ColdIndex {
 public:
  // FAILED_PRECONDITION if it is open already, in this process or another; DATA_LOSS, with the way
  // to mend it, if it is damaged (so do all functions below that read).
  static absl::StatusOr<std::unique_ptr<DerivedStore>> Open(const std::string& folder,
                                                            StoreSettings settings = {});
  // Deletes the database in the folder; of a symbolic link, what it leads to, and the link stays.
  // FAILED_PRECONDITION if a process has it open.
  static absl::Status Drop(const std::string& name);
  ~DerivedStore() override;

  Watermarks watermarks() const;

  // --- checkpoint ---
  absl::Status StorePart(const CheckpointPart& part);
  absl::Status StoreDailyBalances(std::span<const DailyBalance> balances);
  // Flushes all parts and then sets the watermark.
  absl::Status CompleteCheckpoint(Sequence watermark, Timestamp timestamp);
  // Hands the stored images over, in parts, and FinishLoads the state. Does nothing if there is no
  // checkpoint. `newest` becomes the last entry that any image shows, which may be after the
  // watermark; 0 if there is no checkpoint.
  absl::Status LoadState(State& state, Sequence& newest) const;
  absl::Status LoadState(State& state) const;

  // --- daily balances ---
  // The account's first snapshot with date >= `date`, if any.
  absl::StatusOr<std::optional<DailyBalance>> FirstDailyBalanceFrom(AccountId account,
                                                                    BusinessDate date) const;
  // The account's last snapshot with date <= `date`, if any.
  absl::StatusOr<std::optional<DailyBalance>> LastDailyBalanceUpTo(AccountId account,
                                                                   BusinessDate date) const;

  // --- cold id index ---
  // Sorts the ids, writes one SST with a Bloom filter and ingests it; then every id up to `up_to`
  // is in the index. Of an id that occurs twice the lower sequence is kept.
  absl::Status IndexIds(std::span<const SealedId> ids, Sequence up_to);
  void Find(std::span<const TransactionId> ids, std::span<ColdLookup> answers) const override;
  uint64_t generations() const override;

 private:
  struct Parts;
  explicit DerivedStore(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lumbung
