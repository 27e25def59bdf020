#include "bench/load/compare.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <functional>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/load/picture.h"
#include "bench/load/runs.h"
#include "bench/measure/process_figures.h"
#include "engine/limits.h"

namespace lumbung {

namespace {

constexpr double kMillion = 1e6;
constexpr uint32_t kFewAccounts = 10'000;
constexpr uint32_t kManyAccounts = 10'000'000;
// An entry in the log, in a blob file and as an id, and some room.
constexpr double kDiskBytesAnEntry = 220;

LoopOptions Batches(uint32_t batch, uint64_t transactions) {
  LoopOptions loop{.clients = 2, .in_flight = 2, .batch = batch, .transactions = transactions};
  if (batch <= 1'000) loop.in_flight = 4;
  if (batch <= 100) loop.in_flight = 16;
  loop.rows.accounts = kFewAccounts;
  loop.progress = isatty(STDERR_FILENO) != 0;
  return loop;
}

LoopOptions Unary(uint64_t transactions) {
  LoopOptions loop{.clients = 4, .in_flight = 16, .batch = 1, .transactions = transactions};
  loop.rows.accounts = kFewAccounts;
  loop.progress = isatty(STDERR_FILENO) != 0;
  return loop;
}

// A rate as people read it.
std::string Rate(double rate) {
  return rate >= kMillion ? fmt::format("{:.2f} M/s", rate / kMillion)
                          : fmt::format("{:.1f} k/s", rate / 1e3);
}

class Comparison {
 public:
  explicit Comparison(const CompareOptions& options) : options_(options) {}

  absl::StatusOr<ComparedLine> Batch(uint32_t batch, double target, uint64_t transactions);
  absl::StatusOr<ComparedLine> UnaryOverEcho();
  // `change` makes the subject out of the base.
  absl::StatusOr<ComparedLine> OverBase(const LoopOptions& base, double target, const char* what,
                                        const std::function<void(LoopOptions&)>& change);
  absl::StatusOr<ComparedLine> ManyAccounts();
  absl::StatusOr<ComparedLine> Long();
  absl::StatusOr<ComparedLine> Lone();
  absl::StatusOr<ComparedLine> Open();
  absl::StatusOr<ComparedLine> KilledAndReplayed(bool replay);
  absl::StatusOr<ComparedLine> Idle();

  uint64_t Scaled(uint64_t transactions) const {
    return std::max<uint64_t>(
        1'000,
        static_cast<uint64_t>(std::llround(static_cast<double>(transactions) * options_.scale)));
  }
  absl::Status DrawPicture();

 private:
  // The mean rate of the base before and after the subject: the machine's speed drifts.
  struct Interleaved {
    Figures before;
    Figures subject;
    Figures after;
    double ratio() const {
      return 2 * subject.transactions_per_second /
             (before.transactions_per_second + after.transactions_per_second);
    }
  };
  absl::StatusOr<Interleaved> Interleave(const std::function<absl::StatusOr<Figures>()>& base,
                                         const std::function<absl::StatusOr<Figures>()>& subject);
  absl::StatusOr<Figures> Right(absl::StatusOr<Figures> figures);
  absl::Status HasRoomFor(double bytes) const;

  const CompareOptions options_;
};

// Wrong replies are an error, not a slow result.
absl::StatusOr<Figures> Comparison::Right(absl::StatusOr<Figures> figures) {
  if (figures.ok() && figures->wrong != 0) {
    return absl::InternalError(
        fmt::format("{} wrong in {}: {}", figures->wrong, figures->name, figures->first_wrong));
  }
  return figures;
}

absl::StatusOr<Comparison::Interleaved> Comparison::Interleave(
    const std::function<absl::StatusOr<Figures>()>& base,
    const std::function<absl::StatusOr<Figures>()>& subject) {
  const auto before = Right(base());
  if (!before.ok()) return before.status();
  const auto measured = Right(subject());
  if (!measured.ok()) return measured.status();
  const auto after = Right(base());
  if (!after.ok()) return after.status();
  return Interleaved{.before = *before, .subject = *measured, .after = *after};
}

absl::Status Comparison::HasRoomFor(double bytes) const {
  const auto room = static_cast<double>(std::filesystem::space(options_.places.folder).available);
  if (room >= bytes) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format("{} has {:.0f} GB free, {:.0f} GB are needed",
                                                   options_.places.folder, room / 1e9,
                                                   bytes / 1e9));
}

absl::StatusOr<ComparedLine> Comparison::Batch(uint32_t batch, double target,
                                               uint64_t transactions) {
  const auto figures = Right(RunLoad(options_.places, Batches(batch, transactions)));
  if (!figures.ok()) return figures.status();
  ComparedLine line;
  line.what = fmt::format("batch {}, {} accounts, v7 ids, {:.1f} M transactions", batch,
                          kFewAccounts, static_cast<double>(transactions) / kMillion);
  line.target = "≥ " + Rate(target);
  line.measured = fmt::format(
      "{}; CPU µs: server {:.2f}, client {:.2f}; {:.0f} B written, {:.0f} "
      "MiB",
      Rate(figures->transactions_per_second), figures->server_cpu_us, figures->client_cpu_us,
      figures->bytes_written, figures->server_rss_mib);
  line.how = figures->name;
  line.ratio = figures->transactions_per_second / target;
  line.met = line.ratio >= 1;
  return line;
}

absl::StatusOr<ComparedLine> Comparison::UnaryOverEcho() {
  constexpr double kTarget = 0.85;
  const LoopOptions loop = Unary(Scaled(300'000));
  const auto runs = Interleave([&] { return RunEcho(options_.places, loop); },
                               [&] { return RunLoad(options_.places, loop); });
  if (!runs.ok()) return runs.status();
  ComparedLine line;
  line.what = "unary, 64 in flight";
  line.target = "≥ 85 % of bare gRPC";
  line.measured = fmt::format(
      "{}: {:.0f} % of {} and {}", Rate(runs->subject.transactions_per_second), 100 * runs->ratio(),
      Rate(runs->before.transactions_per_second), Rate(runs->after.transactions_per_second));
  line.how = "bare gRPC before and after it";
  line.ratio = runs->ratio() / kTarget;
  line.met = line.ratio >= 1;
  return line;
}

absl::StatusOr<ComparedLine> Comparison::OverBase(const LoopOptions& base, double target,
                                                  const char* what,
                                                  const std::function<void(LoopOptions&)>& change) {
  LoopOptions subject = base;
  change(subject);
  const auto runs = Interleave([&] { return RunLoad(options_.places, base); },
                               [&] { return RunLoad(options_.places, subject); });
  if (!runs.ok()) return runs.status();
  ComparedLine line;
  line.what = what;
  line.target = fmt::format("≥ {:.0f} % of plain transfers", 100 * target);
  line.measured = fmt::format(
      "{}: {:.0f} % of {} and {}", Rate(runs->subject.transactions_per_second), 100 * runs->ratio(),
      Rate(runs->before.transactions_per_second), Rate(runs->after.transactions_per_second));
  line.how = fmt::format("uniform transfers, v7, {} accounts before and after it", kFewAccounts);
  line.ratio = runs->ratio() / target;
  line.met = line.ratio >= 1;
  return line;
}

absl::StatusOr<ComparedLine> Comparison::ManyAccounts() {
  constexpr double kTarget = 0.70;
  constexpr double kMostBytes = 160;
  const LoopOptions base = Batches(kMaxBatch, Scaled(4'000'000));
  LoopOptions many = base;
  // Not fewer than a million, where the caches have long been left.
  many.rows.accounts = std::max<uint32_t>(
      1'000'000, static_cast<uint32_t>(kManyAccounts * std::min(1.0, options_.scale)));
  const auto runs = Interleave([&] { return RunLoad(options_.places, base); },
                               [&] { return RunLoad(options_.places, many); });
  if (!runs.ok()) return runs.status();
  const double bytes = (runs->subject.server_rss_mib - runs->after.server_rss_mib) * (1 << 20) /
                       (many.rows.accounts - base.rows.accounts);
  ComparedLine line;
  line.what = fmt::format("{} M accounts, uniformly", many.rows.accounts / 1'000'000);
  line.target = "≥ 70 % of 10 k accounts; ≤ 160 B an account";
  line.measured = fmt::format("{}: {:.0f} % of {} and {}; {:.0f} B an account",
                              Rate(runs->subject.transactions_per_second), 100 * runs->ratio(),
                              Rate(runs->before.transactions_per_second),
                              Rate(runs->after.transactions_per_second), bytes);
  line.how = "bytes: what the server's resident memory is larger by, shared out over the accounts";
  line.ratio = std::min(runs->ratio() / kTarget, kMostBytes / std::max(1.0, bytes));
  line.met = line.ratio >= 1;
  return line;
}

absl::StatusOr<ComparedLine> Comparison::Long() {
  const absl::Status room =
      HasRoomFor(static_cast<double>(options_.long_entries) * kDiskBytesAnEntry);
  if (!room.ok()) return room;
  const auto figures = Right(RunLoad(options_.places, Batches(kMaxBatch, options_.long_entries)));
  if (!figures.ok()) return figures.status();
  constexpr double kTarget = 0.85;
  constexpr double kLongestGapMs = 1'000;
  ComparedLine line;
  line.what = fmt::format("{:.0f} M entries in one go",
                          static_cast<double>(options_.long_entries) / kMillion);
  line.target = "last 10 M ≥ 85 % of the first; no stall over 1 s";
  line.measured = fmt::format(
      "{} at first, {} at last ({:.0f} %), {} in all; longest stall {:.0f} "
      "ms",
      Rate(figures->first_part_rate), Rate(figures->last_part_rate),
      100 * figures->last_part_rate / figures->first_part_rate,
      Rate(figures->transactions_per_second), figures->longest_gap_ms);
  line.how = "first and last: 10 M, or a tenth of the run; a stall: no call at all is answered";
  line.ratio = std::min(figures->last_part_rate / figures->first_part_rate / kTarget,
                        kLongestGapMs / figures->longest_gap_ms);
  line.met = line.ratio >= 1;
  return line;
}

absl::StatusOr<ComparedLine> Comparison::Lone() {
  constexpr double kMoreUs = 200;
  constexpr double kDiskSeconds = 3;
  LoopOptions lone = Unary(Scaled(20'000));
  lone.clients = 1;
  lone.in_flight = 1;
  const auto runs = Interleave([&] { return RunDisk(options_.places, 1, kDiskSeconds); },
                               [&] { return RunLoad(options_.places, lone); });
  if (!runs.ok()) return runs.status();
  const double disk_us = (runs->before.latency_us_p50 + runs->after.latency_us_p50) / 2;
  ComparedLine line;
  line.what = "one client, one payment at a time";
  line.target = "p50 ≤ raw fdatasync p50 + 200 µs";
  line.measured = fmt::format("{:.0f} µs; raw {:.0f} and {:.0f} µs: + {:.0f} µs",
                              runs->subject.latency_us_p50, runs->before.latency_us_p50,
                              runs->after.latency_us_p50, runs->subject.latency_us_p50 - disk_us);
  line.how = "raw: 128 bytes appended and synced, before and after it";
  line.ratio = (disk_us + kMoreUs) / runs->subject.latency_us_p50;
  line.met = line.ratio >= 1;
  return line;
}

absl::StatusOr<ComparedLine> Comparison::Open() {
  constexpr double kMostP99Us = 10'000;
  constexpr double kMostP999Us = 50'000;
  constexpr double kSeconds = 30;
  const auto closed = Right(RunLoad(options_.places, Unary(Scaled(300'000))));
  if (!closed.ok()) return closed.status();
  // So small a window and so short an interval that both are at work all the time.
  Places places = options_.places;
  places.server_options.insert(places.server_options.end(),
                               {"--id-window-slots", "65536", "--checkpoint-interval-ms", "2000"});
  LoopOptions open = Unary(0);
  open.rate = closed->transactions_per_second / 2;
  open.transactions =
      static_cast<uint64_t>(open.rate * std::max(2.0, kSeconds * std::min(1.0, options_.scale)));
  const auto figures = Right(RunLoad(places, open));
  if (!figures.ok()) return figures.status();
  ComparedLine line;
  line.what = "open loop at half of the unary maximum";
  line.target = "p99 ≤ 10 ms, p99.9 ≤ 50 ms";
  line.measured =
      fmt::format("{} sent: p50 {:.1f}, p99 {:.1f}, p99.9 {:.1f}, most {:.0f} ms", Rate(open.rate),
                  figures->latency_us_p50 / 1e3, figures->latency_us_p99 / 1e3,
                  figures->latency_us_p99_9 / 1e3, figures->latency_us_max / 1e3);
  line.how = "from the intended moment; a checkpoint every 2 s, ids indexed every 65,536";
  line.ratio =
      std::min(kMostP99Us / figures->latency_us_p99, kMostP999Us / figures->latency_us_p99_9);
  line.met = line.ratio >= 1;
  return line;
}

// A server that is killed in the middle of a load of its own.
class KilledServer {
 public:
  // Takes `entries` in, and is killed while more come. The time until it served again, in seconds.
  absl::StatusOr<double> KillUnderLoad(const Places& places, uint64_t entries);
  absl::StatusOr<double> Replay() { return target_->RestartFromTheLedger(); }
  // Nothing acknowledged may be missing, and the balances add up.
  absl::Status Check();
  uint64_t answered() const { return answered_; }

 private:
  std::unique_ptr<LoadTarget> target_;
  std::atomic<uint64_t> answered_{0};
  LoopResult result_;
};

absl::StatusOr<double> KilledServer::KillUnderLoad(const Places& places, uint64_t entries) {
  auto target = LoadTarget::Start(places);
  if (!target.ok()) return target.status();
  target_ = *std::move(target);
  std::atomic<bool> stop{false};
  LoopOptions loop = Batches(kMaxBatch, entries * 4);
  const auto first = target_->OpenAccounts(loop.rows);
  if (!first.ok()) return first.status();
  loop.rows.first_account = *first;
  loop.server = target_->server();
  loop.stop = &stop;
  loop.answered = &answered_;
  loop.progress = false;
  std::thread load([&] { result_ = RunLoop(loop); });
  while (answered_.load() < entries && !stop.load()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const bool early = stop.exchange(true);
  const auto took = target_->KillAndRestart();
  load.join();
  if (early) return absl::InternalError("the load ended before the kill: " + result_.first_wrong);
  return took;
}

absl::Status KilledServer::Check() {
  const auto sums = target_->AddUp();
  if (!sums.ok()) return sums.status();
  if (sums->balances != 0) return absl::DataLossError("the balances don't add up after the kill");
  if (sums->credits < result_.amount) {
    return absl::DataLossError("what was acknowledged before the kill is missing");
  }
  return absl::OkStatus();
}

absl::StatusOr<ComparedLine> Comparison::KilledAndReplayed(bool replay) {
  const absl::Status room =
      HasRoomFor(static_cast<double>(options_.kill_entries) * kDiskBytesAnEntry);
  if (!room.ok()) return room;
  KilledServer server;
  absl::StatusOr<double> seconds = server.KillUnderLoad(options_.places, options_.kill_entries);
  if (seconds.ok() && replay) seconds = server.Replay();
  if (!seconds.ok()) return seconds.status();
  const absl::Status checked = server.Check();
  if (!checked.ok()) return checked;
  const auto entries = static_cast<double>(server.answered());
  ComparedLine line;
  if (replay) {
    constexpr double kTarget = 2e6;
    line.what = "replay from genesis, checking everything";
    line.target = "≥ 2 M entries/s";
    line.measured = fmt::format("{} ({:.1f} M entries in {:.1f} s)", Rate(entries / *seconds),
                                entries / kMillion, *seconds);
    line.how = "derived data dropped; from the start of the process until it serves";
    line.ratio = entries / *seconds / kTarget;
  } else {
    constexpr double kMostSeconds = 5;
    line.what = fmt::format("SIGKILL at {:.0f} M entries under load", entries / kMillion);
    line.target = "serving again in ≤ 5 s";
    line.measured = fmt::format("{:.2f} s", *seconds);
    line.how = "from the kill until it serves; what was acknowledged is there afterwards";
    line.ratio = kMostSeconds / *seconds;
  }
  line.met = line.ratio >= 1;
  return line;
}

absl::StatusOr<ComparedLine> Comparison::Idle() {
  constexpr double kMostPercent = 1;
  constexpr std::chrono::seconds kSettling{3};
  const std::chrono::duration<double> watched{std::max(2.0, 10 * std::min(1.0, options_.scale))};
  const auto target = LoadTarget::Start(options_.places);
  if (!target.ok()) return target.status();
  std::this_thread::sleep_for(kSettling);
  const auto before = ReadProcessFigures((*target)->pid());
  std::this_thread::sleep_for(watched);
  const auto after = ReadProcessFigures((*target)->pid());
  if (!before || !after) return absl::UnavailableError("the idle server has ended");
  const double percent =
      100 * static_cast<double>(after->cpu_us - before->cpu_us) / 1e6 / watched.count();
  ComparedLine line;
  line.what = "idle server";
  line.target = "< 1 % of a core";
  line.measured = fmt::format("{:.2f} %", percent);
  line.how = fmt::format("over {:.0f} s", watched.count());
  line.ratio = percent == 0 ? 0 : kMostPercent / percent;
  line.met = percent < kMostPercent;
  return line;
}

absl::Status Comparison::DrawPicture() {
  struct Size {
    uint32_t batch;
    uint64_t transactions;
  };
  constexpr std::array<Size, 5> kSizes = {
      {{1, 100'000}, {10, 500'000}, {100, 1'000'000}, {1'000, 2'000'000}, {8'190, 4'000'000}}};
  Curve lumbung{.name = "lumbungd, durable", .points = {}};
  Curve echo{.name = "bare gRPC", .points = {}};
  Curve disk{.name = "write + fdatasync", .points = {}};
  const auto add = [](Curve& curve, uint32_t batch, const absl::StatusOr<Figures>& figures) {
    if (figures.ok()) {
      curve.points.push_back(
          {.batch = static_cast<double>(batch), .rate = figures->transactions_per_second});
    }
    return figures.status();
  };
  for (const Size& size : kSizes) {
    LoopOptions loop = size.batch == 1 ? Unary(Scaled(size.transactions))
                                       : Batches(size.batch, Scaled(size.transactions));
    absl::Status status = add(lumbung, size.batch, Right(RunLoad(options_.places, loop)));
    if (status.ok()) status = add(echo, size.batch, Right(RunEcho(options_.places, loop)));
    if (status.ok()) {
      status = add(disk, size.batch, RunDisk(options_.places, size.batch, options_.scale));
    }
    if (!status.ok()) return status;
  }
  std::ofstream file(options_.picture);
  file << PictureOf({lumbung, echo, disk});
  file.close();
  if (!file) return absl::UnavailableError("can't write " + options_.picture);
  return absl::OkStatus();
}

struct Row {
  const char* key;
  std::function<absl::StatusOr<ComparedLine>(Comparison&)> run;
};

LoopOptions BaseOf(const Comparison& comparison) {
  return Batches(kMaxBatch, comparison.Scaled(4'000'000));
}

void MakeHot(LoopOptions& loop) { loop.rows.hot_percent = 100; }

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {"batch-8190", [](auto& c) { return c.Batch(kMaxBatch, 1.2e6, c.Scaled(10'000'000)); }},
      {"batch-1000", [](auto& c) { return c.Batch(1'000, 0.9e6, c.Scaled(4'000'000)); }},
      {"batch-100", [](auto& c) { return c.Batch(100, 0.4e6, c.Scaled(2'000'000)); }},
      {"unary", [](auto& c) { return c.UnaryOverEcho(); }},
      {"hot-batch",
       [](auto& c) {
         return c.OverBase(BaseOf(c), 0.95, "one account in every transaction, batch 8190",
                           MakeHot);
       }},
      {"hot-unary",
       [](auto& c) {
         return c.OverBase(Unary(c.Scaled(300'000)), 0.95,
                           "one account in every transaction, unary", MakeHot);
       }},
      {"holds",
       [](auto& c) {
         return c.OverBase(BaseOf(c), 0.70, "holds and captures half and half",
                           [](LoopOptions& loop) { loop.rows.mix = Mix::kHolds; });
       }},
      {"workload",
       [](auto& c) {
         return c.OverBase(BaseOf(c), 0.70, "the workload mix",
                           [](LoopOptions& loop) { loop.rows.mix = Mix::kWorkload; });
       }},
      {"v4",
       [](auto& c) {
         return c.OverBase(Batches(kMaxBatch, c.Scaled(10'000'000)), 0.60, "v4 ids",
                           [](LoopOptions& loop) { loop.rows.ids = IdForm::kVersion4; });
       }},
      {"many-accounts", [](auto& c) { return c.ManyAccounts(); }},
      {"long", [](auto& c) { return c.Long(); }},
      {"lone", [](auto& c) { return c.Lone(); }},
      {"open", [](auto& c) { return c.Open(); }},
      {"kill", [](auto& c) { return c.KilledAndReplayed(false); }},
      {"replay", [](auto& c) { return c.KilledAndReplayed(true); }},
      {"idle", [](auto& c) { return c.Idle(); }},
  };
  return rows;
}

}  // namespace

std::vector<std::string> CompareKeys() {
  std::vector<std::string> keys;
  for (const Row& row : Rows()) keys.emplace_back(row.key);
  return keys;
}

absl::StatusOr<std::vector<ComparedLine>> Compare(const CompareOptions& options) {
  Comparison comparison(options);
  const std::vector<std::string> keys = CompareKeys();
  for (const std::string& key : options.only) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      return absl::InvalidArgumentError(
          fmt::format("expected keys out of {}, found {}", fmt::join(keys, ", "), key));
    }
  }
  std::vector<ComparedLine> lines;
  for (const Row& row : Rows()) {
    const std::vector<std::string>& only = options.only;
    if (!only.empty() && std::find(only.begin(), only.end(), row.key) == only.end()) continue;
    absl::StatusOr<ComparedLine> line = row.run(comparison);
    if (!line.ok()) {
      return absl::Status(line.status().code(),
                          fmt::format("{}: {}", row.key, std::string(line.status().message())));
    }
    line->key = row.key;
    fmt::print(stderr, "{}: {} ({})\n", line->key, line->measured, line->met ? "met" : "NOT met");
    lines.push_back(*std::move(line));
  }
  if (!options.picture.empty()) {
    const absl::Status drawn = comparison.DrawPicture();
    if (!drawn.ok()) return drawn;
  }
  return lines;
}

std::string TableOf(const std::vector<ComparedLine>& lines) {
  std::string table =
      "| line | target | measured | of the target | verdict | how |\n"
      "|---|---|---|---:|---|---|\n";
  for (const ComparedLine& line : lines) {
    table += fmt::format("| {} | {} | {} | {} | {} | {} |\n", line.what, line.target, line.measured,
                         line.ratio == 0 ? "" : fmt::format("{:.2f}", line.ratio),
                         line.met ? "met" : "**not met**", line.how);
  }
  return table;
}

std::string JsonOf(const std::vector<ComparedLine>& lines) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const ComparedLine& line : lines) {
    json.push_back({{"key", line.key},
                    {"what", line.what},
                    {"target", line.target},
                    {"measured", line.measured},
                    {"ratio", line.ratio},
                    {"met", line.met},
                    {"how", line.how}});
  }
  return json.dump(2);
}

}  // namespace lumbung
