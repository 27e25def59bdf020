#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include "api/cli/format.h"
#include "api/cli/parse.h"

namespace lumbung::cli {
namespace {

// The minor units, or -1 with a failure if the text is refused.
int64_t Minor(std::string_view text) {
  const auto amount = ParseMoney(text);
  EXPECT_TRUE(amount.ok()) << text << ": " << std::string(amount.status().message());
  return amount.ok() ? amount->value() : -1;
}

std::string Refusal(std::string_view text) {
  const auto amount = ParseMoney(text);
  EXPECT_FALSE(amount.ok()) << text << " was read as " << (amount.ok() ? amount->value() : 0);
  return std::string(amount.status().message());
}

TEST(ParseMoney, ReadsPlainAndIndonesianForms) {
  EXPECT_EQ(Minor("25000"), 2'500'000);
  EXPECT_EQ(Minor("25.000"), 2'500'000);
  EXPECT_EQ(Minor("Rp25.000"), 2'500'000);
  EXPECT_EQ(Minor("Rp 25.000"), 2'500'000);
  EXPECT_EQ(Minor("Rp. 25.000"), 2'500'000);
  EXPECT_EQ(Minor("rp25000"), 2'500'000);
  EXPECT_EQ(Minor("IDR 25000"), 2'500'000);
  EXPECT_EQ(Minor("25.000,50"), 2'500'050);
  EXPECT_EQ(Minor("25000,50"), 2'500'050);
  EXPECT_EQ(Minor("25000.50"), 2'500'050);
  EXPECT_EQ(Minor("10000.00"), 1'000'000);
  EXPECT_EQ(Minor("Rp25.000,-"), 2'500'000);
  EXPECT_EQ(Minor("1.250.000,00"), 125'000'000);
  EXPECT_EQ(Minor("5"), 500);
  EXPECT_EQ(Minor("0"), 0);
  EXPECT_EQ(Minor("0,50"), 50);
  EXPECT_EQ(Minor(" 500 "), 50'000);
  EXPECT_EQ(Minor("1.000"), 100'000);
}

TEST(ParseMoney, ReadsAMinusInFront) {
  EXPECT_EQ(Minor("-25.000"), -2'500'000);
  EXPECT_EQ(Minor("-Rp1.250.000,75"), -125'000'075);
}

TEST(ParseMoney, RefusesWhatCouldBeMeantInTwoWays) {
  for (const char* text : {"25,000", "1,250,000", "25,000.50", "25.00", "25.5", "250.50", "25,5",
                           "1.25.000", "1.2500", "25000.5", "25000.500", "1234.567"}) {
    EXPECT_NE(Refusal(text).find("ambiguous"), std::string::npos) << text;
  }
}

TEST(ParseMoney, RefusesWhatIsNotMoneyAndSaysWhatToWrite) {
  for (const char* text : {"",    " ",     "Rp",     "-",     "abc",  "25rb", "1,5jt", "25k", "+5",
                           "--5", "5-",    "25 000", "1e5",   "0x10", "Rp-5", ".500",  "25.", ",50",
                           "007", "0.500", "25,-5",  "25,--", "USD5", "5\n",  "٥"}) {
    EXPECT_NE(Refusal(text).find("25.000"), std::string::npos) << text;
  }
}

TEST(ParseMoney, ReadsTheLargestAmountAndRefusesOneSenMore) {
  EXPECT_EQ(Minor("92233720368547758,07"), INT64_MAX);
  EXPECT_EQ(Minor("92.233.720.368.547.758,07"), INT64_MAX);
  EXPECT_NE(Refusal("92233720368547758,08").find("larger"), std::string::npos);
  EXPECT_EQ(Minor("-92233720368547758,08"), INT64_MIN);
  EXPECT_NE(Refusal("-92233720368547758,09").find("larger"), std::string::npos);
  EXPECT_NE(Refusal("999999999999999999999999").find("larger"), std::string::npos);
}

TEST(ParseMoney, ReadsEveryAmountThatFormatMoneyPrints) {
  const char* given = std::getenv("LUMBUNG_SEED");
  const uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "LUMBUNG_SEED=" << seed << "\n";
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const int bits = static_cast<int>(random() % 64);
    const Amount amount{static_cast<int64_t>(random()) >> bits};
    const auto read = ParseMoney(FormatMoney(amount));
    ASSERT_TRUE(read.ok()) << FormatMoney(amount);
    EXPECT_EQ(read->value(), amount.value());
  }
}

}  // namespace
}  // namespace lumbung::cli
