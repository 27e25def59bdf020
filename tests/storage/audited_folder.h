// A data folder with all that an audit compares: random traffic in the ledger, the transparency log
// with several checkpoints, and the derived data of a checkpoint in the middle.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/check.h"
#include "storage/audit/audit.h"
#include "storage/audit/data_folder.h"
#include "storage/derived_store.h"
#include "storage/transparency/transparency_log.h"
#include "tests/storage/played_ledger.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {

class AuditedFolder {
 public:
  explicit AuditedFolder(uint64_t seed) : played(path() + "/ledger", seed) {
    auto opened = DerivedStore::Open(path() + "/derived");
    LUMBUNG_CHECK(opened.ok());
    derived_ = *std::move(opened);
  }

  std::string path() const { return folder_.Path("data"); }
  std::string Path(const std::string& name) const { return folder_.Path(name); }

  // Commands that are in the ledger then, and signed.
  void Play(int commands) {
    played.Play(commands);
    played.Write();
    auto log = TransparencyLog::Open({.folder = path() + "/transparency", .sign_interval_ms = 0},
                                     *played.store, {});
    LUMBUNG_CHECK(log.ok() && (*log)->RunOnce().ok());
    LUMBUNG_CHECK((*log)->Stop(TransparencyLog::Ending::kSigned).ok());
  }
  // Stores a checkpoint of the state as it is.
  void Checkpoint() {
    State& state = played.books.state();
    const Sequence watermark = state.BeginCheckpoint();
    CheckpointPart part;
    do {
      state.CollectCheckpoint(1000, part);
      LUMBUNG_CHECK(derived_->StorePart(part).ok());
    } while (!part.complete);
    LUMBUNG_CHECK(derived_->CompleteCheckpoint(watermark, state.last_timestamp()).ok());
  }

  void CloseDerived() { derived_.reset(); }

  // Puts images in place of those of the last checkpoint.
  void Store(const CheckpointPart& part) {
    LUMBUNG_CHECK(derived_->StorePart(part).ok());
    const Watermarks watermarks = derived_->watermarks();
    LUMBUNG_CHECK(derived_->CompleteCheckpoint(watermarks.state, watermarks.state_timestamp).ok());
  }

  absl::StatusOr<audit::Answer> Audit(std::optional<audit::Visit> visit = std::nullopt) const {
    auto opened = audit::OpenDataFolder(path(), std::nullopt);
    if (!opened.ok()) return opened.status();
    return audit::Run(Question(*opened, std::move(visit)));
  }
  static audit::Question Question(audit::DataFolder& opened,
                                  std::optional<audit::Visit> visit = std::nullopt) {
    return {.ledger = *opened.ledger,
            .damage = opened.damage,
            .checkpoints = opened.checkpoints,
            .tree_folder = opened.tree_folder,
            .derived = opened.derived.get(),
            .no_derived = opened.no_derived,
            .visit = std::move(visit),
            .work_folder = testing::TempDir()};
  }

 private:
  TemporaryFolder folder_;

 public:
  PlayedLedger played;

 private:
  std::unique_ptr<DerivedStore> derived_;
};

}  // namespace lumbung
