#include "bench/postgres/postgres_command.h"

#include "engine/limits.h"

namespace lumbung {

PostgresCommand::PostgresCommand(CLI::App& app, const std::string& folder)
    : command_(*app.add_subcommand("postgres", "payments through PostgreSQL 15, equally safe")) {
  options_.folder = folder;
  options_.transactions = 100'000;
  command_.add_option("--clients", options_.clients, "sessions, one call in flight on each")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command_
      .add_option("--batch", options_.batch,
                  "payments in a call; 1: a function for one payment, else one that takes arrays")
      ->check(CLI::Range(size_t{1}, kMaxBatch))
      ->capture_default_str();
  command_
      .add_option("--transactions", options_.transactions,
                  "to measure; a tenth more come before, to warm up")
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000'000'000}))
      ->capture_default_str();
  command_.add_option("--accounts", options_.accounts, "to move money between")
      ->check(CLI::Range(2, 60'000'000))
      ->capture_default_str();
  command_
      .add_option("--hot", options_.hot_percent,
                  "percent of the payments that credit one and the same account")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command_.add_option("--folder", options_.folder, "where temporary folders are made")
      ->capture_default_str();
  command_.add_flag("--all", all_,
                    "16 clients, uniform and all to one account; one client; batches of 8,190");
  command_.add_flag("--progress", options_.progress, "a line each second on stderr");
  command_.add_flag("--json", json_, "for programs");
}

absl::StatusOr<std::vector<Figures>> PostgresCommand::Run() const {
  if (all_) return RunAllOfPostgres(options_);
  const auto figures = RunPostgres(options_);
  if (!figures.ok()) return figures.status();
  return std::vector<Figures>{*figures};
}

}  // namespace lumbung
