// The tables of engine/README.md against the code.
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "engine/kind.h"
#include "engine/outcome.h"
#include "tests/engine/rules/village.h"

namespace lumbung {
namespace {

std::vector<std::string> Lines() {
  std::ifstream file(LUMBUNG_ENGINE_README);
  EXPECT_TRUE(file.is_open()) << LUMBUNG_ENGINE_README;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

size_t CountRowsThatBegin(const std::vector<std::string>& lines, const std::string& head) {
  size_t count = 0;
  for (const std::string& line : lines) count += line.starts_with(head) ? 1 : 0;
  return count;
}

TEST(Readme, HasOneRowForEachOutcome) {
  const std::vector<std::string> lines = Lines();
  for (const Outcome outcome : AllOutcomes()) {
    const std::string head = "| " + std::to_string(static_cast<uint16_t>(outcome)) + " | `" +
                             std::string(Name(outcome)) + "` |";
    EXPECT_EQ(CountRowsThatBegin(lines, head), 1u) << head;
  }
}

TEST(Readme, HasOneRowForEachKind) {
  const std::vector<std::string> lines = Lines();
  for (uint32_t number = 1; IsKnownPurpose(number); ++number) {
    const std::string head = "| `" + std::string(Name(static_cast<Purpose>(number))) + "` |";
    EXPECT_EQ(CountRowsThatBegin(lines, head), 1u) << head;
  }
}

TEST(Readme, ItsExampleOfARefundIsTrue) {
  Policy policy = Village::FreePolicy();
  policy.vat_basis_points = 1100;
  Village village(policy);
  village.Deposit(1, "7.2101.1", 111'000);
  village.PostByRule(2, Purpose::kPayment, LegOf("7.2101.1", "7.4101.1", 111'000));
  village.Refund(3, 2, 50'000);
  EXPECT_EQ(village.Balance("7.4101.1"), 100'000 - 45'045);
  EXPECT_EQ(village.Balance("7.2120.0"), 11'000 - 4'955);
  village.Refund(4, 2);
  EXPECT_EQ(village.Balance("7.4101.1"), 0);
  EXPECT_EQ(village.Balance("7.2120.0"), 0);
}

}  // namespace
}  // namespace lumbung
