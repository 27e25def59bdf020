// The command `lumbung-bench postgres`: its options, and the runs that they ask for.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load/figures.h"
#include "bench/postgres/postgres_run.h"

namespace lumbung {

class PostgresCommand {
 public:
  // Adds itself to `app`, which outlives it; folders are made in `folder` unless told otherwise.
  PostgresCommand(CLI::App& app, const std::string& folder);
  PostgresCommand(const PostgresCommand&) = delete;

  // REQUIRES of all below: the command line has been parsed.
  bool parsed() const { return command_.parsed(); }
  bool json() const { return json_; }
  absl::StatusOr<std::vector<Figures>> Run() const;

 private:
  CLI::App& command_;
  PostgresOptions options_;
  bool all_ = false;
  bool json_ = false;
};

}  // namespace lumbung
