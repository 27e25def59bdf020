// Where a command that goes through a whole ledger reads it from: a data folder or backup (--data),
// an exported segment (--file), or the server, if neither is named. One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "api/cli/exit_code.h"
#include "api/cli/session.h"
#include "storage/ledger_source.h"

namespace lumbung::cli {

struct LedgerOption {
  std::string data;  // a data folder as lumbungd's --data, or a backup
  std::string file;  // a segment
};

// Adds --data and --file, which exclude each other.
void AddLedgerOption(CLI::App& app, LedgerOption& option);

struct OpenedLedger {
  std::unique_ptr<LedgerSource> source;
  Sequence first{1};       // of the oldest block that the source has; > 1 only of a segment
  std::string name;        // for messages: "the data folder /srv/lumbung", …
  std::string checkpoint;  // newest signed checkpoint beside the ledger (a note); empty: none found
};

// Opens it: a data folder read-only, also a running server's; of the server up to its end at this
// moment. Nothing if that failed: then the session has told why and `code` is the command's.
std::optional<OpenedLedger> OpenLedger(const LedgerOption& option, Session& session,
                                       ExitCode& code);

// The same of what needs the ledger from sequence 1 on: a segment that begins later is refused.
std::optional<OpenedLedger> OpenWholeLedger(const LedgerOption& option, Session& session,
                                            ExitCode& code);

// Tells that reading (or writing) ended with this status, and gives the command's exit code.
ExitCode FailReading(const absl::Status& status, const std::string& name, Session& session);

}  // namespace lumbung::cli
