#include "api/cli/table.h"

#include <gtest/gtest.h>

namespace lumbung::cli {
namespace {

TEST(Table, AlignsAmountsToTheRightAndTextToTheLeft) {
  Table table({{"name"}, {"amount", Align::kRight}});
  table.AddRow({"a", "Rp1,00"});
  table.AddRow({"Café", "Rp1.000,00"});
  EXPECT_EQ(table.ToString(),
            "name      amount\n"
            "────  ──────────\n"
            "a         Rp1,00\n"
            "Café  Rp1.000,00\n");
}

TEST(Table, PutsTotalsBelowARule) {
  Table table({{"code"}, {"debit", Align::kRight}});
  table.AddRow({"1101", "5"});
  table.SetTotals({"", "1.005"});
  EXPECT_EQ(table.ToString(),
            "code  debit\n"
            "────  ─────\n"
            "1101      5\n"
            "────  ─────\n"
            "      1.005\n");
}

TEST(Table, PrintsRowByRowInColumnsOfLeastWidth) {
  Table table({{"n", Align::kRight, 4}, {"text"}});
  EXPECT_EQ(table.HeaderLines(), "   n  text\n────  ────\n");
  table.AddRow({"7", "x"});
  EXPECT_EQ(table.TakeRowLines(), "   7  x\n");
  EXPECT_EQ(table.TakeRowLines(), "");
}

TEST(FormatFields, LinesUpValuesAndLeavesOutEmptyOnes) {
  EXPECT_EQ(FormatFields({{"id", "1"}, {"name", ""}, {"balance", "Rp5,00"}}),
            "  id       1\n"
            "  balance  Rp5,00\n");
}

}  // namespace
}  // namespace lumbung::cli
