#include "tests/crash/options.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <random>

#include "engine/limits.h"

namespace lumbung {

std::optional<int> ReadOptions(int argc, char** argv, Options& options) {
  CLI::App app(
      "Attacks lumbungd: kills and hinders the process while clients pay through it and keep\n"
      "their own record, then compares the record with the ledger, exactly.\n"
      "Exit code: 0 all is well; 1 something is wrong, and the folder is kept; 2 it could not be\n"
      "tried; 77 it needs what is not permitted or not installed here.");
  options.folder = std::filesystem::temp_directory_path().string();
  options.seed = std::random_device{}();
  app.add_option("--server", options.server, "lumbungd, the program")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--folder", options.folder, "where the ledger's temporary folder is made")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--seed", options.seed,
                 "of what is asked for and when things break; drawn and "
                 "printed if not given")
      ->envname("LUMBUNG_SEED");
  app.add_option("--kills", options.kills, "SIGKILLs after which the round ends")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000}))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds,
                 "after which it ends at the latest, once each thing "
                 "that breaks came once; the comparison not counted")
      ->check(CLI::Range(uint64_t{1}, uint64_t{86'400}))
      ->capture_default_str();
  app.add_option("--clients", options.clients, "each with a connection and a record of its own")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--rate", options.rate, "new transactions a second that they try to reach")
      ->check(CLI::Range(1.0, 1e7))
      ->capture_default_str();
  app.add_option("--most-rows", options.most_rows, "of a batch")
      ->check(CLI::Range(uint64_t{1}, uint64_t{kMaxBatch}))
      ->capture_default_str();
  app.add_flag(
      "--full-disk", options.full_disk,
      "keep the ledger in a file system in memory that is full at times; needs the right to "
      "mount");
  app.add_flag("--clock-jumps", options.clock_jumps,
               "set the server's clock ahead and back; needs libfaketime");
  app.add_flag("--tear-the-log", options.tear_the_log,
               "cut the end of the ledger's log off after each kill: it must be noticed");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

}  // namespace lumbung
