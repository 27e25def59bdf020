#include "bench/measure/process_figures.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

namespace lumbung {
namespace {

TEST(ProcessFigures, CountTheTimeThatThisProcessWorks) {
  const auto before = ReadProcessFigures(getpid());
  ASSERT_TRUE(before.has_value());
  EXPECT_GT(before->rss_bytes, 1 << 20);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
  while (std::chrono::steady_clock::now() < end) continue;
  const auto after = ReadProcessFigures(getpid());
  ASSERT_TRUE(after.has_value());
  // The rest of the machine may want the processor too.
  EXPECT_GE(after->cpu_us - before->cpu_us, 20'000);
  EXPECT_LE(after->cpu_us - before->cpu_us, 2'000'000);
}

TEST(ProcessFigures, AreNotThereForAProcessThatIsNot) {
  EXPECT_FALSE(ReadProcessFigures(1 << 30).has_value());
}

}  // namespace
}  // namespace lumbung
