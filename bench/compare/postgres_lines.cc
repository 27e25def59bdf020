#include "bench/compare/postgres_lines.h"

#include <fmt/format.h>

#include "bench/load/runs.h"
#include "bench/postgres/postgres_run.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

PostgresOptions OptionsOf(const Comparison& comparison, const LoopOptions& progress_of) {
  return {.folder = comparison.places().folder,
          .accounts = kFewAccounts,
          .progress = progress_of.progress};
}

std::string Times(const Interleaved& runs) {
  return fmt::format("{}: {:.1f} times {} and {}", Rate(runs.subject.transactions_per_second),
                     runs.ratio(), Rate(runs.before.transactions_per_second),
                     Rate(runs.after.transactions_per_second));
}

}  // namespace

absl::Status ComparePostgresBatch(const Comparison& comparison, ComparedLine& line) {
  constexpr double kTarget = 24;
  line.what = fmt::format("batch {}, beside PostgreSQL's batch as a set", kMaxBatch);
  line.target = "≥ 24 times PostgreSQL";
  const LoopOptions loop = comparison.Batches(kMaxBatch, comparison.Scaled(4'000'000));
  PostgresOptions postgres = OptionsOf(comparison, loop);
  postgres.clients = 2;
  postgres.batch = kMaxBatch;
  postgres.transactions = comparison.Scaled(1'000'000);
  const auto runs = Interleave([&] { return RunPostgres(postgres); },
                               [&] { return RunLoad(comparison.places(), loop); });
  if (!runs.ok()) return runs.status();
  line.measured = Times(*runs);
  line.how = fmt::format("{} before and after {}", runs->before.name, runs->subject.name);
  line.Judge(runs->ratio() / kTarget);
  return absl::OkStatus();
}

absl::Status ComparePostgresUnary(const Comparison& comparison, ComparedLine& line) {
  constexpr double kTarget = 5;
  line.what = "single payments, beside PostgreSQL's with 16 in flight";
  line.target = "≥ 5 times PostgreSQL";
  const LoopOptions loop = comparison.Unary(comparison.Scaled(300'000));
  // As many as PostgreSQL has, for whoever asks.
  LoopOptions sixteen = loop;
  sixteen.in_flight = 16 / sixteen.clients;
  sixteen.transactions = comparison.Scaled(100'000);
  PostgresOptions postgres = OptionsOf(comparison, loop);
  postgres.clients = 16;
  postgres.transactions = comparison.Scaled(100'000);
  Figures with_sixteen;
  const auto runs = Interleave([&] { return RunPostgres(postgres); },
                               [&]() -> absl::StatusOr<Figures> {
                                 auto figures = Right(RunLoad(comparison.places(), sixteen));
                                 if (!figures.ok()) return figures.status();
                                 with_sixteen = *std::move(figures);
                                 return RunLoad(comparison.places(), loop);
                               });
  if (!runs.ok()) return runs.status();
  line.measured = fmt::format("{}; {} with 16 in flight", Times(*runs),
                              Rate(with_sixteen.transactions_per_second));
  line.how = fmt::format("{} before and after {}; more in flight are no faster in PostgreSQL",
                         runs->before.name, runs->subject.name);
  line.Judge(runs->ratio() / kTarget);
  return absl::OkStatus();
}

}  // namespace lumbung
