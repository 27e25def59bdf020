// Random rounds of images against a map of what must be stored.
#include "storage/hold_images.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "storage/image_codec.h"
#include "storage/key.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

constexpr size_t kMany = 16;
constexpr int kLastLevel = 6;

HoldRecord MakeHold(uint64_t sequence, uint64_t changed) {
  HoldRecord hold;
  hold.sequence = Sequence{sequence};
  hold.changed_sequence = Sequence{changed};
  hold.amount = Amount{1};
  hold.purpose = Purpose::kPayment;
  hold.leg_count = 1;
  return hold;
}

// A database with the family, and what writes to it.
class HoldImagesTest : public testing::Test {
 protected:
  HoldImagesTest() { Open(); }
  ~HoldImagesTest() override { Close(); }

  void Open() {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(options, path(), {{"default", {}}, {"holds", {}}}, &families_, &opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    db_.reset(opened);
    images_ = std::make_unique<HoldImages>(
        HoldImages::Options{.folder = path(), .of_family = options, .many = kMany}, *db_,
        families_[1]);
    ASSERT_TRUE(images_->Open().ok());
  }
  void Close() {
    images_.reset();
    for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
    db_.reset();
  }

  std::string path() const { return folder_.Path("derived"); }

  void Add(std::span<const HoldRecord> holds) {
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(images_->Add(holds, batch).ok());
    ASSERT_TRUE(db_->Write({}, &batch).ok());
  }
  void Complete() {
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(images_->Complete(batch).ok());
    ASSERT_TRUE(db_->Write({}, &batch).ok());
  }

  // What is stored: of each hold the entry that changed it last.
  std::map<uint64_t, uint64_t> Stored() const {
    std::map<uint64_t, uint64_t> stored;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, families_[1]));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      HoldRecord hold;
      EXPECT_TRUE(DecodeImage(it->value().ToStringView(), hold));
      EXPECT_EQ(SequenceOfKey(it->key()), hold.sequence);
      stored[hold.sequence.value()] = hold.changed_sequence.value();
    }
    EXPECT_TRUE(it->status().ok()) << it->status().ToString();
    return stored;
  }
  // Entries in tables, by level.
  std::map<int, uint64_t> ByLevel() const {
    std::vector<rocksdb::LiveFileMetaData> files;
    db_->GetLiveFilesMetaData(&files);
    std::map<int, uint64_t> levels;
    for (const rocksdb::LiveFileMetaData& file : files) {
      if (file.column_family_name == "holds") levels[file.level] += file.num_entries;
    }
    return levels;
  }

  TemporaryFolder folder_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::unique_ptr<HoldImages> images_;
};

TEST_F(HoldImagesTest, PutsManyNewHoldsWhereTheyAreNeverWrittenAgain) {
  constexpr uint64_t kRounds = 20;
  constexpr uint64_t kNew = 100;
  for (uint64_t round = 0; round < kRounds; ++round) {
    std::vector<HoldRecord> holds;
    // One of the round before was captured since.
    if (round > 0) holds.push_back(MakeHold(round * kNew, (round + 1) * kNew));
    for (uint64_t i = 1; i <= kNew; ++i) holds.push_back(MakeHold(round * kNew + i, i));
    Add(std::span(holds).first(10));
    Add(std::span(holds).subspan(10));
    Complete();
  }
  const auto levels = ByLevel();
  ASSERT_TRUE(levels.contains(kLastLevel));
  EXPECT_EQ(levels.at(kLastLevel), kRounds * kNew);
  const auto stored = Stored();
  EXPECT_EQ(stored.size(), kRounds * kNew);
  EXPECT_EQ(stored.at(kNew), 2 * kNew) << "the newer image counts";
  EXPECT_EQ(stored.at(kNew - 1), kNew - 1);
}

TEST_F(HoldImagesTest, LeavesAFewToTheBatch) {
  const std::vector<HoldRecord> holds = {MakeHold(1, 1), MakeHold(2, 2)};
  Add(holds);
  Complete();
  EXPECT_TRUE(ByLevel().empty());
  EXPECT_EQ(Stored(), (std::map<uint64_t, uint64_t>{{1, 1}, {2, 2}}));
}

TEST_F(HoldImagesTest, StoresTheNewestImageOfEachHoldWhateverTheirOrder) {
  std::mt19937_64 random(TestSeed());
  std::map<uint64_t, uint64_t> expected;
  uint64_t next = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<HoldRecord> holds;
    for (const auto& [sequence, changed] : expected) {
      if (random() % 50 == 0) holds.push_back(MakeHold(sequence, ++next));
    }
    const uint64_t fresh = random() % 3 == 0 ? random() % kMany : random() % (6 * kMany);
    for (uint64_t i = 0; i < fresh; ++i) {
      next += 1 + random() % 3;
      holds.push_back(MakeHold(next, next));
    }
    if (random() % 3 == 0) std::ranges::shuffle(holds, random);
    for (const HoldRecord& hold : holds) {
      expected[hold.sequence.value()] = hold.changed_sequence.value();
    }
    for (size_t done = 0; done < holds.size();) {
      const size_t part = std::min<size_t>(holds.size() - done, 1 + random() % 40);
      Add(std::span(holds).subspan(done, part));
      done += part;
    }
    Complete();
    if (random() % 4 == 0) {
      Close();
      Open();
    }
    ASSERT_EQ(Stored(), expected) << "after round " << round;
  }
}

// As if it was killed: what was begun is not seen, and the next round stores it again.
TEST_F(HoldImagesTest, ForgetsATableThatWasNotCompleted) {
  std::vector<HoldRecord> holds;
  for (uint64_t i = 1; i <= 3 * kMany; ++i) holds.push_back(MakeHold(i, i));
  Add(holds);
  EXPECT_TRUE(Stored().empty());
  Close();
  Open();
  EXPECT_TRUE(Stored().empty());
  std::filesystem::remove(path() + "/0" + HoldImages::kSuffix);  // as DerivedStore::Open does
  Add(holds);
  Complete();
  EXPECT_EQ(Stored().size(), holds.size());
}

}  // namespace
}  // namespace lumbung
