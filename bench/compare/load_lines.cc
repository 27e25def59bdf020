#include "bench/compare/load_lines.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/load/runs.h"
#include "engine/limits.h"

namespace lumbung {

absl::Status CompareBatch(const Comparison& comparison, const BatchTarget& target,
                          ComparedLine& line) {
  line.what = fmt::format("batch {}, {} accounts, v7 ids, {:.1f} M transactions", target.batch,
                          kFewAccounts, static_cast<double>(target.transactions) / kMillion);
  line.target = "≥ " + Rate(target.rate);
  const auto figures =
      Right(RunLoad(comparison.places(), comparison.Batches(target.batch, target.transactions)));
  if (!figures.ok()) return figures.status();
  line.measured = fmt::format(
      "{}; CPU µs: server {:.2f}, client {:.2f}; {:.0f} B written, {:.0f} "
      "MiB",
      Rate(figures->transactions_per_second), figures->server_cpu_us, figures->client_cpu_us,
      figures->bytes_written, figures->server_rss_mib);
  line.how = figures->name;
  line.Judge(figures->transactions_per_second / target.rate);
  return absl::OkStatus();
}

absl::Status CompareUnaryWithEcho(const Comparison& comparison, ComparedLine& line) {
  constexpr double kTarget = 0.85;
  line.what = "unary, 64 in flight";
  line.target = "≥ 85 % of bare gRPC";
  const LoopOptions loop = comparison.Unary(comparison.Scaled(300'000));
  const auto runs = Interleave([&] { return RunEcho(comparison.places(), loop); },
                               [&] { return RunLoad(comparison.places(), loop); });
  if (!runs.ok()) return runs.status();
  line.measured = runs->ToText();
  line.how = "bare gRPC before and after it";
  line.Judge(runs->ratio() / kTarget);
  return absl::OkStatus();
}

absl::Status CompareWithBase(const Comparison& comparison, const BaseTarget& target,
                             ComparedLine& line) {
  line.what = target.what;
  line.target = fmt::format("≥ {:.0f} % of plain transfers", 100 * target.share);
  LoopOptions subject = target.base;
  target.change(subject);
  const auto runs = Interleave([&] { return RunLoad(comparison.places(), target.base); },
                               [&] { return RunLoad(comparison.places(), subject); });
  if (!runs.ok()) return runs.status();
  line.measured = runs->ToText();
  line.how = fmt::format("uniform transfers, v7, {} accounts before and after it", kFewAccounts);
  line.Judge(runs->ratio() / target.share);
  return absl::OkStatus();
}

absl::Status CompareManyAccounts(const Comparison& comparison, ComparedLine& line) {
  constexpr uint32_t kManyAccounts = 10'000'000;
  constexpr double kTarget = 0.70;
  constexpr double kMostBytes = 160;
  const LoopOptions base = comparison.Batches(kMaxBatch, comparison.Scaled(4'000'000));
  LoopOptions many = base;
  // Not fewer than a million, where the caches have long been left.
  many.rows.accounts = std::max<uint32_t>(
      1'000'000, static_cast<uint32_t>(kManyAccounts * std::min(1.0, comparison.options().scale)));
  line.what = fmt::format("{} M accounts, uniformly", many.rows.accounts / 1'000'000);
  line.target = "≥ 70 % of 10 k accounts; ≤ 160 B an account";
  const auto runs = Interleave([&] { return RunLoad(comparison.places(), base); },
                               [&] { return RunLoad(comparison.places(), many); });
  if (!runs.ok()) return runs.status();
  const double bytes = (runs->subject.server_rss_mib - runs->after.server_rss_mib) * (1 << 20) /
                       (many.rows.accounts - base.rows.accounts);
  // Not a good figure: none.
  if (bytes <= 0) return absl::InternalError("the server's memory was not measured");
  line.measured = fmt::format("{}; {:.0f} B an account", runs->ToText(), bytes);
  line.how = "bytes: what the server's resident memory is larger by, shared out over the accounts";
  line.Judge(std::min(runs->ratio() / kTarget, kMostBytes / bytes));
  return absl::OkStatus();
}

absl::Status CompareLong(const Comparison& comparison, ComparedLine& line) {
  constexpr double kTarget = 0.85;
  constexpr double kLongestGapMs = 1'000;
  const uint64_t entries = comparison.options().long_entries;
  line.what = fmt::format("{:.0f} M entries in one go", static_cast<double>(entries) / kMillion);
  line.target = "last 10 M ≥ 85 % of the first; no stall over 1 s";
  const absl::Status room = comparison.HasRoomFor(static_cast<double>(entries) * kDiskBytesAnEntry);
  if (!room.ok()) return room;
  const auto figures = Right(RunLoad(comparison.places(), comparison.Batches(kMaxBatch, entries)));
  if (!figures.ok()) return figures.status();
  line.measured = fmt::format(
      "{} at first, {} at last ({:.0f} %), {} in all; longest stall {:.0f} "
      "ms",
      Rate(figures->first_part_rate), Rate(figures->last_part_rate),
      100 * figures->last_part_rate / figures->first_part_rate,
      Rate(figures->transactions_per_second), figures->longest_gap_ms);
  line.how = "first and last: 10 M, or a tenth of the run; a stall: no call at all is answered";
  line.Judge(std::min(figures->last_part_rate / figures->first_part_rate / kTarget,
                      kLongestGapMs / figures->longest_gap_ms));
  return absl::OkStatus();
}

}  // namespace lumbung
