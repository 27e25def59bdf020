#include "bench/compare/curves.h"

#include <array>
#include <fstream>

#include "bench/compare/picture.h"
#include "bench/load/runs.h"

namespace lumbung {

absl::Status DrawCurves(const Comparison& comparison) {
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
  const Places& places = comparison.places();
  for (const Size& size : kSizes) {
    const uint64_t transactions = comparison.Scaled(size.transactions);
    const LoopOptions loop = size.batch == 1 ? comparison.Unary(transactions)
                                             : comparison.Batches(size.batch, transactions);
    absl::Status status = add(lumbung, size.batch, Right(RunLoad(places, loop)));
    if (status.ok()) status = add(echo, size.batch, Right(RunEcho(places, loop)));
    if (status.ok()) {
      status = add(disk, size.batch, RunDisk(places, size.batch, comparison.options().scale));
    }
    if (!status.ok()) return status;
  }
  std::ofstream file(comparison.options().picture);
  file << PictureOf({lumbung, echo, disk});
  file.close();
  if (!file) return absl::UnavailableError("can't write " + comparison.options().picture);
  return absl::OkStatus();
}

}  // namespace lumbung
