#include "api/cli/exit_code.h"

#include <fmt/format.h>

#include <array>

namespace lumbung::cli {
namespace {

constexpr std::array kAllCodes = {
    ExitCode::kOk,           ExitCode::kFailed,   ExitCode::kMalformed,      ExitCode::kDeclined,
    ExitCode::kConflict,     ExitCode::kNotFound, ExitCode::kOutcomeUnknown, ExitCode::kNotTaken,
    ExitCode::kNotPermitted, ExitCode::kFork,     ExitCode::kUnsound};

// Higher is graver: what is unknown comes before what is known to have gone wrong.
int GravityOf(ExitCode code) {
  switch (code) {
    case ExitCode::kOk:
      return 0;
    case ExitCode::kDeclined:
      return 1;
    case ExitCode::kNotFound:
      return 2;
    case ExitCode::kMalformed:
      return 3;
    case ExitCode::kConflict:
      return 4;
    case ExitCode::kNotPermitted:
      return 5;
    case ExitCode::kFailed:
      return 6;
    case ExitCode::kNotTaken:
      return 7;
    case ExitCode::kOutcomeUnknown:
      return 8;
    case ExitCode::kFork:
      return 9;
    case ExitCode::kUnsound:
      return 10;
  }
  return 0;
}

}  // namespace

ExitCode ExitCodeOf(v1::Outcome outcome) {
  if (outcome == v1::OUTCOME_ACCEPTED) return ExitCode::kOk;
  if (outcome == v1::OUTCOME_ID_CONFLICT) return ExitCode::kConflict;
  if (outcome == v1::OUTCOME_NOT_PERMITTED) return ExitCode::kNotPermitted;
  if (outcome == v1::OUTCOME_ORIGINAL_UNREADABLE) return ExitCode::kNotTaken;
  if (outcome >= 100 && outcome < 200) return ExitCode::kMalformed;
  if (outcome >= 200 && outcome < 300) return ExitCode::kDeclined;
  return ExitCode::kFailed;
}

ExitCode ExitCodeOf(v1::Resolution resolution) {
  if (resolution == v1::RESOLUTION_ACCEPTED) return ExitCode::kOk;
  if (resolution == v1::RESOLUTION_DECLINED) return ExitCode::kDeclined;
  if (resolution == v1::RESOLUTION_FENCED) return ExitCode::kDeclined;
  if (resolution == v1::RESOLUTION_UNKNOWN) return ExitCode::kNotFound;
  return ExitCode::kOutcomeUnknown;
}

ExitCode Graver(ExitCode a, ExitCode b) { return GravityOf(a) >= GravityOf(b) ? a : b; }

std::string_view MeaningOf(ExitCode code) {
  switch (code) {
    case ExitCode::kOk:
      return "done: accepted, or a duplicate of what was accepted";
    case ExitCode::kFailed:
      return "failed for another reason, which the message tells";
    case ExitCode::kMalformed:
      return "wrong usage or malformed: nothing was recorded, the id stays free";
    case ExitCode::kDeclined:
      return "declined and recorded, or fenced: it did not happen and never will";
    case ExitCode::kConflict:
      return "conflict: the id (or number) was used before with other content";
    case ExitCode::kNotFound:
      return "not found; of resolve: the id is unknown and could still arrive";
    case ExitCode::kOutcomeUnknown:
      return "the outcome is unknown: ask with `lumbung resolve`";
    case ExitCode::kNotTaken:
      return "not taken: server unreachable, full or unable; send again with the same id";
    case ExitCode::kNotPermitted:
      return "not permitted to this caller";
    case ExitCode::kFork:
      return "the ledger is not the one that was signed: a fork or a rollback; keep the evidence";
    case ExitCode::kUnsound:
      return "the audit found the ledger unsound: the report says where and why";
  }
  return "";
}

std::string ExitCodeTable() {
  std::string table;
  for (const ExitCode code : kAllCodes) {
    table += fmt::format("  {}  {}\n", static_cast<int>(code), MeaningOf(code));
  }
  return table;
}

}  // namespace lumbung::cli
