#include "api/cli/exit_code.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace lumbung::cli {
namespace {

TEST(ExitCode, FollowsTheGroupOfTheOutcome) {
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_ACCEPTED), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_ID_MALFORMED), ExitCode::kMalformed);
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_RELATED_IS_ITSELF), ExitCode::kMalformed);
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_NOT_PERMITTED), ExitCode::kNotPermitted);
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_ID_CONFLICT), ExitCode::kConflict);
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_ORIGINAL_UNREADABLE), ExitCode::kNotTaken);
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_FENCED), ExitCode::kDeclined);
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_BALANCE_CEILING), ExitCode::kDeclined);
  EXPECT_EQ(ExitCodeOf(v1::OUTCOME_UNSPECIFIED), ExitCode::kFailed);
}

TEST(ExitCode, OfResolveAnswersWhetherItHappened) {
  EXPECT_EQ(ExitCodeOf(v1::RESOLUTION_ACCEPTED), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf(v1::RESOLUTION_DECLINED), ExitCode::kDeclined);
  EXPECT_EQ(ExitCodeOf(v1::RESOLUTION_FENCED), ExitCode::kDeclined);
  EXPECT_EQ(ExitCodeOf(v1::RESOLUTION_UNKNOWN), ExitCode::kNotFound);
  EXPECT_EQ(ExitCodeOf(v1::RESOLUTION_IN_FLIGHT), ExitCode::kOutcomeUnknown);
}

TEST(ExitCode, OfManyResultsIsThatOfTheGravest) {
  EXPECT_EQ(Graver(ExitCode::kOk, ExitCode::kDeclined), ExitCode::kDeclined);
  EXPECT_EQ(Graver(ExitCode::kConflict, ExitCode::kDeclined), ExitCode::kConflict);
  EXPECT_EQ(Graver(ExitCode::kMalformed, ExitCode::kOutcomeUnknown), ExitCode::kOutcomeUnknown);
}

TEST(ExitCode, IsDocumentedInTheReadmeInTheSameWords) {
  std::ifstream file(LUMBUNG_SOURCE_FOLDER "/api/cli/README.md");
  std::ostringstream readme;
  readme << file.rdbuf();
  for (int code = 0; code <= 10; ++code) {
    const auto meaning = std::string(MeaningOf(static_cast<ExitCode>(code)));
    const std::string row = "| " + std::to_string(code) + " | " + meaning + " |";
    EXPECT_NE(readme.str().find(row), std::string::npos) << row;
    EXPECT_NE(ExitCodeTable().find(meaning), std::string::npos);
  }
}

}  // namespace
}  // namespace lumbung::cli
