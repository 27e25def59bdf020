#include "bench/workload/amount_draw.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lumbung {

namespace {

// Rounds to the nearest step, but not to nothing.
Amount InSteps(Amount amount, int64_t step_rupiah) {
  const int64_t step = step_rupiah * kSenPerRupiah;
  return Amount{std::max(step, (amount.value() + step / 2) / step * step)};
}

struct Denomination {
  int64_t rupiah;
  uint64_t percent;
};

constexpr std::array<Denomination, 6> kTopUps = {
    {{20'000, 15}, {50'000, 30}, {100'000, 30}, {200'000, 12}, {500'000, 10}, {1'000'000, 3}}};

}  // namespace

Amount Draw(Random& random, const LogNormal& shape) {
  const double drawn = static_cast<double>(shape.median) * std::exp(shape.sigma * random.Normal());
  const double kept =
      std::clamp(drawn, static_cast<double>(shape.least), static_cast<double>(shape.most));
  return Rupiah(std::llround(kept));
}

Amount DrawPayment(Random& random) {
  const Amount amount =
      Draw(random, {.median = 32'000, .sigma = 0.9, .least = 1'000, .most = 5'000'000});
  return random.Chance(7'000) ? InSteps(amount, 500) : amount;
}

Amount DrawTransfer(Random& random) {
  return InSteps(Draw(random, {.median = 75'000, .sigma = 1.1, .least = 1'000, .most = 10'000'000}),
                 1'000);
}

Amount DrawTopUp(Random& random) {
  uint64_t point = random.Below(100);
  for (const Denomination& denomination : kTopUps) {
    if (point < denomination.percent) return Rupiah(denomination.rupiah);
    point -= denomination.percent;
  }
  return Rupiah(kTopUps.back().rupiah);
}

Amount DrawDeposit(Random& random) {
  return InSteps(
      Draw(random, {.median = 200'000, .sigma = 1.0, .least = 10'000, .most = 10'000'000}), 1'000);
}

Amount DrawWithdrawal(Random& random) {
  return InSteps(
      Draw(random, {.median = 200'000, .sigma = 0.7, .least = 50'000, .most = 5'000'000}), 50'000);
}

Amount DrawDues(Random& random) { return Rupiah(random.Chance(7'000) ? 10'000 : 20'000); }

Amount DrawBill(Random& random) {
  return InSteps(Draw(random, {.median = 75'000, .sigma = 0.7, .least = 20'000, .most = 500'000}),
                 500);
}

Amount DrawPayout(Random& random) {
  return InSteps(
      Draw(random, {.median = 250'000, .sigma = 0.8, .least = 50'000, .most = 5'000'000}), 10'000);
}

Amount DrawLoan(Random& random) {
  return InSteps(
      Draw(random, {.median = 2'000'000, .sigma = 0.6, .least = 500'000, .most = 10'000'000}),
      100'000);
}

Amount DrawPrincipal(Random& random) {
  return InSteps(
      Draw(random, {.median = 100'000, .sigma = 0.5, .least = 20'000, .most = 1'000'000}), 5'000);
}

Amount DrawOpeningSavings(Random& random) {
  return InSteps(
      Draw(random, {.median = 150'000, .sigma = 1.2, .least = 5'000, .most = 15'000'000}), 500);
}

}  // namespace lumbung
