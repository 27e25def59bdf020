// crash: attacks lumbungd as a process and compares its ledger with what its clients were told.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/crash/findings.h"
#include "tests/crash/jumping_clock.h"
#include "tests/crash/options.h"
#include "tests/crash/round.h"

namespace lumbung {

namespace {

constexpr int kAllIsWell = 0;
constexpr int kSomethingIsWrong = 1;
constexpr int kNotTried = 2;
constexpr int kSkipped = 77;

void PrintTable(const RoundResult& result, const Findings& findings) {
  const auto row = [](const char* name, uint64_t count) {
    fmt::print("{:<26} {:>12}\n", name, count);
  };
  const Tally& tally = result.tally;
  row("kills", result.deeds.kills);
  row("  before it served", result.deeds.kills_in_start);
  row("  while clients paid", result.kills_under_load);
  row("freezes", result.deeds.freezes);
  row("connections cut", result.deeds.cuts);
  row("full disks", result.deeds.full_disks);
  row("  the server ended itself", result.deeds.ended_by_full_disks);
  row("clock jumps", result.deeds.clock_jumps);
  row("acknowledged", tally.accepted);
  row("declined", tally.declined);
  row("unknown", tally.unknown);
  row("resolved", tally.survived + tally.sent_anew + tally.never);
  row("  had been recorded", tally.survived);
  row("  sent anew", tally.sent_anew);
  row("  fenced", tally.never);
  row("calls without an answer", tally.broken_calls);
  row("not taken, ring full", tally.not_taken);
  row("repeats as they were", tally.repeated);
  row("conflicts refused", tally.conflicts);
  row("sent twice at once", tally.twins);
  row("streams read late or never", tally.frozen_streams);
  row("ids from the future", tally.refused);
  row("holds expired", result.expired);
  row("entries in the ledger", result.entries);
  row("  followed meanwhile", result.watched);
  row("confirmed", result.confirmed);
  row("lost", findings.count(Findings::Sort::kLost));
  row("doubled", findings.count(Findings::Sort::kDoubled));
  row("foreign", findings.count(Findings::Sort::kForeign));
  row("out of order", findings.count(Findings::Sort::kOrder));
  row("otherwise wrong", findings.count(Findings::Sort::kWrong));
}

// What the round was to do and never did: it can't have failed by it.
std::vector<std::string_view> NeverTried(const RoundResult& result) {
  std::vector<std::string_view> never;
  if (result.tally.accepted == 0) never.push_back("nothing was acknowledged");
  if (result.kills_under_load == 0) never.push_back("the server was not killed under load");
  if (result.deeds.cuts == 0) never.push_back("no connection was cut");
  if (result.deeds.freezes == 0) never.push_back("the server was not frozen");
  if (result.tally.repeated == 0) never.push_back("nothing was sent again as it was");
  if (result.tally.conflicts == 0) never.push_back("nothing was sent again altered");
  return never;
}

std::optional<std::string> MakeFolder(const std::string& parent) {
  std::string path = parent + "/lumbung-crash-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return std::nullopt;
  return path;
}

int Run(const Options& options) {
  fmt::print("seed {}\n", options.seed);
  if (options.clock_jumps && !JumpingClock::IsInstalled()) {
    fmt::print("SKIPPED: libfaketime is not installed\n");
    return kSkipped;
  }
  const std::optional<std::string> folder = MakeFolder(options.folder);
  if (!folder) {
    fmt::print(stderr, "crash: no folder can be made in {}\n", options.folder);
    return kNotTried;
  }
  Findings findings;
  const absl::StatusOr<RoundResult> result = PlayRound(options, *folder, findings);
  if (absl::IsPermissionDenied(result.status())) {
    fmt::print("SKIPPED: {}\n", std::string(result.status().message()));
    std::filesystem::remove_all(*folder);
    return kSkipped;
  }
  for (const std::string& message : findings.messages()) fmt::print("{}\n", message);
  if (!result.ok()) fmt::print("WRONG: {}\n", std::string(result.status().message()));
  if (result.ok()) PrintTable(*result, findings);
  if (options.tear_the_log) std::filesystem::remove_all(*folder);
  if (!result.ok() || findings.any()) {
    fmt::print("FAILED with seed {}; the ledger, the log and the records are in {}\n", options.seed,
               *folder);
    return kSomethingIsWrong;
  }
  std::filesystem::remove_all(*folder);
  if (options.tear_the_log) return kAllIsWell;
  const std::vector<std::string_view> never = NeverTried(*result);
  for (const std::string_view what : never) fmt::print("NOT TRIED: {}\n", what);
  return never.empty() ? kAllIsWell : kNotTried;
}

}  // namespace

}  // namespace lumbung

int main(int argc, char** argv) {
  lumbung::Options options;
  if (const std::optional<int> code = lumbung::ReadOptions(argc, argv, options)) return *code;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return lumbung::Run(options);
}
