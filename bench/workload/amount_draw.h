// How much people pay, send, save and withdraw, in sen. The shape of each distribution is an
// assumption, calibrated by hand. A drawn figure is rounded to whole rupiah at once; from there on
// money is integers. Pure functions of the generator's state.
#pragma once

#include <cstdint>

#include "bench/workload/random.h"
#include "engine/types.h"

namespace lumbung {

inline constexpr int64_t kSenPerRupiah = 100;

constexpr Amount Rupiah(int64_t rupiah) { return Amount{rupiah * kSenPerRupiah}; }

// Whole rupiah, lognormal around a median, cut off at both ends.
struct LogNormal {
  int64_t median = 0;
  double sigma = 0;
  int64_t least = 0;
  int64_t most = 0;
};
Amount Draw(Random& random, const LogNormal& shape);

Amount DrawPayment(Random& random);         // median 32,000; 7 of 10 in steps of 500
Amount DrawTransfer(Random& random);        // median 75,000
Amount DrawTopUp(Random& random);           // the six usual denominations
Amount DrawDeposit(Random& random);         // median 200,000, in steps of 1,000
Amount DrawWithdrawal(Random& random);      // median 200,000, in steps of 50,000
Amount DrawDues(Random& random);            // 10,000 or 20,000
Amount DrawBill(Random& random);            // electricity and phone: 20,000 … 500,000
Amount DrawPayout(Random& random);          // median 250,000
Amount DrawLoan(Random& random);            // median 2 million, in steps of 100,000
Amount DrawPrincipal(Random& random);       // of an instalment: median 100,000
Amount DrawOpeningSavings(Random& random);  // median 150,000, sigma 1.2

}  // namespace lumbung
