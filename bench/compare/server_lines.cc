#include "bench/compare/server_lines.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "bench/load/runs.h"
#include "bench/measure/process_figures.h"

namespace lumbung {

absl::Status CompareLone(const Comparison& comparison, ComparedLine& line) {
  constexpr double kMoreUs = 200;
  constexpr double kDiskSeconds = 3;
  line.what = "one client, one payment at a time";
  line.target = "p50 ≤ raw fdatasync p50 + 200 µs";
  LoopOptions lone = comparison.Unary(comparison.Scaled(20'000));
  lone.clients = 1;
  lone.in_flight = 1;
  const auto runs = Interleave([&] { return RunDisk(comparison.places(), 1, kDiskSeconds); },
                               [&] { return RunLoad(comparison.places(), lone); });
  if (!runs.ok()) return runs.status();
  const double disk_us = (runs->before.latency_us_p50 + runs->after.latency_us_p50) / 2;
  line.measured = fmt::format("{:.0f} µs; raw {:.0f} and {:.0f} µs: + {:.0f} µs",
                              runs->subject.latency_us_p50, runs->before.latency_us_p50,
                              runs->after.latency_us_p50, runs->subject.latency_us_p50 - disk_us);
  line.how = "raw: 128 bytes appended and synced, before and after it";
  line.Judge((disk_us + kMoreUs) / runs->subject.latency_us_p50);
  return absl::OkStatus();
}

absl::Status CompareOpen(const Comparison& comparison, ComparedLine& line) {
  constexpr double kMostP99Us = 10'000;
  constexpr double kMostP999Us = 50'000;
  constexpr double kSeconds = 30;
  constexpr double kBareSeconds = 10;
  line.what = "open loop at half of the unary maximum";
  line.target = "p99 ≤ 10 ms, p99.9 ≤ 50 ms";
  const auto closed =
      Right(RunLoad(comparison.places(), comparison.Unary(comparison.Scaled(300'000))));
  if (!closed.ok()) return closed.status();
  // So small a window and so short an interval that both are at work all the time.
  Places places = comparison.places();
  places.server_options.insert(places.server_options.end(),
                               {"--id-window-slots", "65536", "--checkpoint-interval-ms", "2000"});
  LoopOptions open = comparison.Unary(0);
  open.rate = closed->transactions_per_second / 2;
  const auto steadily = [&](double seconds) {
    LoopOptions loop = open;
    loop.transactions = static_cast<uint64_t>(
        open.rate * std::max(2.0, seconds * std::min(1.0, comparison.options().scale)));
    return loop;
  };
  // What the machine and gRPC do to a steady rate, without us.
  const auto runs = Interleave([&] { return RunEcho(comparison.places(), steadily(kBareSeconds)); },
                               [&] { return RunLoad(places, steadily(kSeconds)); });
  if (!runs.ok()) return runs.status();
  const Figures& figures = runs->subject;
  line.measured = fmt::format(
      "{} sent: p50 {:.1f}, p99 {:.1f}, p99.9 {:.1f}, most {:.0f} ms; bare gRPC: p99 {:.1f} and "
      "{:.1f} ms",
      Rate(open.rate), figures.latency_us_p50 / 1e3, figures.latency_us_p99 / 1e3,
      figures.latency_us_p99_9 / 1e3, figures.latency_us_max / 1e3,
      runs->before.latency_us_p99 / 1e3, runs->after.latency_us_p99 / 1e3);
  line.how =
      "from the intended moment; a checkpoint every 2 s, an id window of 65,536; bare gRPC at the "
      "same rate before and after it";
  line.Judge(std::min(kMostP99Us / figures.latency_us_p99, kMostP999Us / figures.latency_us_p99_9));
  return absl::OkStatus();
}

absl::Status CompareIdle(const Comparison& comparison, ComparedLine& line) {
  constexpr double kMostPercent = 1;
  constexpr std::chrono::seconds kSettling{3};
  line.what = "idle server";
  line.target = "< 1 % of a core";
  const std::chrono::duration<double> watched{
      std::max(2.0, 10 * std::min(1.0, comparison.options().scale))};
  const auto target = LoadTarget::Start(comparison.places());
  if (!target.ok()) return target.status();
  std::this_thread::sleep_for(kSettling);
  const auto before = ReadProcessFigures((*target)->pid());
  std::this_thread::sleep_for(watched);
  const auto after = ReadProcessFigures((*target)->pid());
  if (!before || !after) return absl::UnavailableError("the idle server has ended");
  if (const absl::Status stopped = (*target)->Stop(); !stopped.ok()) return stopped;
  const double percent =
      100 * static_cast<double>(after->cpu_us - before->cpu_us) / 1e6 / watched.count();
  line.measured = fmt::format("{:.2f} %", percent);
  line.how = fmt::format("over {:.0f} s", watched.count());
  line.ratio = percent == 0 ? 0 : kMostPercent / percent;
  line.verdict = percent < kMostPercent ? Verdict::kMet : Verdict::kNotMet;
  return absl::OkStatus();
}

}  // namespace lumbung
