#include "bench/day/rupiah.h"

#include <gtest/gtest.h>

namespace lumbung {
namespace {

TEST(Rupiah, IsWrittenWithDotsBetweenThousandsAndACommaBeforeTheSen) {
  EXPECT_EQ(FormatRupiah(Amount{125'000'000}), "Rp1.250.000,00");
  EXPECT_EQ(FormatRupiah(Amount{0}), "Rp0,00");
  EXPECT_EQ(FormatRupiah(Amount{99'905}), "Rp999,05");
  EXPECT_EQ(FormatRupiah(Amount{-50'025}), "-Rp500,25");
  EXPECT_EQ(FormatRupiah(kMinAmount), "-Rp92.233.720.368.547.758,08");
}

TEST(Count, IsWrittenWithCommasBetweenThousands) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1'250'000), "1,250,000");
}

}  // namespace
}  // namespace lumbung
