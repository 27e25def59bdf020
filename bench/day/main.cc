// lumbung-day: plays a day of the cooperatives around Bentangan through the server's API, and
// checks that the ledger holds what was answered.

#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <random>

#include <fmt/format.h>

#include "bench/day/audit.h"
#include "bench/day/options.h"
#include "bench/day/player.h"
#include "bench/day/report.h"
#include "bench/day/rupiah.h"
#include "bench/day/set_up.h"
#include "bench/workload/day_generator.h"

namespace lumbung {

namespace {

constexpr int kAllIsWell = 0;
constexpr int kSomethingIsWrong = 1;
constexpr int kNoServer = 2;

int Fail(const absl::Status& status) {
  fmt::print(stderr, "lumbung-day: {}\n", std::string(status.message()));
  return absl::IsUnavailable(status) ? kNoServer : kSomethingIsWrong;
}

uint64_t DrawSeed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

Timestamp SystemNow() {
  return Timestamp{std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count()};
}

bool Exists(const std::string& path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0;
}

absl::Status SetUpRegion(Transport& transport, RecordFile& record, const Audit& audit,
                         const Options& options, const std::vector<CooperativePlan>& region,
                         ExpectedBooks& books) {
  const absl::StatusOr<RecordBook> known = audit.ReadBook();
  if (!known.ok()) return known.status();
  SetUp set_up(transport, record, *known, options.reconnect);
  for (const CooperativePlan& plan : region) {
    absl::Status status = set_up.Open(plan);
    if (status.ok()) status = set_up.ReadBalances(plan, books);
    if (!status.ok()) return status;
    fmt::print("  {} {}: {} branches, {} terminals, {} members\n", plan.id.value(), plan.name,
               plan.branches.size(), plan.terminals.size(), FormatCount(plan.members));
  }
  return absl::OkStatus();
}

// Compares the record with the ledger. Nothing if all is well, else the exit code.
std::optional<int> Compare(Audit& audit) {
  const absl::StatusOr<AuditResult> result = audit.Run();
  if (!result.ok()) return Fail(result.status());
  PrintAudit(*result);
  if (result->differences > 0) return kSomethingIsWrong;
  return std::nullopt;
}

int PlayDay(Transport& transport, RecordFile& record, Audit& audit, const Options& options) {
  const std::vector<CooperativePlan> region = KlatenRegion(options.cooperatives);
  ExpectedBooks books(region);
  fmt::print("Setting up {} cooperatives in Klaten\n", region.size());
  absl::Status status = SetUpRegion(transport, record, audit, options, region, books);
  if (!status.ok()) return Fail(status);

  const uint64_t seed = options.seed.value_or(DrawSeed());
  DayGenerator day(region, books,
                   {.transactions = options.transactions,
                    .seed = seed,
                    .id_seed = DrawSeed(),
                    .reads_per_hundred = options.reads_per_hundred},
                   SystemNow);
  fmt::print("Playing a day of {} transactions (seed {})\n", FormatCount(options.transactions),
             seed);
  Player player(transport, record,
                {.in_flight = size_t{options.clients} * options.in_flight,
                 .batch_size = options.batch,
                 .reconnect = options.reconnect,
                 .transactions = options.transactions});
  status = player.Play(day);
  if (!status.ok()) return Fail(status);
  PrintTally(player.tally(), player.duration_ns());

  status = PrintTrialBalances(transport, region, options.reconnect);
  if (!status.ok()) return Fail(status);
  status = PrintStateHash(transport, options.reconnect);
  if (!status.ok()) return Fail(status);

  fmt::print("\nComparing the record with the ledger\n");
  if (const std::optional<int> code = Compare(audit)) return *code;
  return player.tally().problem_count == 0 ? kAllIsWell : kSomethingIsWrong;
}

int Run(const Options& options) {
  Transport transport(options.server, options.clients);
  const absl::Status serving = transport.WaitUntilServing(options.reconnect);
  if (!serving.ok()) return Fail(serving);
  const bool goes_on = Exists(options.record);
  absl::StatusOr<RecordFile> record = RecordFile::Open(options.record);
  if (!record.ok()) return Fail(record.status());
  Audit audit(transport, *record, options.record, options.reconnect);
  if (goes_on || options.check_only) {
    fmt::print("Comparing the record of earlier runs with the ledger\n");
    if (const std::optional<int> code = Compare(audit)) return *code;
  }
  return options.check_only ? kAllIsWell : PlayDay(transport, *record, audit, options);
}

}  // namespace

}  // namespace lumbung

int main(int argc, char** argv) {
  lumbung::Options options;
  if (const std::optional<int> code = lumbung::ReadOptions(argc, argv, options)) return *code;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return lumbung::Run(options);
}
