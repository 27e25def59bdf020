#include "bench/load/child_process.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>

namespace lumbung {
namespace {

// How a program ends that says where it serves and goes on with a script.
class ChildProcessTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(folder_.data()), nullptr) << folder_; }
  ~ChildProcessTest() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<ChildProcess> Start(const std::string& script) {
    const std::string ready_file = folder_ + "/ready";
    return ChildProcess::Start(
        {.arguments = {"/bin/sh", "-c", script + "\necho here >" + ready_file + "\n" + script_end_},
         .log = folder_ + "/log",
         .ready_file = ready_file});
  }

  std::string folder_ = testing::TempDir() + "/child-process-XXXXXX";
  std::string script_end_ = "while true; do sleep 0.01; done";
};

TEST_F(ChildProcessTest, ThatExitsWith0WhenItIsStoppedIsNoError) {
  auto child = Start("trap 'exit 0' TERM");
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(child->address(), "here");
  const absl::Status stopped = child->Stop();
  EXPECT_TRUE(stopped.ok()) << stopped;
}

TEST_F(ChildProcessTest, ThatEndsOtherwiseWhenItIsStoppedIsAnErrorWithTheEndOfItsLog) {
  auto child = Start("trap 'echo a leak was found; exit 23' TERM");
  ASSERT_TRUE(child.ok()) << child.status();
  const absl::Status stopped = child->Stop();
  EXPECT_TRUE(absl::IsInternal(stopped)) << stopped;
  EXPECT_NE(stopped.message().find("/bin/sh ended with exit code 23:\na leak was found"),
            std::string::npos)
      << stopped;
}

TEST_F(ChildProcessTest, ThatIsEndedByTheSignalItselfIsAnError) {
  auto child = Start("true");
  ASSERT_TRUE(child.ok()) << child.status();
  const absl::Status stopped = child->Stop();
  EXPECT_NE(stopped.message().find("ended with signal 15"), std::string::npos) << stopped;
}

TEST_F(ChildProcessTest, ThatIsKilledIsNoErrorUnlessItHadEndedByItself) {
  auto killed = Start("true");
  ASSERT_TRUE(killed.ok()) << killed.status();
  EXPECT_TRUE(killed->Kill().ok());
  script_end_ = "exit 0";
  std::filesystem::remove(folder_ + "/ready");
  auto ended = Start("true");
  ASSERT_TRUE(ended.ok()) << ended.status();
  siginfo_t end{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(ended->pid()), &end, WEXITED | WNOWAIT), 0);
  const absl::Status status = ended->Kill();
  EXPECT_NE(status.message().find("ended with exit code 0"), std::string::npos) << status;
}

}  // namespace
}  // namespace lumbung
