#include "bench/compare/comparison.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "bench/load/missing.h"

namespace lumbung {

std::string Rate(double rate) {
  return rate >= kMillion ? fmt::format("{:.2f} M/s", rate / kMillion)
                          : fmt::format("{:.1f} k/s", rate / 1e3);
}

uint64_t Comparison::Scaled(uint64_t transactions) const {
  return std::max<uint64_t>(
      1'000,
      static_cast<uint64_t>(std::llround(static_cast<double>(transactions) * options_.scale)));
}

LoopOptions Comparison::Batches(uint32_t batch, uint64_t transactions) const {
  LoopOptions loop{.clients = 2, .in_flight = 2, .batch = batch, .transactions = transactions};
  if (batch <= 1'000) loop.in_flight = 4;
  if (batch <= 100) loop.in_flight = 16;
  loop.rows.accounts = kFewAccounts;
  loop.progress = isatty(STDERR_FILENO) != 0;
  return loop;
}

LoopOptions Comparison::Unary(uint64_t transactions) const {
  LoopOptions loop{.clients = 4, .in_flight = 16, .batch = 1, .transactions = transactions};
  loop.rows.accounts = kFewAccounts;
  loop.progress = isatty(STDERR_FILENO) != 0;
  return loop;
}

absl::Status Comparison::HasRoomFor(double bytes) const {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(places().folder, error);
  if (error) return absl::UnavailableError(places().folder + ": " + error.message());
  const auto room = static_cast<double>(space.available);
  if (room >= bytes) return absl::OkStatus();
  return MissingError(fmt::format("{} has {:.1f} GB free, {:.1f} GB are needed", places().folder,
                                  room / 1e9, bytes / 1e9));
}

absl::StatusOr<Figures> Right(absl::StatusOr<Figures> figures) {
  if (figures.ok() && figures->wrong != 0) {
    return absl::InternalError(
        fmt::format("{} wrong in {}: {}", figures->wrong, figures->name, figures->first_wrong));
  }
  return figures;
}

std::string Interleaved::ToText() const {
  return fmt::format("{}: {:.0f} % of {} and {}", Rate(subject.transactions_per_second),
                     100 * ratio(), Rate(before.transactions_per_second),
                     Rate(after.transactions_per_second));
}

absl::StatusOr<Interleaved> Interleave(const std::function<absl::StatusOr<Figures>()>& base,
                                       const std::function<absl::StatusOr<Figures>()>& subject) {
  const auto before = Right(base());
  if (!before.ok()) return before.status();
  const auto measured = Right(subject());
  if (!measured.ok()) return measured.status();
  const auto after = Right(base());
  if (!after.ok()) return after.status();
  return Interleaved{.before = *before, .subject = *measured, .after = *after};
}

}  // namespace lumbung
