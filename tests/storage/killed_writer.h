// A writer in a process of its own, which is killed. It is the test's program once more, running a
// disabled test that writes for ever: a forked child alone would lack the threads that flush for
// RocksDB. One thread.
#pragma once

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "engine/check.h"

namespace lumbung {

class KilledWriter {
 public:
  // Starts the disabled test of this name.
  KilledWriter(const std::string& test, const std::string& folder) : pid_(fork()) {
    LUMBUNG_CHECK(pid_ >= 0);
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // or else it would fill the disk if this test is killed
    setenv(kFolder, folder.c_str(), 1);
    const std::string filter = "--gtest_filter=*." + test;
    execl("/proc/self/exe", "writer", filter.c_str(), "--gtest_also_run_disabled_tests", nullptr);
    _exit(1);
  }
  KilledWriter(const KilledWriter&) = delete;
  KilledWriter& operator=(const KilledWriter&) = delete;
  ~KilledWriter() { Kill(); }

  // For the writer itself: the folder that it was started with.
  static std::string Folder() {
    const char* const folder = std::getenv(kFolder);
    LUMBUNG_CHECK(folder != nullptr);
    return folder;
  }

  // However long the machine takes for it. False if the writer ended by itself.
  template <typename Condition>
  [[nodiscard]] bool WaitUntil(Condition condition) const {
    while (!condition()) {
      siginfo_t ended{};
      waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
      if (ended.si_pid == pid_) return false;
      usleep(1'000);
    }
    return true;
  }

  // By SIGKILL. The test fails if it had ended by itself.
  void Kill() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "the writer ended by itself, with wait status " << status;
  }

 private:
  static constexpr char kFolder[] = "LUMBUNG_WRITER_FOLDER";

  pid_t pid_;
};

}  // namespace lumbung
