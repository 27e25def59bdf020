// `lumbung audit` as a process of its own, timed.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

// A MissingError if there is no such program.
absl::Status IsThere(const std::string& program);

struct AuditQuestion {
  std::string program;         // the command line client
  std::string data;            // a data folder
  std::string folder;          // for its temporary file and what it prints
  uint64_t last_sequence = 0;  // what the ledger ends with
};

struct AuditFigures {
  double seconds = 0;  // from the start of the process to its end
  int64_t most_rss_bytes = 0;
  int64_t cpu_us = 0;  // user and system, all threads
};

// DATA_LOSS with what it said, unless it ends with exit code 0, finds nothing and has come to
// `last_sequence`.
absl::StatusOr<AuditFigures> RunAudit(const AuditQuestion& question);

}  // namespace lumbung
