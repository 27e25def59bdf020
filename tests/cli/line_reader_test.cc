#include "api/cli/line_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

namespace lumbung::cli {
namespace {

// A file that goes away with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    path_ = testing::TempDir() + "lumbung-lines-XXXXXX";
    const int descriptor = ::mkstemp(path_.data());
    ::close(descriptor);
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const std::atomic<bool> kGoOn{false};

TEST(LineReader, SkipsBlankLinesAndCountsThem) {
  const TemporaryFile file("one\n\n  \ntwo\nthree");
  auto reader = LineReader::Open(file.path());
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->Next(kGoOn), "one");
  EXPECT_EQ(reader->line_number(), 1u);
  EXPECT_EQ(reader->Next(kGoOn), "two");
  EXPECT_EQ(reader->line_number(), 4u);
  EXPECT_EQ(reader->Next(kGoOn), "three");
  EXPECT_EQ(reader->Next(kGoOn), std::nullopt);
  EXPECT_TRUE(reader->status().ok());
}

TEST(LineReader, ReadsLinesLongerThanItsBuffer) {
  const std::string longest(700'000, 'x');
  const TemporaryFile file("a\n" + longest + "\nb\n");
  auto reader = LineReader::Open(file.path());
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->Next(kGoOn), "a");
  EXPECT_EQ(reader->Next(kGoOn), longest);
  EXPECT_EQ(reader->Next(kGoOn), "b");
  EXPECT_EQ(reader->Next(kGoOn), std::nullopt);
}

TEST(LineReader, RefusesALineThatIsLongerThanAnyTransactionAndSaysTheLimit) {
  constexpr size_t kMost = LineReader::kMostBytesOfALine;
  const std::string longest(kMost, 'x');
  for (const std::string end : {"", "\n", "\nand more\n"}) {
    const TemporaryFile file("a\n" + longest + "\n\n" + longest + "x" + end);
    auto reader = LineReader::Open(file.path());
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ(reader->Next(kGoOn), "a");
    EXPECT_EQ(reader->Next(kGoOn), longest);
    EXPECT_EQ(reader->Next(kGoOn), std::nullopt);
    EXPECT_EQ(reader->line_number(), 4u);
    EXPECT_TRUE(absl::IsInvalidArgument(reader->status())) << reader->status();
    EXPECT_NE(reader->status().message().find(std::to_string(kMost)), std::string::npos);
  }
}

// Its memory goes by the limit, not by the file.
TEST(LineReader, EndsAtALineThatNeverEnds) {
  auto reader = LineReader::Open("/dev/zero");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->Next(kGoOn), std::nullopt);
  EXPECT_TRUE(absl::IsInvalidArgument(reader->status())) << reader->status();
}

TEST(LineReader, SaysWhyAFileCannotBeOpenedOrRead) {
  EXPECT_FALSE(LineReader::Open("/no/such/file").ok());
  auto folder = LineReader::Open("/");
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(folder->Next(kGoOn), std::nullopt);
  EXPECT_FALSE(folder->status().ok());
}

TEST(LineReader, StopsWaitingForASilentPipe) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string path = "/proc/self/fd/" + std::to_string(ends[0]);
  auto reader = LineReader::Open(path);
  ASSERT_TRUE(reader.ok());
  std::atomic<bool> stop{false};
  std::thread stopper([&stop] { stop.store(true); });
  EXPECT_EQ(reader->Next(stop), std::nullopt);
  stopper.join();
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace lumbung::cli
