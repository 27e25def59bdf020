#include "bench/compare/filled_ledger.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "bench/load/loop.h"
#include "engine/limits.h"

namespace lumbung {

absl::StatusOr<std::unique_ptr<FilledLedger>> FilledLedger::Fill(const Comparison& comparison) {
  auto target = LoadTarget::Start(comparison.places());
  if (!target.ok()) return target.status();
  std::unique_ptr<FilledLedger> filled(new FilledLedger);
  filled->target_ = *std::move(target);
  const uint64_t entries = comparison.options().kill_entries;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> answered{0};
  LoopOptions loop = comparison.Batches(kMaxBatch, entries * 4);
  const auto first = filled->target_->OpenAccounts(loop.rows);
  if (!first.ok()) return first.status();
  loop.rows.first_account = *first;
  loop.server = filled->target_->server();
  loop.stop = &stop;
  loop.answered = &answered;
  loop.progress = false;
  LoopResult result;
  std::thread load([&] { result = RunLoop(loop); });
  while (answered.load() < entries && !stop.load()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const bool early = stop.exchange(true);
  const auto took = filled->target_->KillAndRestart();
  load.join();
  if (early) return absl::InternalError("the load ended before the kill: " + result.first_wrong);
  if (result.wrong != result.failed) {
    return absl::InternalError("wrong replies before the kill, or errors: " + result.first_wrong);
  }
  if (!took.ok()) return took.status();
  filled->back_in_seconds_ = *took;
  filled->acknowledged_ = result.amount;
  filled->unanswered_ = result.failed_amount;
  if (const absl::Status checked = filled->Check(); !checked.ok()) return checked;
  const auto progress = filled->target_->ReadProgress();
  if (!progress.ok()) return progress.status();
  filled->entries_ = progress->last_sequence;
  return filled;
}

absl::Status FilledLedger::Check() {
  const auto sums = target_->AddUp();
  if (!sums.ok()) return sums.status();
  if (sums->balances != 0) return absl::DataLossError("the balances don't add up after the kill");
  if (sums->credits < acknowledged_) {
    return absl::DataLossError("what was acknowledged before the kill is missing");
  }
  if (sums->credits > acknowledged_ + unanswered_) {
    return absl::DataLossError("after the kill there is more than was ever sent");
  }
  return absl::OkStatus();
}

}  // namespace lumbung
