// The derived data of a data folder, to look at only: opened without a lock and without writing
// anything, also while a server has it open. What is on disk is one cut through all families
// (derived_store.h), and it never says more than the ledger that is opened after it. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/daily_balance.h"
#include "engine/state.h"
#include "engine/types.h"

namespace lumbung::audit {

class DerivedImages {
 public:
  // NOT_FOUND if there are none. While a server compacts, files can go away under the reader: then
  // it fails with another code, and may be tried again.
  static absl::StatusOr<std::unique_ptr<DerivedImages>> Open(const std::string& folder);
  ~DerivedImages();
  DerivedImages(const DerivedImages&) = delete;
  DerivedImages& operator=(const DerivedImages&) = delete;

  // Every effect of the entries up to here is in the images; 0: there is no checkpoint.
  Sequence watermark() const;
  // The images, some of them newer than the watermark. REQUIRES: a checkpoint.
  absl::Status LoadState(State& state) const;
  // All daily balances, in order of account and date. DATA_LOSS if one is damaged or was not met.
  absl::Status ForEachDailyBalance(
      const std::function<void(const DailyBalance& daily)>& visit) const;

 private:
  struct Parts;
  explicit DerivedImages(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lumbung::audit
