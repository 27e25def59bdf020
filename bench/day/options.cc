#include "bench/day/options.h"

#include <CLI/CLI.hpp>

#include "bench/workload/region.h"
#include "engine/limits.h"

namespace lumbung {

std::optional<int> ReadOptions(int argc, char** argv, Options& options) {
  CLI::App app(
      "Plays a day of the cooperatives around Bentangan (Klaten): sets them up, sends their "
      "payments\n"
      "with the faults of a flaky link, keeps a record of what was sent and answered, and compares "
      "it\n"
      "with the ledger at the end; also at the start, if an earlier run was interrupted.\n"
      "Exit code: 0 all is well; 1 something is wrong; 2 the server can't be reached.");
  int64_t reconnect_seconds = options.reconnect.count();
  app.add_option("--server", options.server, "HOST:PORT of lumbungd")->required();
  app.add_option("--record", options.record, "file with the client's record; goes on if it exists")
      ->required();
  app.add_option("--transactions", options.transactions, "fresh transactions of the day")
      ->check(CLI::Range(uint64_t{1}, uint64_t{999'999'999}))
      ->capture_default_str();
  app.add_option("--clients", options.clients, "connections")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--in-flight", options.in_flight, "calls in flight on each connection")
      ->check(CLI::Range(1, 1'024))
      ->capture_default_str();
  app.add_option("--batch", options.batch, "transactions in a batch of the super-app's backend")
      ->check(CLI::Range(size_t{1}, kMaxBatch))
      ->capture_default_str();
  app.add_option("--cooperatives", options.cooperatives, "Bentangan and its neighbours")
      ->check(CLI::Range(size_t{1}, kMaxCooperatives))
      ->capture_default_str();
  app.add_option(
         "--reads", options.reads_per_hundred,
         "look-ups (balance, statement, resolve) to 100 transactions; 500 is like a real day")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "of what happens; drawn and printed if not given");
  app.add_option("--reconnect-seconds", reconnect_seconds,
                 "how long to wait for a server that went away")
      ->check(CLI::Range(0, 86'400))
      ->capture_default_str();
  app.add_flag("--check", options.check_only, "only compare the record with the ledger");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  options.reconnect = std::chrono::seconds(reconnect_seconds);
  return std::nullopt;
}

}  // namespace lumbung
