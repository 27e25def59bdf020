#include "bench/postgres/postgres_run.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "bench/measure/process_figures.h"
#include "bench/postgres/payment_loop.h"
#include "bench/postgres/postgres_server.h"
#include "bench/postgres/schema.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

constexpr uint64_t kWarmUpShare = 10;  // a tenth of the run comes before it

std::string NameOf(const PostgresOptions& options) {
  std::string name = options.batch == 1 ? fmt::format("PostgreSQL, {} in flight", options.clients)
                                        : fmt::format("PostgreSQL, batch {}, {} in flight",
                                                      options.batch, options.clients);
  if (options.hot_percent > 0) name += fmt::format(", {} % hot", options.hot_percent);
  return name;
}

absl::Status SetUp(const std::string& socket_folder, uint32_t accounts) {
  auto session = PostgresSession::Connect(socket_folder);
  if (!session.ok()) return session.status();
  for (const std::string& sql : {std::string(kPostgresSchema), OpenAccountsSql(accounts),
                                 std::string("VACUUM (ANALYZE) accounts")}) {
    const absl::Status status = session->Run(sql);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Nothing, or what is wrong with the books.
absl::StatusOr<std::string> CheckBooks(const std::string& socket_folder, uint64_t payments,
                                       __int128 amount) {
  auto session = PostgresSession::Connect(socket_folder);
  if (!session.ok()) return session.status();
  const auto sums = session->Row(kPostgresSums);
  if (!sums.ok()) return sums.status();
  // All runs together stay far below 2^63 sen.
  const std::vector<std::string> expected = {"0", "0", fmt::format("{}", payments),
                                             fmt::format("{}", static_cast<int64_t>(amount))};
  if (*sums == expected) return std::string();
  return fmt::format("the books: {} instead of {}", fmt::join(*sums, ", "),
                     fmt::join(expected, ", "));
}

struct Usage {
  Use use;
  double log_bytes = 0;  // ever written
};

absl::StatusOr<Usage> ReadUsage(const PostgresServer& server) {
  auto session = PostgresSession::Connect(server.socket_folder());
  if (!session.ok()) return session.status();
  const auto log = session->Row("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')");
  if (!log.ok()) return log.status();
  return Usage{.use = {.client = ReadProcessFigures(getpid()), .server = server.Used()},
               .log_bytes = std::stod(log->front())};
}

Figures FiguresWithUsage(const PostgresOptions& options, const LoopResult& result,
                         const Usage& before, const Usage& after) {
  Figures figures = FiguresOf(NameOf(options), result);
  SetUse(before.use, after.use, figures);
  figures.bytes_written = (after.log_bytes - before.log_bytes) /
                          static_cast<double>(std::max<uint64_t>(1, result.transactions));
  return figures;
}

}  // namespace

absl::StatusOr<Figures> RunPostgres(const PostgresOptions& options) {
  const auto server = PostgresServer::Start(options.folder, options.clients);
  if (!server.ok()) return server.status();
  const std::string& socket_folder = (*server)->socket_folder();
  if (const absl::Status status = SetUp(socket_folder, options.accounts); !status.ok()) {
    return status;
  }
  auto loop = PaymentLoop::Make({.socket_folder = socket_folder,
                                 .sessions = options.clients,
                                 .plan = {.accounts = options.accounts,
                                          .hot_percent = options.hot_percent,
                                          .batch = options.batch},
                                 .seed = options.seed,
                                 .progress = options.progress});
  if (!loop.ok()) return loop.status();
  const auto warm_up = loop->Run(std::max<uint64_t>(1, options.transactions / kWarmUpShare));
  if (!warm_up.ok()) return warm_up.status();
  const auto before = ReadUsage(**server);
  if (!before.ok()) return before.status();
  const auto result = loop->Run(options.transactions);
  if (!result.ok()) return result.status();
  const auto after = ReadUsage(**server);
  if (!after.ok()) return after.status();
  Figures figures = FiguresWithUsage(options, *result, *before, *after);

  figures.wrong += warm_up->wrong;
  if (figures.first_wrong.empty()) figures.first_wrong = warm_up->first_wrong;
  const auto books = CheckBooks(socket_folder, warm_up->transactions + result->transactions,
                                warm_up->amount + result->amount);
  if (!books.ok()) return books.status();
  if (!books->empty()) {
    ++figures.wrong;
    figures.first_wrong = *books;
  }
  return figures;
}

absl::StatusOr<std::vector<Figures>> RunAllOfPostgres(const PostgresOptions& options) {
  struct Run {
    uint32_t clients;
    uint32_t batch;
    uint32_t hot_percent;
    uint64_t transactions;
  };
  constexpr Run kRuns[] = {
      {.clients = 16, .batch = 1, .hot_percent = 0, .transactions = 100'000},
      {.clients = 16, .batch = 1, .hot_percent = 100, .transactions = 20'000},
      {.clients = 1, .batch = 1, .hot_percent = 0, .transactions = 20'000},
      {.clients = 2, .batch = kMaxBatch, .hot_percent = 0, .transactions = 1'000'000}};
  std::vector<Figures> rows;
  for (const Run& run : kRuns) {
    PostgresOptions one = options;
    one.clients = run.clients;
    one.batch = run.batch;
    one.hot_percent = run.hot_percent;
    one.transactions = run.transactions;
    auto figures = RunPostgres(one);
    if (!figures.ok()) return figures.status();
    rows.push_back(*std::move(figures));
  }
  return rows;
}

}  // namespace lumbung
