#include "bench/compare/compare.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "bench/compare/comparison.h"
#include "bench/compare/curves.h"
#include "bench/compare/ledger_lines.h"
#include "bench/compare/load_lines.h"
#include "bench/compare/log_line.h"
#include "bench/compare/postgres_lines.h"
#include "bench/compare/server_lines.h"
#include "bench/load/missing.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

// What the lines of one run share.
struct Run {
  const Comparison comparison;
  LedgerLines ledger{comparison};

  LoopOptions Base(uint64_t transactions = 4'000'000) const {
    return comparison.Batches(kMaxBatch, comparison.Scaled(transactions));
  }
};

struct Row {
  const char* key;
  std::function<absl::Status(Run&, ComparedLine&)> compare;
};

Row BatchRow(const char* key, const BatchTarget& target) {
  return {key, [target](Run& run, ComparedLine& line) {
            BatchTarget scaled = target;
            scaled.transactions = run.comparison.Scaled(target.transactions);
            return CompareBatch(run.comparison, scaled, line);
          }};
}

Row LineRow(const char* key, absl::Status (*compare)(const Comparison&, ComparedLine&)) {
  return {key, [compare](Run& run, ComparedLine& line) { return compare(run.comparison, line); }};
}

Row LedgerRow(const char* key, absl::Status (LedgerLines::*compare)(ComparedLine&)) {
  return {key, [compare](Run& run, ComparedLine& line) { return (run.ledger.*compare)(line); }};
}

// The base of the run, its share to be reached, and how the subject differs.
Row BaseRow(const char* key, const std::function<BaseTarget(const Run&)>& target) {
  return {key, [target](Run& run, ComparedLine& line) {
            return CompareWithBase(run.comparison, target(run), line);
          }};
}

void MakeHot(LoopOptions& loop) { loop.rows.hot_percent = 100; }
void MakeHolds(LoopOptions& loop) { loop.rows.mix = Mix::kHolds; }
void MakeWorkload(LoopOptions& loop) { loop.rows.mix = Mix::kWorkload; }
void MakeRandomIds(LoopOptions& loop) { loop.rows.ids = IdForm::kVersion4; }

// The lines of the large ledger stand last, one after the other, `replay` behind the others.
const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      BatchRow("batch-8190", {.batch = kMaxBatch, .rate = 1.2e6, .transactions = 10'000'000}),
      BatchRow("batch-1000", {.batch = 1'000, .rate = 0.9e6, .transactions = 4'000'000}),
      BatchRow("batch-100", {.batch = 100, .rate = 0.4e6, .transactions = 2'000'000}),
      LineRow("unary", CompareUnaryWithEcho),
      BaseRow("hot-batch",
              [](const Run& run) {
                return BaseTarget{run.Base(), 0.95, "one account in every transaction, batch 8190",
                                  MakeHot};
              }),
      BaseRow("hot-unary",
              [](const Run& run) {
                return BaseTarget{run.comparison.Unary(run.comparison.Scaled(300'000)), 0.95,
                                  "one account in every transaction, unary", MakeHot};
              }),
      BaseRow("holds",
              [](const Run& run) {
                return BaseTarget{run.Base(), 0.70, "holds and captures half and half", MakeHolds};
              }),
      BaseRow("workload",
              [](const Run& run) {
                return BaseTarget{run.Base(), 0.70, "the workload mix", MakeWorkload};
              }),
      BaseRow("v4",
              [](const Run& run) {
                return BaseTarget{run.Base(10'000'000), 0.60, "v4 ids", MakeRandomIds};
              }),
      LineRow("many-accounts", CompareManyAccounts),
      LineRow("log", CompareLog),
      LineRow("long", CompareLong),
      LineRow("lone", CompareLone),
      LineRow("open", CompareOpen),
      LineRow("idle", CompareIdle),
      LineRow("postgres-batch", ComparePostgresBatch),
      LineRow("postgres-unary", ComparePostgresUnary),
      LedgerRow("kill", &LedgerLines::Kill),
      LedgerRow("proof", &LedgerLines::Proof),
      LedgerRow("audit", &LedgerLines::Audit),
      LedgerRow("replay", &LedgerLines::Replay),
  };
  return rows;
}

bool IsAsked(const CompareOptions& options, const std::string& key) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), key) != options.only.end();
}

absl::Status CheckKeys(const CompareOptions& options) {
  const std::vector<std::string> keys = CompareKeys();
  for (const std::string& key : options.only) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      return absl::InvalidArgumentError(
          fmt::format("expected keys out of {}, found {}", fmt::join(keys, ", "), key));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> CompareKeys() {
  std::vector<std::string> keys;
  for (const Row& row : Rows()) keys.emplace_back(row.key);
  return keys;
}

absl::Status Compare(const CompareOptions& options, std::vector<ComparedLine>& lines) {
  if (const absl::Status known = CheckKeys(options); !known.ok()) return known;
  Run run{.comparison = Comparison(options)};
  for (const Row& row : Rows()) {
    if (!IsAsked(options, row.key)) continue;
    ComparedLine line{.key = row.key};
    const absl::Status status = row.compare(run, line);
    if (!status.ok() && !IsMissing(status)) {
      return absl::Status(status.code(),
                          fmt::format("{}: {}", row.key, std::string(status.message())));
    }
    if (!status.ok()) line.measured = std::string(status.message());
    fmt::print(stderr, "{}: {} ({})\n", line.key, line.measured, NameOf(line.verdict));
    lines.push_back(std::move(line));
  }
  if (const absl::Status ended = run.ledger.Remove(); !ended.ok()) return ended;
  return options.picture.empty() ? absl::OkStatus() : DrawCurves(run.comparison);
}

}  // namespace lumbung
