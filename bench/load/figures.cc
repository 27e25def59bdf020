#include "bench/load/figures.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace lumbung {

namespace {

// With thousands set apart, so that a million is told from a hundred thousand.
std::string Whole(double value) {
  std::string text = fmt::format("{:.0f}", value);
  for (size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, 1, ',');
  return text;
}

std::string Known(double value, int decimals) {
  return value == 0 ? "" : fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

Figures FiguresOf(std::string name, const LoopResult& result) {
  Figures figures;
  figures.name = std::move(name);
  figures.transactions = result.transactions;
  figures.accepted = result.accepted;
  figures.refused = result.refused;
  figures.wrong = result.wrong;
  figures.first_wrong = result.first_wrong;
  figures.transactions_per_second =
      static_cast<double>(result.accepted) * 1e9 / static_cast<double>(result.duration_ns);
  SetLatency(result.latency, figures);
  figures.longest_gap_ms = static_cast<double>(result.longest_gap_ns) / 1e6;
  figures.first_part_rate = result.first_part_rate;
  figures.last_part_rate = result.last_part_rate;
  return figures;
}

void SetUse(const Use& before, const Use& after, Figures& figures) {
  const auto count = static_cast<double>(std::max<uint64_t>(1, figures.transactions));
  if (before.client && after.client) {
    figures.client_cpu_us =
        static_cast<double>(after.client->cpu_us - before.client->cpu_us) / count;
  }
  if (before.server && after.server) {
    figures.server_cpu_us =
        static_cast<double>(after.server->cpu_us - before.server->cpu_us) / count;
    figures.server_rss_mib = static_cast<double>(after.server->rss_bytes) / (1 << 20);
  }
}

void SetLatency(const LatencyHistogram& latency, Figures& figures) {
  figures.latency_us_p50 = static_cast<double>(latency.PercentileNs(0.50)) / 1e3;
  figures.latency_us_p99 = static_cast<double>(latency.PercentileNs(0.99)) / 1e3;
  figures.latency_us_p99_9 = static_cast<double>(latency.PercentileNs(0.999)) / 1e3;
  figures.latency_us_max = static_cast<double>(latency.max_ns()) / 1e3;
}

std::string TableOf(const std::vector<Figures>& rows) {
  constexpr const char* kRow =
      "| {:<34} | {:>14} | {:>9} | {:>9} | {:>9} | {:>9} | {:>9} | {:>9} | {:>7} | {:>9} |\n";
  std::string table =
      fmt::format(fmt::runtime(kRow), "run", "transactions/s", "p50 µs", "p99 µs", "p99.9 µs",
                  "max µs", "client µs", "server µs", "RSS MiB", "written B");
  // A colon at the right end of a column sets it flush right.
  table += fmt::format("|{:-<36}|{:->15}:", "", "");
  for (const int width : {10, 10, 10, 10, 10, 10, 8, 10})
    table += fmt::format("|{:->{}}:", "", width);
  table += "|\n";
  for (const Figures& row : rows) {
    table += fmt::format(fmt::runtime(kRow), row.name, Whole(row.transactions_per_second),
                         Whole(row.latency_us_p50), Whole(row.latency_us_p99),
                         Whole(row.latency_us_p99_9), Whole(row.latency_us_max),
                         Known(row.client_cpu_us, 2), Known(row.server_cpu_us, 2),
                         Known(row.server_rss_mib, 0), Known(row.bytes_written, 0));
  }
  return table;
}

std::string JsonOf(const Figures& figures) {
  const nlohmann::ordered_json json = {
      {"name", figures.name},
      {"transactions", figures.transactions},
      {"transactions_per_second", figures.transactions_per_second},
      {"latency_us",
       {{"p50", figures.latency_us_p50},
        {"p99", figures.latency_us_p99},
        {"p99_9", figures.latency_us_p99_9},
        {"max", figures.latency_us_max}}},
      {"accepted", figures.accepted},
      {"refused_for_want_of_room", figures.refused},
      {"cpu_us_per_transaction",
       {{"client", figures.client_cpu_us}, {"server", figures.server_cpu_us}}},
      {"server_rss_mib", figures.server_rss_mib},
      {"bytes_written_per_transaction", figures.bytes_written},
      {"longest_gap_ms", figures.longest_gap_ms},
      {"first_part_transactions_per_second", figures.first_part_rate},
      {"last_part_transactions_per_second", figures.last_part_rate},
      {"wrong", figures.wrong}};
  return json.dump(2);
}

}  // namespace lumbung
