#include "bench/compare/log_line.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/load/runs.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

constexpr int kRounds = 2;  // with the log, each between two without it

// Runs of one kind.
struct Runs {
  std::vector<double> rates;
  std::vector<double> server_cpu_us;
  double log_behind_s = 0;  // at most, after the last answer

  void Add(const Figures& figures) {
    rates.push_back(figures.transactions_per_second);
    server_cpu_us.push_back(figures.server_cpu_us);
  }
};

double MeanOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::string ToText(const Runs& runs) {
  std::vector<std::string> rates;
  for (const double rate : runs.rates) rates.push_back(Rate(rate));
  return fmt::format("{}", fmt::join(rates, ", "));
}

absl::Status AddWithout(const Comparison& comparison, const LoopOptions& loop, Runs& runs) {
  Places places = comparison.places();
  places.server_options.insert(places.server_options.end(), {"--transparency", "off"});
  const auto figures = Right(RunLoad(places, loop, [](LoadTarget& target) {
    const auto progress = target.ReadProgress();
    if (!progress.ok()) return progress.status();
    return progress->tree_size == 0 ? absl::OkStatus()
                                    : absl::InternalError("the log was not switched off");
  }));
  if (!figures.ok()) return figures.status();
  runs.Add(*figures);
  return absl::OkStatus();
}

absl::Status AddWith(const Comparison& comparison, const LoopOptions& loop, Runs& runs) {
  const auto figures = Right(RunLoad(comparison.places(), loop, [&](LoadTarget& target) {
    const auto behind_s = target.WaitForTheLog();
    if (behind_s.ok()) runs.log_behind_s = std::max(runs.log_behind_s, *behind_s);
    return behind_s.status();
  }));
  if (!figures.ok()) return figures.status();
  runs.Add(*figures);
  return absl::OkStatus();
}

}  // namespace

absl::Status CompareLog(const Comparison& comparison, ComparedLine& line) {
  constexpr double kTarget = 0.85;
  line.what = fmt::format("with the transparency log, as by default, batch {}", kMaxBatch);
  line.target = "≥ 85 % of the same without it";
  const LoopOptions loop = comparison.Batches(kMaxBatch, comparison.Scaled(10'000'000));
  Runs without;
  Runs with;
  absl::Status status = AddWithout(comparison, loop, without);
  for (int round = 0; round < kRounds && status.ok(); ++round) {
    status = AddWith(comparison, loop, with);
    if (status.ok()) status = AddWithout(comparison, loop, without);
  }
  if (!status.ok()) return status;
  const double ratio = MeanOf(with.rates) / MeanOf(without.rates);
  const double with_us = MeanOf(with.server_cpu_us);
  const double without_us = MeanOf(without.server_cpu_us);
  line.measured = fmt::format(
      "{}: {:.0f} % of {}; server's CPU µs {:.2f} to {:.2f}, {:.2f} times; the log was complete "
      "{:.2f} s after the load",
      ToText(with), 100 * ratio, ToText(without), with_us, without_us, with_us / without_us,
      with.log_behind_s);
  line.how = fmt::format("means; in turn, {:.1f} M transactions each, first and last without",
                         static_cast<double>(loop.transactions) / kMillion);
  line.Judge(ratio / kTarget);
  return absl::OkStatus();
}

}  // namespace lumbung
