#include "bench/compare/audit_run.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "bench/load/missing.h"

namespace lumbung {
namespace {

constexpr char kSound[] = R"(echo '{"sound": true, "ledger": {"last_sequence": 7}}')";

// What the audit of a ledger of seven entries comes to, if the program does this.
class AuditRunTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(folder_.data()), nullptr) << folder_; }
  ~AuditRunTest() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<AuditFigures> RunScript(const std::string& script) {
    const std::string program = folder_ + "/program";
    std::ofstream(program) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return RunAudit({.program = program, .data = folder_, .folder = folder_, .last_sequence = 7});
  }
  std::string ErrorOf(const std::string& script) {
    return std::string(RunScript(script).status().message());
  }

  std::string folder_ = testing::TempDir() + "/audit-run-XXXXXX";
};

TEST_F(AuditRunTest, IsMeasuredFromItsStartToItsEnd) {
  const auto figures = RunScript(std::string("sleep 0.2\n") + kSound);
  ASSERT_TRUE(figures.ok()) << figures.status();
  EXPECT_GE(figures->seconds, 0.2);
  EXPECT_LT(figures->seconds, 30);
  // A shell has some of it, and not as much as this program.
  EXPECT_GT(figures->most_rss_bytes, 100 << 10);
  EXPECT_LT(figures->most_rss_bytes, 10 << 20);
}

TEST_F(AuditRunTest, IsAnErrorUnlessTheExitCodeIs0) {
  const auto figures = RunScript(std::string(kSound) + "\necho entry 3 is bad >&2\nexit 10");
  EXPECT_TRUE(absl::IsDataLoss(figures.status())) << figures.status();
  EXPECT_NE(figures.status().message().find("entry 3 is bad"), std::string::npos)
      << figures.status();
  EXPECT_FALSE(RunScript(std::string(kSound) + "\nkill -9 $$").ok());
}

TEST_F(AuditRunTest, IsAnErrorUnlessItSaysThatAllIsSoundUpToTheEnd) {
  EXPECT_NE(ErrorOf("true").find("it did not say: sound"), std::string::npos);
  EXPECT_NE(ErrorOf("echo '{\"sound\": false}'").find("it did not say: sound"), std::string::npos);
  EXPECT_NE(ErrorOf("echo '{\"sound\": true}'").find("it came to entry null of 7"),
            std::string::npos);
  EXPECT_NE(ErrorOf("echo '{\"sound\": true, \"ledger\": {\"last_sequence\": 6}}'")
                .find("it came to entry 6 of 7"),
            std::string::npos);
}

TEST_F(AuditRunTest, OfAProgramThatThereIsNotCantBeRun) {
  EXPECT_TRUE(IsMissing(IsThere(folder_ + "/none")));
  EXPECT_TRUE(IsThere("/bin/sh").ok());
}

}  // namespace
}  // namespace lumbung
