// The threads that payments wait for run soon after they were woken.
#include "api/server/time_slice.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/api/bentangan.h"

namespace lumbung {
namespace {

constexpr uint64_t kShortNs = 500'000;

// Of a thread of this process, in nanoseconds; 0 if the system does not tell, or it has ended.
uint64_t SliceOf(long thread) {
  struct {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns;
    uint64_t deadline_ns;
    uint64_t period_ns;
  } attributes{};
  if (syscall(SYS_sched_getattr, thread, &attributes, sizeof(attributes), 0) != 0) return 0;
  return attributes.runtime_ns;
}

bool SystemHasSlices() { return SliceOf(0) != 0; }

TEST(TimeSlice, IsShortForWhoAskedAndForNobodyElse) {
  if (!SystemHasSlices()) GTEST_SKIP() << "this system has no slices to be set (Linux 6.12)";
  const uint64_t before = SliceOf(0);
  ASSERT_NE(before, kShortNs);
  uint64_t asked = 0;
  std::thread([&asked] {
    ShortenTimeSlice();
    asked = SliceOf(0);
  }).join();
  EXPECT_EQ(asked, kShortNs);
  EXPECT_EQ(SliceOf(0), before);
}

TEST(TimeSlice, IsShortForTheCallbackThreadAndThoseOfThePipeline) {
  if (!SystemHasSlices()) GTEST_SKIP() << "this system has no slices to be set (Linux 6.12)";
  const TemporaryFolder folder;
  RunningServer server(TestConfig(folder.path()));
  OpenCooperatives(server);
  Pay(server, Payment(1, 100));
  int with_short_ones = 0;
  int others = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    const bool is_short = SliceOf(std::stol(thread.path().filename())) == kShortNs;
    ++(is_short ? with_short_ones : others);
  }
  EXPECT_EQ(with_short_ones, 4) << "callback, apply, persist, reply";
  EXPECT_GT(others, 4) << "what works in the background";
}

}  // namespace
}  // namespace lumbung
