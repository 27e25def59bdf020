// Input: what (1 byte, modulo 5): the file of a visit; a file of checkpoints, the log's or the
// auditor's, with the log's key or without one; in it `@` stands for the log's signed note.
// Holds: a visit that is read is written to the same text. Of a file of checkpoints only those are
// read that the key signed, if there is one; if its last byte is missing, that is said. What is
// joined loses no finding.
#include "storage/audit/visit.h"

#include <sys/mman.h>
#include <unistd.h>

#include "engine/check.h"
#include "storage/audit/known_checkpoint.h"
#include "tests/fuzz/signed_sample.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

using audit::CheckpointFrom;
using audit::KnownCheckpoints;

std::string Record() { return RecordHead() + "@"; }

bool TryVisit(std::string_view text) {
  const auto visit = audit::Visit::Parse(text);
  if (!visit.ok()) {
    LUMBUNG_CHECK(absl::IsInvalidArgument(visit.status()));
    LUMBUNG_CHECK(visit.status().message().find("line ") != absl::string_view::npos);
    return false;
  }
  LUMBUNG_CHECK(visit->ToText() == text);
  LUMBUNG_CHECK(std::ranges::is_sorted(visit->totals, {}, &audit::ControlTotal::cooperative));
  return true;
}

KnownCheckpoints Read(std::string_view text, CheckpointFrom from,
                      const std::optional<VerifierKey>& key) {
  const int file = memfd_create("checkpoints", MFD_CLOEXEC);
  LUMBUNG_CHECK(file >= 0);
  LUMBUNG_CHECK(write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  auto known = audit::ReadCheckpoints("/proc/self/fd/" + std::to_string(file), from, key);
  close(file);
  LUMBUNG_CHECK(known.ok());
  return *std::move(known);
}

bool TryCheckpoints(std::string_view text, CheckpointFrom from, bool with_key) {
  const std::string file = WithNotes(text.substr(0, 4096));
  std::optional<VerifierKey> key;
  if (with_key) key = Sample().log;
  KnownCheckpoints known = Read(file, from, key);
  const size_t findings = known.findings.size();
  const bool all_good = findings == 0 && known.notes.empty();
  for (const audit::KnownCheckpoint& read : known.all) {
    LUMBUNG_CHECK(!with_key || read.checkpoint.ToText() == Sample().note_text);
    LUMBUNG_CHECK(read.from == from && !read.source.empty());
  }
  if (all_good && file.starts_with("checkpoint ")) {
    const KnownCheckpoints cut = Read(file.substr(0, file.size() - 1), from, key);
    LUMBUNG_CHECK(!cut.findings.empty() || !cut.notes.empty());
  }
  KnownCheckpoints log = Read(WithNotes(Record()), CheckpointFrom::kLog, key);
  LUMBUNG_CHECK(log.findings.empty() && log.all.size() == 1);
  audit::Join(known, audit::LogsAre::kAll, log);
  LUMBUNG_CHECK(log.findings.size() >= findings && log.all.size() == known.all.size() + 1);
  return all_good;
}

}  // namespace

bool Try(Input input) {
  switch (input.Take<uint8_t>() % 5) {
    case 0:
      return TryVisit(input.rest());
    case 1:
      return TryCheckpoints(input.rest(), CheckpointFrom::kLog, true);
    case 2:
      return TryCheckpoints(input.rest(), CheckpointFrom::kLog, false);
    case 3:
      return TryCheckpoints(input.rest(), CheckpointFrom::kAuditor, true);
    default:
      return TryCheckpoints(input.rest(), CheckpointFrom::kAuditor, false);
  }
}

std::vector<Seed> Seeds() {
  using namespace std::string_literals;
  audit::Visit visit;
  visit.standing.last = Sequence{12345};
  visit.standing.root[3] = 7;
  const std::string bare = visit.ToText();
  visit.totals = {{CooperativeId{1}, {Amount{5}, Amount{5}}},
                  {CooperativeId{1024}, {Amount{-1}, Amount{INT64_MIN}}}};
  return {
      {"visit", "\0"s + visit.ToText()},   {"visit-of-nothing", "\0"s + bare},
      {"log", "\1" + Record() + Record()}, {"log-without-a-key", "\2" + Record()},
      {"auditor", "\3" + Record()},        {"auditor-one-note", "\3@"},
      {"auditor-without-a-key", "\4@"},
  };
}

}  // namespace lumbung::fuzz
