#include "storage/table_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "rocksdb/db.h"
#include "storage/derived_store.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kHolds = 3;  // fewer than start a compaction

// A database opened past the store, without compactions of its own accord.
struct RawDatabase {
  explicit RawDatabase(const std::string& folder) {
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    rocksdb::ColumnFamilyOptions options;
    options.disable_auto_compactions = true;
    options.max_sequential_skip_in_iterations = 1'000'000;
    for (const std::string& name : names) families.push_back({name, options});
    EXPECT_TRUE(rocksdb::DB::Open({}, folder, families, &handles, &db).ok());
  }
  ~RawDatabase() {
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
    delete db;
  }

  // The tables of one family, the lowest keys first.
  std::vector<rocksdb::LiveFileMetaData> Tables(const std::string& family) const {
    std::vector<rocksdb::LiveFileMetaData> files;
    db->GetLiveFilesMetaData(&files);
    std::erase_if(files, [&](const auto& file) { return file.column_family_name != family; });
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.smallestkey < b.smallestkey; });
    return files;
  }

  rocksdb::ColumnFamilyHandle* Family(const std::string& name) const {
    return *std::find_if(handles.begin(), handles.end(),
                         [&](const auto* handle) { return handle->GetName() == name; });
  }

  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
};

// Holds in several tables of level 1, one after the other. Returns the tables.
std::vector<rocksdb::LiveFileMetaData> MakeDerivedData(const std::string& folder) {
  for (uint64_t i = 1; i <= kHolds; ++i) {
    const auto store = DerivedStore::Open(folder);
    EXPECT_TRUE(store.ok()) << store.status();
    CheckpointPart part;
    part.holds.push_back({.sequence = Sequence{i}, .amount = Amount{30}});
    EXPECT_TRUE((*store)->StorePart(part).ok());
    EXPECT_TRUE((*store)->CompleteCheckpoint(Sequence{i}, Timestamp{1}).ok());
  }
  const RawDatabase raw(folder);
  for (const rocksdb::LiveFileMetaData& table : raw.Tables("holds")) {
    EXPECT_TRUE(raw.db->CompactFiles({}, raw.Family("holds"), {table.name}, 1).ok());
  }
  return raw.Tables("holds");
}

void FlipBit(const fs::path& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int before = file.get();
  file.seekp(at);
  file.put(static_cast<char>(before ^ 0x04));
}

std::string Damaged(const std::string& whole, const std::string& copy, const std::string& file,
                    std::streamoff at) {
  fs::remove_all(copy);
  fs::copy(whole, copy, fs::copy_options::recursive);
  FlipBit(fs::path(copy + "/" + file), at);
  return copy;
}

// RocksDB's iterator goes over a table below level 0 whose first block is damaged as if it were not
// there.
TEST(TableCheck, RefusesDerivedDataWithADamagedTableOrLoadsAllOfThem) {
  TemporaryFolder folder;
  const std::string whole = folder.Path("derived");
  const std::vector<rocksdb::LiveFileMetaData> tables = MakeDerivedData(whole);
  ASSERT_EQ(tables.size(), kHolds);
  int refused = 0;
  for (const size_t table : {size_t{0}, size_t{1}}) {
    ASSERT_EQ(tables[table].level, 1);
    const auto size = static_cast<std::streamoff>(tables[table].size);
    for (std::streamoff at = 2; at < size; at += 17) {
      const auto store =
          DerivedStore::Open(Damaged(whole, folder.Path("damaged"), tables[table].name, at));
      State state;
      const absl::Status status = store.ok() ? (*store)->LoadState(state) : store.status();
      if (!status.ok()) {
        EXPECT_TRUE(absl::IsDataLoss(status)) << status;
        ++refused;
        continue;
      }
      for (uint64_t i = 1; i <= kHolds; ++i) {
        EXPECT_NE(state.FindHold(Sequence{i}), nullptr) << "hold " << i << ", byte " << at;
      }
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(TableCheck, MeetsEveryVersionOfEveryKeyAtEveryLevel) {
  TemporaryFolder folder;
  MakeDerivedData(folder.Path("derived"));
  const RawDatabase raw(folder.Path("derived"));
  rocksdb::ColumnFamilyHandle* const holds = raw.Family("holds");
  const std::string key = raw.Tables("holds")[1].smallestkey;
  for (int version = 0; version < 30; ++version) {
    ASSERT_TRUE(raw.db->Put({}, holds, key, "version " + std::to_string(version)).ok());
    if (version % 3 == 0) {
      ASSERT_TRUE(raw.db->Flush({}, holds).ok());
    }
  }
  ASSERT_GT(raw.Tables("holds").size(), kHolds + 5);
  FamilyScan scan;
  ASSERT_TRUE(scan.Begin(*raw.db, holds).ok());
  uint64_t keys = 0;
  for (; scan.it().Valid(); scan.it().Next()) ++keys;
  EXPECT_EQ(keys, kHolds);
  const rocksdb::Status finished = scan.Finish();
  EXPECT_TRUE(finished.ok()) << finished.ToString();
}

}  // namespace
}  // namespace lumbung
