// The checkpoints that an audit compares the ledger with: the log's own file of all that were ever
// signed, and those that the auditor brings. Only reads. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/audit/report.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/signed_note.h"

namespace lumbung::audit {

enum class CheckpointFrom : uint8_t { kLog, kAuditor };

struct KnownCheckpoint {
  Checkpoint checkpoint;
  CheckpointFrom from = CheckpointFrom::kLog;
  std::string source;  // for people: the file, and where in it
};

struct KnownCheckpoints {
  std::vector<KnownCheckpoint> all;
  std::vector<Finding>
      findings;  // damage, signatures that are not the key's, an order that is none
  std::vector<std::string> notes;
  // Why the log's file was not read, or its signatures were not checked, though it is there. OK
  // where there is none.
  absl::Status unread;
};

// Reads a file of checkpoints: of the log (storage/FORMAT.md), or with one signed note in it. With
// a key, every one must be signed by it. NOT_FOUND if there is no file, UNAVAILABLE if it can't be
// read; damage is a finding, of the last record too. One that the file's end cuts off was handed to
// nobody, and is a note.
absl::StatusOr<KnownCheckpoints> ReadCheckpoints(const std::string& path, CheckpointFrom from,
                                                 const std::optional<VerifierKey>& key);

// The same of one note that is at hand; what is wrong with it is a finding.
KnownCheckpoints TakeCheckpoint(const std::string& note, const std::string& source,
                                CheckpointFrom from, const std::optional<VerifierKey>& key);

// Puts the auditor's checkpoints beside the log's. If these are all that were ever signed, each of
// the auditor's must be among them, since all that was ever handed out is. Of a file that could not
// be read nothing is asked.
enum class LogsAre : uint8_t { kAll, kSome };
void Join(const KnownCheckpoints& auditor, LogsAre logs_are, KnownCheckpoints& log);

}  // namespace lumbung::audit
