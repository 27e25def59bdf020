#include "bench/load/runs.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "bench/load/child_process.h"
#include "bench/load/disk_loop.h"
#include "bench/load/load_target.h"
#include "bench/measure/process_figures.h"
#include "engine/entry.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

constexpr uint64_t kWarmUpShare = 10;  // a tenth of the run comes before it

std::string NameOf(const char* what, const LoopOptions& loop) {
  if (loop.rate > 0) {
    return fmt::format("{}, batch {}, {:.0f}/s sent", what, loop.batch, loop.rate);
  }
  const uint32_t calls = loop.clients * loop.in_flight;
  return loop.batch == 1 ? fmt::format("{}, unary, {} in flight", what, calls)
                         : fmt::format("{}, batch {}, {} in flight", what, loop.batch, calls);
}

// Runs the loop between two readings of what client and server have used.
Figures Measure(const char* what, LoopOptions loop, pid_t server, LoopResult& result) {
  const auto read = [server] {
    return Use{.client = ReadProcessFigures(getpid()),
               .server = server == 0 ? std::nullopt : ReadProcessFigures(server)};
  };
  const Use before = read();
  result = RunLoop(loop);
  const Use after = read();
  Figures figures = FiguresOf(NameOf(what, loop), result);
  SetUse(before, after, figures);
  if (before.server && after.server) {
    const auto count = static_cast<double>(std::max<uint64_t>(1, result.transactions));
    figures.bytes_written =
        static_cast<double>(after.server->written_bytes - before.server->written_bytes) / count;
  }
  return figures;
}

LoopOptions WarmUpOf(const LoopOptions& loop) {
  LoopOptions warm_up = loop;
  warm_up.transactions = std::max<uint64_t>(1, loop.transactions / kWarmUpShare);
  warm_up.seed = loop.seed + 1'000'000;
  return warm_up;
}

// The server's end is a part of what it does. Why calls failed stands in its log too.
void AddWrongUnless(const absl::Status& ended_in_order, Figures& figures) {
  if (ended_in_order.ok()) return;
  ++figures.wrong;
  if (!figures.first_wrong.empty()) figures.first_wrong += "; then ";
  figures.first_wrong += std::string(ended_in_order.message());
}

absl::StatusOr<std::unique_ptr<LoadTarget>> TargetOf(const Places& places) {
  if (places.server.empty()) return LoadTarget::Start(places);
  return std::make_unique<LoadTarget>(places.server, places.server_pid);
}

}  // namespace

absl::StatusOr<Figures> RunLoad(const Places& places, LoopOptions loop,
                                const std::function<absl::Status(LoadTarget&)>& then) {
  const auto target = TargetOf(places);
  if (!target.ok()) return target.status();
  loop.server = (*target)->server();
  const auto first_account = (*target)->OpenAccounts(loop.rows);
  if (!first_account.ok()) return first_account.status();
  loop.rows.first_account = *first_account;
  const auto before = (*target)->AddUp();
  if (!before.ok()) return before.status();

  const LoopResult warm_up = RunLoop(WarmUpOf(loop));
  LoopResult result;
  Figures figures = Measure("lumbungd", loop, (*target)->pid(), result);
  if (then) {
    if (const absl::Status looked = then(**target); !looked.ok()) return looked;
  }

  const auto after = (*target)->AddUp();
  if (!after.ok()) return after.status();
  figures.wrong += warm_up.wrong;
  if (figures.first_wrong.empty()) figures.first_wrong = warm_up.first_wrong;
  if (!LoadTarget::LiesBetween(loop.rows.mix, warm_up.amount + result.amount, *before, *after)) {
    ++figures.wrong;
    figures.first_wrong = "the balances don't add up to what was accepted";
  }
  if (places.server.empty()) AddWrongUnless((*target)->Stop(), figures);
  return figures;
}

absl::StatusOr<Figures> RunEcho(const Places& places, LoopOptions loop) {
  const auto folder = TemporaryFolder::Make(places.folder);
  if (!folder.ok()) return folder.status();
  const std::string ready_file = folder->path() + "/address";
  std::vector<std::string> command{places.program, "echo-server", "--ready-file", ready_file};
  if (places.grpc_threads) command.emplace_back("--grpc-threads");
  auto server = ChildProcess::Start(
      {.arguments = command, .log = folder->path() + "/log", .ready_file = ready_file});
  if (!server.ok()) return server.status();
  loop.server = server->address();
  loop.rows.first_account = AccountId{1};
  RunLoop(WarmUpOf(loop));
  LoopResult result;
  Figures figures = Measure("bare gRPC", loop, server->pid(), result);
  AddWrongUnless(server->Stop(), figures);
  return figures;
}

absl::StatusOr<Figures> RunDisk(const Places& places, uint32_t transactions, double seconds) {
  const size_t bytes = size_t{transactions} * sizeof(Entry);
  const auto folder = TemporaryFolder::Make(places.folder);
  if (!folder.ok()) return folder.status();
  const auto result =
      RunDiskLoop({.folder = folder->path(), .write_bytes = bytes, .seconds = seconds});
  if (!result.ok()) return result.status();
  Figures figures;
  figures.name = fmt::format("write + fdatasync, {} x 128 B", transactions);
  figures.transactions = result->writes * transactions;
  figures.accepted = figures.transactions;
  figures.transactions_per_second =
      static_cast<double>(figures.transactions) * 1e9 / static_cast<double>(result->duration_ns);
  figures.bytes_written = sizeof(Entry);
  SetLatency(result->latency, figures);
  return figures;
}

absl::StatusOr<std::vector<Figures>> RunFirstFigures(const Places& places) {
  constexpr uint32_t kUnaryInFlight = 64;
  constexpr double kDiskSeconds = 3;
  LoopOptions batch{.clients = 2, .in_flight = 2, .batch = kMaxBatch, .transactions = 4'000'000};
  batch.rows.accounts = 10'000;
  LoopOptions unary{
      .clients = 4, .in_flight = kUnaryInFlight / 4, .batch = 1, .transactions = 300'000};
  unary.rows.accounts = 10'000;
  std::vector<Figures> rows;
  const auto add = [&](absl::StatusOr<Figures> figures) {
    if (figures.ok()) rows.push_back(*std::move(figures));
    return figures.status();
  };
  absl::Status status = add(RunLoad(places, batch));
  if (status.ok()) status = add(RunEcho(places, batch));
  if (status.ok()) status = add(RunDisk(places, kMaxBatch, kDiskSeconds));
  if (status.ok()) status = add(RunLoad(places, unary));
  if (status.ok()) status = add(RunEcho(places, unary));
  if (status.ok()) status = add(RunDisk(places, kUnaryInFlight, kDiskSeconds));
  if (!status.ok()) return status;
  return rows;
}

std::string RatiosOf(const std::vector<Figures>& first_figures) {
  const auto percent = [&](size_t row, size_t of) {
    return 100 * first_figures[row].transactions_per_second /
           first_figures[of].transactions_per_second;
  };
  return fmt::format(
      "batch of 8,190:   {:.0f} % of bare gRPC, {:.0f} % of the disk alone\n"
      "unary, 64 in flight:   {:.0f} % of bare gRPC, {:.0f} % of the disk alone (64 entries a "
      "sync)\n",
      percent(0, 1), percent(0, 2), percent(3, 4), percent(3, 5));
}

}  // namespace lumbung
