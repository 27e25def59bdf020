#include "bench/day/record_file.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/day/record_book.h"

namespace lumbung {
namespace {

class RecordFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("lumbung-record-" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    path_ = folder_ / "record";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Content() const {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
  }
  void Append(const std::string& text) const {
    std::ofstream(path_, std::ios::binary | std::ios::app) << text;
  }

  std::filesystem::path folder_;
  std::string path_;
};

constexpr char kHeading[] = "lumbung day record, version 1\n";
constexpr char kSent[] =
    "sent 01234567-89ab-7def-8123-456789abcdef step=CAPTURE "
    "related=11234567-89ab-7def-8123-456789abcdef amount=5\n";
constexpr char kAnswered[] = "answered 01234567-89ab-7def-8123-456789abcdef ACCEPTED 7\n";

TEST_F(RecordFileTest, BeginsWithItsHeadingAndGrows) {
  {
    absl::StatusOr<RecordFile> file = RecordFile::Open(path_);
    ASSERT_TRUE(file.ok());
    file->Add(kSent);
    EXPECT_EQ(Content(), kHeading);
    ASSERT_TRUE(file->Flush().ok());
    EXPECT_EQ(Content(), std::string(kHeading) + kSent);
  }
  absl::StatusOr<RecordFile> again = RecordFile::Open(path_);
  ASSERT_TRUE(again.ok());
  again->Add(kAnswered);
  ASSERT_TRUE(again->Flush().ok());
  EXPECT_EQ(Content(), std::string(kHeading) + kSent + kAnswered);
}

TEST_F(RecordFileTest, CutsOffALineThatWasNeverFinished) {
  Append(std::string(kHeading) + kSent + "answered 0123");
  ASSERT_TRUE(RecordFile::Open(path_).ok());
  EXPECT_EQ(Content(), std::string(kHeading) + kSent);
}

TEST_F(RecordFileTest, IsForOneClientAtATime) {
  const absl::StatusOr<RecordFile> first = RecordFile::Open(path_);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(RecordFile::Open(path_).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(RecordFileTest, CanBeReadWhileItsLastLineIsTorn) {
  Append(std::string(kHeading) + kSent + "answered 0123");
  const absl::StatusOr<RecordBook> book = ReadRecord(path_);
  ASSERT_TRUE(book.ok()) << book.status();
  ASSERT_EQ(book->Unanswered().size(), 1u);
  const auto sent = ReadSent(path_, book->Unanswered());
  ASSERT_TRUE(sent.ok());
  ASSERT_EQ(sent->size(), 1u);
  EXPECT_EQ(sent->front().amount(), 5);
}

TEST_F(RecordFileTest, RefusesARecordWithADamagedLineAndNamesIt) {
  Append(std::string(kHeading) + "sent nonsense\n" + kSent);
  const absl::Status status = ReadRecord(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("line 2"), std::string::npos);
}

TEST_F(RecordFileTest, RefusesAnAnswerThatContradictsAnEarlierOne) {
  Append(std::string(kHeading) + kSent + kAnswered +
         "answered 01234567-89ab-7def-8123-456789abcdef ACCEPTED 8\n");
  const absl::Status status = ReadRecord(path_).status();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("01234567-89ab-7def-8123-456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace lumbung
