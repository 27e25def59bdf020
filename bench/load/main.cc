// lumbung-bench: what the server can carry, beside what the parts under it could.

#include <CLI/CLI.hpp>

#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "api/server/callback_thread.h"
#include "bench/compare/compare.h"
#include "bench/compare/machine.h"
#include "bench/load/belongings.h"
#include "bench/load/echo_server.h"
#include "bench/load/runs.h"
#include "bench/postgres/postgres_command.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

// A number from `least` to `most`, both included. CLI::Range lets `nan` pass: it compares as
// neither below nor above.
CLI::Validator Between(double least, double most) {
  return CLI::Validator(
      [least, most](const std::string& text) {
        double number = 0;
        const bool within =
            CLI::detail::lexical_cast(text, number) && number >= least && number <= most;
        return within ? std::string()
                      : fmt::format("expected a number from {} to {}, found {}", least, most, text);
      },
      fmt::format("FLOAT in [{} - {}]", least, most));
}

struct Arguments {
  Places places;
  LoopOptions loop;
  std::string ids = "v7";
  std::string mix = "transfer";
  double disk_seconds = 3;
  std::string ready_file;
  CompareOptions compare;
  bool quick = false;
  bool markdown = false;
  bool json = false;
};

int PrintRows(const absl::StatusOr<std::vector<Figures>>& rows, bool json) {
  if (!rows.ok()) {
    fmt::print(stderr, "lumbung-bench: {}\n", std::string(rows.status().message()));
    return 1;
  }
  int code = 0;
  if (!json) fmt::print("{}", TableOf(*rows));
  for (const Figures& row : *rows) {
    if (json) fmt::print("{}\n", JsonOf(row));
    if (row.refused != 0 && !json) {
      fmt::print(stderr, "{}: {} calls were refused for want of room and sent again\n", row.name,
                 row.refused);
    }
    if (row.wrong == 0) continue;
    fmt::print(stderr, "WRONG in {}: {} of {}, first: {}\n", row.name, row.wrong, row.transactions,
               row.first_wrong);
    code = 1;
  }
  return code;
}

int PrintRow(absl::StatusOr<Figures> row, bool json) {
  if (!row.ok()) return PrintRows(row.status(), json);
  return PrintRows(std::vector<Figures>{*std::move(row)}, json);
}

void AddLoopOptions(CLI::App& command, Arguments& arguments) {
  command.add_option("--clients", arguments.loop.clients, "connections")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command.add_option("--in-flight", arguments.loop.in_flight, "calls in flight on each connection")
      ->check(CLI::Range(1, 4'096))
      ->capture_default_str();
  command.add_option("--batch", arguments.loop.batch, "transactions in a call; 1: unary Submit")
      ->check(CLI::Range(size_t{1}, kMaxBatch))
      ->capture_default_str();
  command
      .add_option("--transactions", arguments.loop.transactions,
                  "to measure; a tenth more come before, to warm up")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000'000'000}))
      ->capture_default_str();
  command.add_option("--accounts", arguments.loop.rows.accounts, "wallets to move money between")
      ->check(CLI::Range(2, 60'000'000))
      ->capture_default_str();
  command
      .add_option("--hot", arguments.loop.rows.hot_percent,
                  "percent of the transactions that credit one and the same account")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command.add_option("--ids", arguments.ids, "v7, or v4: random")
      ->check(CLI::IsMember({"v7", "v4"}))
      ->capture_default_str();
  command
      .add_option("--mix", arguments.mix,
                  "transfer; holds: holds and captures half and half; workload: a day's kinds")
      ->check(CLI::IsMember({"transfer", "holds", "workload"}))
      ->capture_default_str();
  command
      .add_option("--rate", arguments.loop.rate,
                  "transactions a second, sent whether answered or not; latencies count from the "
                  "intended moment. 0: a closed loop")
      ->check(Between(0, 1e8))
      ->capture_default_str();
  command.add_flag("--grpc-threads", arguments.places.grpc_threads,
                   "callbacks on gRPC's own threads, in the client and in bare gRPC");
  command.add_flag("--progress", arguments.loop.progress, "a line each second on stderr");
  command.add_flag("--json", arguments.json, "for programs");
}

void AddPlaces(CLI::App& command, Arguments& arguments) {
  command
      .add_option("--folder", arguments.places.folder,
                  "where temporary folders are made: decides the disk")
      ->capture_default_str();
}

void AddServer(CLI::App& command, Arguments& arguments) {
  command.add_option("--lumbungd", arguments.places.lumbungd, "the server to start")
      ->capture_default_str();
  command.add_option("--server-option", arguments.places.server_options,
                     "for the server that is started, as on its command line; repeatable");
  AddPlaces(command, arguments);
}

// In the folder of this program, as it is installed, or else where it is built.
std::string Beside(const std::filesystem::path& program, const char* name, const char* built) {
  const std::filesystem::path beside = program.parent_path() / name;
  return std::filesystem::exists(beside) ? beside : program.parent_path().parent_path() / built;
}

void AddCompare(CLI::App& command, Arguments& arguments) {
  CompareOptions& compare = arguments.compare;
  AddServer(command, arguments);
  compare.lumbung = Beside(arguments.places.program, "lumbung", "api/cli/lumbung");
  command.add_option("--lumbung", compare.lumbung, "the command line client, for the line `audit`")
      ->capture_default_str();
  command
      .add_option(
          "--only", compare.only,
          "lines to run, by key: " +
              [] { return fmt::format("{}", fmt::join(CompareKeys(), ", ")); }())
      ->delimiter(',');
  command.add_option("--scale", compare.scale, "of the numbers of transactions")
      ->check(Between(0.001, 100))
      ->capture_default_str();
  command.add_option("--long-entries", compare.long_entries, "of the line `long`")
      ->check(CLI::Range(uint64_t{100'000}, uint64_t{1'000'000'000'000}))
      ->capture_default_str();
  command
      .add_option("--kill-entries", compare.kill_entries,
                  "of the ledger of the lines `kill`, `proof`, `audit` and `replay`")
      ->check(CLI::Range(uint64_t{100'000}, uint64_t{1'000'000'000'000}))
      ->capture_default_str();
  command.add_option("--picture", compare.picture,
                     "an SVG to write: throughput over batch size, measured in this run");
  command.add_flag("--quick", arguments.quick,
                   "a fifth of all numbers, 4 million entries in the long lines, but for what "
                   "--scale, --long-entries or --kill-entries says");
  CLI::Option& json = *command.add_flag("--json", arguments.json, "for programs");
  command
      .add_flag("--markdown", arguments.markdown,
                "a heading above the table: date, cores, processor, how large the runs were")
      ->excludes(&json);
}

std::string HeadingOf(const CompareOptions& options) {
  return fmt::format(
      "Measured on {}. Numbers of transactions × {}; {} M entries in `long`, {} M in the ledger of "
      "`kill`, `proof`, `audit` and `replay`:\n",
      DateAndMachine(), options.scale, static_cast<double>(options.long_entries) / 1e6,
      static_cast<double>(options.kill_entries) / 1e6);
}

// What was asked for by name stays as it is.
void MakeQuick(const CLI::App& command, CompareOptions& compare) {
  const auto is_given = [&command](const char* option) { return command.count(option) > 0; };
  if (!is_given("--scale")) compare.scale = 0.2;
  if (!is_given("--long-entries")) compare.long_entries = 4'000'000;
  if (!is_given("--kill-entries")) compare.kill_entries = 4'000'000;
}

int RunCompare(const CLI::App& command, Arguments& arguments) {
  CompareOptions& compare = arguments.compare;
  compare.places = arguments.places;
  if (arguments.quick) MakeQuick(command, compare);
  std::vector<ComparedLine> lines;
  const absl::Status status = Compare(compare, lines);
  if (arguments.markdown && !lines.empty()) fmt::print("{}\n", HeadingOf(compare));
  if (!lines.empty()) fmt::print("{}\n", arguments.json ? JsonOf(lines) : TableOf(lines));
  if (status.ok()) return ExitCodeOf(lines);
  fmt::print(stderr, "lumbung-bench: {}\n", std::string(status.message()));
  return 2;
}

Places DefaultPlaces() {
  Places places;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  places.program = program;
  places.lumbungd = Beside(program, "lumbungd", "api/lumbungd");
  places.folder = std::filesystem::temp_directory_path();
  return places;
}

int Run(int argc, char** argv) {
  Arguments arguments;
  arguments.places = DefaultPlaces();
  arguments.loop = {.clients = 2, .in_flight = 2, .batch = kMaxBatch, .transactions = 4'000'000};
  arguments.loop.rows.accounts = 10'000;
  CLI::App app(
      "What lumbungd can carry, beside bare gRPC and the bare disk. Exit code 1 if a reply\n"
      "or the balances at the end are not as they must be.");
  app.require_subcommand(1);
  CLI::App& load =
      *app.add_subcommand("load", "transactions through lumbungd, in a closed or an open loop");
  AddLoopOptions(load, arguments);
  load.add_option("--server", arguments.places.server, "HOST:PORT; else one is started");
  load.add_option("--server-pid", arguments.places.server_pid,
                  "of that server, to measure what it uses");
  AddServer(load, arguments);
  CLI::App& echo = *app.add_subcommand("echo", "the same messages through gRPC, and nothing done");
  AddLoopOptions(echo, arguments);
  AddPlaces(echo, arguments);
  CLI::App& disk =
      *app.add_subcommand("disk", "writes and syncs of the same sizes, and nothing else");
  AddPlaces(disk, arguments);
  disk.add_option("--batch", arguments.loop.batch, "entries of 128 bytes in a write")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  disk.add_option("--seconds", arguments.disk_seconds, "how long")
      ->check(Between(0.01, 86'400))
      ->capture_default_str();
  disk.add_flag("--json", arguments.json, "for programs");
  CLI::App& first = *app.add_subcommand("first-figures", "all of these in one run, and the ratios");
  AddServer(first, arguments);
  CLI::App& compare = *app.add_subcommand(
      "compare",
      "the table of targets. Exit code 1: a line is not met; 2: one could not be run, or the\n"
      "server erred");
  AddCompare(compare, arguments);
  PostgresCommand postgres(app, arguments.places.folder);
  CLI::App& echo_server = *app.add_subcommand("echo-server", "what `echo` starts for itself");
  echo_server.add_option("--ready-file", arguments.ready_file)->required();
  echo_server.add_flag("--grpc-threads", arguments.places.grpc_threads);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  arguments.loop.rows.ids = arguments.ids == "v4" ? IdForm::kVersion4 : IdForm::kVersion7;
  arguments.loop.rows.mix = arguments.mix == "holds"      ? Mix::kHolds
                            : arguments.mix == "workload" ? Mix::kWorkload
                                                          : Mix::kTransfer;
  if (arguments.places.grpc_threads) CallbackThread::LeaveToGrpc();
  if (echo_server.parsed()) {
    ServeEcho(arguments.ready_file);
    return 0;
  }
  Belongings::OfThisProgram().RemoveOnSignals();
  if (compare.parsed()) return RunCompare(compare, arguments);
  if (load.parsed()) return PrintRow(RunLoad(arguments.places, arguments.loop), arguments.json);
  if (postgres.parsed()) return PrintRows(postgres.Run(), postgres.json());
  if (echo.parsed()) return PrintRow(RunEcho(arguments.places, arguments.loop), arguments.json);
  if (disk.parsed()) {
    return PrintRow(RunDisk(arguments.places, arguments.loop.batch, arguments.disk_seconds),
                    arguments.json);
  }
  fmt::print("{} processors, folders in {}\n\n", std::thread::hardware_concurrency(),
             arguments.places.folder);
  const auto rows = RunFirstFigures(arguments.places);
  const int code = PrintRows(rows, false);
  if (rows.ok()) fmt::print("\n{}", RatiosOf(*rows));
  return code;
}

}  // namespace

}  // namespace lumbung

int main(int argc, char** argv) { return lumbung::Run(argc, argv); }
