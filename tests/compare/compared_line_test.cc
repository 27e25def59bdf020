#include "bench/compare/compared_line.h"

#include <gtest/gtest.h>

#include <limits>

namespace lumbung {
namespace {

ComparedLine Judged(double ratio) {
  ComparedLine line{.what = "a line"};
  line.Judge(ratio);
  return line;
}

TEST(ComparedLine, IsMetFromItsTargetOn) {
  EXPECT_EQ(Judged(1).verdict, Verdict::kMet);
  EXPECT_EQ(Judged(0.999).verdict, Verdict::kNotMet);
  EXPECT_EQ(Judged(std::numeric_limits<double>::quiet_NaN()).verdict, Verdict::kNotMet);
}

TEST(ComparedLine, ThatWasNotRunIsNeverMet) {
  const ComparedLine line{.what = "a line", .measured = "no such program"};
  EXPECT_EQ(line.verdict, Verdict::kNotRun);
  EXPECT_NE(TableOf({line}).find("| no such program |  | **not run** |"), std::string::npos)
      << TableOf({line});
  EXPECT_NE(JsonOf({line}).find("\"met\": false"), std::string::npos) << JsonOf({line});
}

TEST(ComparedLine, ExitCodeTellsTheWorstOfAllLines) {
  EXPECT_EQ(ExitCodeOf({Judged(2), Judged(1)}), 0);
  EXPECT_EQ(ExitCodeOf({Judged(2), Judged(0.5)}), 1);
  EXPECT_EQ(ExitCodeOf({ComparedLine{}, Judged(2)}), 2);
  EXPECT_EQ(ExitCodeOf({Judged(0.5), ComparedLine{}, Judged(2)}), 2);
}

}  // namespace
}  // namespace lumbung
