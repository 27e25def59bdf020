#include "bench/compare/ledger_lines.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "bench/compare/audit_run.h"
#include "bench/compare/proof_run.h"

namespace lumbung {

namespace {

std::string Millions(uint64_t entries) {
  return fmt::format("{:.1f} M", static_cast<double>(entries) / kMillion);
}

std::string Milliseconds(const LatencyHistogram& latency) {
  return fmt::format("p50 {:.2f}, p99 {:.2f}, most {:.1f} ms",
                     static_cast<double>(latency.PercentileNs(0.50)) / 1e6,
                     static_cast<double>(latency.PercentileNs(0.99)) / 1e6,
                     static_cast<double>(latency.max_ns()) / 1e6);
}

}  // namespace

absl::Status LedgerLines::FillOnce() {
  if (ledger_) return absl::OkStatus();
  const auto entries = static_cast<double>(comparison_.options().kill_entries);
  const absl::Status room = comparison_.HasRoomFor(entries * kDiskBytesAnEntry);
  if (!room.ok()) return room;
  auto ledger = FilledLedger::Fill(comparison_);
  if (!ledger.ok()) return ledger.status();
  ledger_ = *std::move(ledger);
  return absl::OkStatus();
}

absl::Status LedgerLines::Remove() {
  const absl::Status stopped = ledger_ ? ledger_->target().Stop() : absl::OkStatus();
  ledger_.reset();
  return stopped;
}

absl::Status LedgerLines::Kill(ComparedLine& line) {
  constexpr double kMostSeconds = 5;
  line.what = "SIGKILL under load";
  line.target = "serving again in ≤ 5 s";
  if (const absl::Status filled = FillOnce(); !filled.ok()) return filled;
  line.what = fmt::format("SIGKILL at {} entries under load", Millions(ledger_->entries()));
  line.measured = fmt::format("{:.2f} s", ledger_->back_in_seconds());
  line.how = "from the kill until it serves; what was acknowledged is there afterwards";
  line.Judge(kMostSeconds / ledger_->back_in_seconds());
  return absl::OkStatus();
}

absl::Status LedgerLines::Proof(ComparedLine& line) {
  constexpr int64_t kMostNs = 5'000'000;
  line.what = "proof of inclusion, random entries";
  line.target = "p50 and p99 ≤ 5 ms";
  if (const absl::Status filled = FillOnce(); !filled.ok()) return filled;
  LoadTarget& target = ledger_->target();
  // The kill may have left entries that are not in the tree yet; the orderly end signs it.
  if (const auto complete = target.WaitForTheLog(); !complete.ok()) return complete.status();
  const double scale = std::min(1.0, comparison_.options().scale);
  const auto cold_count = std::max<uint64_t>(50, static_cast<uint64_t>(1'000 * scale));
  if (const absl::Status stopped = target.Stop(); !stopped.ok()) return stopped;
  if (const auto started = target.StartAgain(); !started.ok()) return started.status();
  auto run = ProofRun::Begin(target);
  if (!run.ok()) return run.status();
  if (run->tree_size() != ledger_->entries()) {
    return absl::InternalError(fmt::format("the newest checkpoint has {} of {} entries",
                                           run->tree_size(), ledger_->entries()));
  }
  const auto cold = run->Ask(cold_count);
  if (!cold.ok()) return cold.status();
  const auto warm = run->Ask(4 * cold_count);
  if (!warm.ok()) return warm.status();
  line.what =
      fmt::format("proof of inclusion, random ones of {} entries", Millions(run->tree_size()));
  line.measured = fmt::format("first {} after a restart: {}; next {}: {}", cold->count(),
                              Milliseconds(*cold), warm->count(), Milliseconds(*warm));
  line.how =
      "one call at a time, against the newest checkpoint; each proof checked with its entry, the "
      "checkpoint and the log's key. Restart: of the process, files are in the page cache";
  line.Judge(static_cast<double>(kMostNs) /
             static_cast<double>(std::max(cold->PercentileNs(0.99), warm->PercentileNs(0.99))));
  return absl::OkStatus();
}

absl::Status LedgerLines::Audit(ComparedLine& line) {
  constexpr double kTarget = 2e6;
  line.what = "lumbung audit of the data folder";
  line.target = "≥ 2 M entries/s, nothing found";
  const std::string& program = comparison_.options().lumbung;
  if (const absl::Status there = IsThere(program); !there.ok()) return there;
  if (const absl::Status filled = FillOnce(); !filled.ok()) return filled;
  LoadTarget& target = ledger_->target();
  if (const absl::Status stopped = target.Stop(); !stopped.ok()) return stopped;
  const auto audit = RunAudit({.program = program,
                               .data = target.data(),
                               .folder = target.folder(),
                               .last_sequence = ledger_->entries()});
  if (!audit.ok()) return audit.status();
  if (const auto started = target.StartAgain(); !started.ok()) return started.status();
  const auto entries = static_cast<double>(ledger_->entries());
  line.what = fmt::format("lumbung audit of {} entries", Millions(ledger_->entries()));
  line.measured = fmt::format("{} ({:.1f} s), at most {:.0f} MiB; CPU µs an entry {:.2f}",
                              Rate(entries / audit->seconds), audit->seconds,
                              static_cast<double>(audit->most_rss_bytes) / (1 << 20),
                              static_cast<double>(audit->cpu_us) / entries);
  line.how = "from the start of the process to its end, the server stopped; exit code 0";
  line.Judge(entries / audit->seconds / kTarget);
  return absl::OkStatus();
}

absl::Status LedgerLines::Replay(ComparedLine& line) {
  constexpr double kTarget = 2e6;
  line.what = "replay from genesis, checking everything";
  line.target = "≥ 2 M entries/s";
  if (const absl::Status filled = FillOnce(); !filled.ok()) return filled;
  const auto seconds = ledger_->target().RestartFromTheLedger();
  if (!seconds.ok()) return seconds.status();
  if (const absl::Status checked = ledger_->Check(); !checked.ok()) return checked;
  const auto entries = static_cast<double>(ledger_->entries());
  line.measured = fmt::format("{} ({} entries in {:.1f} s)", Rate(entries / *seconds),
                              Millions(ledger_->entries()), *seconds);
  line.how = "derived data dropped; from the start of the process until it serves";
  line.Judge(entries / *seconds / kTarget);
  return absl::OkStatus();
}

}  // namespace lumbung
