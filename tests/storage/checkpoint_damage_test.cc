// The file of signed checkpoints: what a crash leaves of it, and what is damage.
#include "storage/transparency/checkpoint_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/storage/small_log.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

using ::testing::HasSubstr;

class CheckpointDamageTest : public testing::Test {
 protected:
  CheckpointDamageTest() {
    for (int i = 1; i <= 9; ++i) log_.Append("entry " + std::to_string(i));
  }

  std::string RecordOf(uint64_t size) const {
    const std::string note = log_.Note(size);
    return "checkpoint " + std::to_string(note.size()) + "\n" + note;
  }
  void Write(const std::string& content) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << content;
  }
  std::string Content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  absl::Status Open() const { return CheckpointFile(path_).Open(log_.verifier()); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("checkpoints");
  SmallLog log_{folder_.Path("log.pem")};
};

// Wherever the sector begins that a power cut left out, also within the line before the note.
TEST_F(CheckpointDamageTest, CutsOffALastRecordWithZerosInFront) {
  const std::string before = RecordOf(5);
  const std::string last = RecordOf(9);
  for (size_t zeros = 1; zeros <= last.size(); ++zeros) {
    Write(before + std::string(zeros, '\0') + last.substr(zeros));
    EXPECT_TRUE(Open().ok()) << zeros << ": " << Open();
    EXPECT_EQ(Content(), before) << zeros;
  }
}

// Cut off as torn, it would be signed anew: over what the ledger has become meanwhile.
TEST_F(CheckpointDamageTest, RefusesALastRecordOfWhichOneByteWasAltered) {
  const std::string before = RecordOf(5);
  const std::string last = RecordOf(9);
  for (size_t i = 0; i < last.size(); ++i) {
    for (const int altered : {last[i] + 1, last[i] - 1}) {
      std::string damaged = last;
      damaged[i] = static_cast<char>(altered);
      Write(before + damaged);
      const absl::Status status = Open();
      EXPECT_TRUE(absl::IsDataLoss(status)) << i << ": " << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr("byte " + std::to_string(before.size())))
          << i;
      EXPECT_EQ(Content(), before + damaged) << i;
    }
  }
}

TEST_F(CheckpointDamageTest, RefusesCheckpointsThatAreNotOfMoreAndMoreEntries) {
  for (const std::string& last : {RecordOf(4), RecordOf(5)}) {
    Write(RecordOf(2) + RecordOf(5) + last);
    const absl::Status status = Open();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("stands behind one of 5"));
  }
}

}  // namespace
}  // namespace lumbung
