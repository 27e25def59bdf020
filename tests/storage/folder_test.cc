// The names of folders: which are durable, and what may stand beside a ledger.
#include "storage/folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "storage/ledger_store.h"
#include "tests/storage/sample_blocks.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

// The machine's file system, which writes down what becomes of folders.
class WatchedNames final : public rocksdb::FileSystemWrapper {
 public:
  WatchedNames() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "WatchedNames"; }

  const std::vector<std::string>& events() const { return events_; }

  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    events_.push_back("named " + to);
    return target()->RenameFile(from, to, options, debug);
  }
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSDirectory> real;
    rocksdb::IOStatus status = target()->NewDirectory(path, options, &real, debug);
    if (status.ok()) *directory = std::make_unique<Watched>(std::move(real), *this, path);
    return status;
  }

 private:
  class Watched final : public rocksdb::FSDirectoryWrapper {
   public:
    Watched(std::unique_ptr<rocksdb::FSDirectory>&& real, WatchedNames& owner, std::string path)
        : FSDirectoryWrapper(std::move(real)), owner_(owner), path_(std::move(path)) {}
    rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options,
                                          rocksdb::IODebugContext* debug,
                                          const rocksdb::DirFsyncOptions& reason) override {
      owner_.events_.push_back("synced " + path_);
      return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, reason);
    }

   private:
    WatchedNames& owner_;
    const std::string path_;
  };

  std::vector<std::string> events_;
};

TEST(Folder, TheNameOfALedgersCopyIsDurableWhenTheCopyIsMade) {
  TemporaryFolder folder;
  const auto names = std::make_shared<WatchedNames>();
  const auto env = rocksdb::NewCompositeEnv(names);
  const auto store =
      *LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite, {.env = env.get()});
  const auto block = MakeBlock(Sequence{1}, 20);
  Block* const pointer = block.get();
  ASSERT_TRUE(store->Append({&pointer, 1}).ok());
  ASSERT_TRUE(store->CopyTo(folder.Path("copy")).ok());
  const auto& events = names->events();
  const auto named = std::ranges::find(events, "named " + folder.Path("copy"));
  ASSERT_NE(named, events.end());
  const std::string above = std::filesystem::path(folder.Path("copy")).parent_path().string();
  EXPECT_NE(std::find(named, events.end(), "synced " + above), events.end());
}

TEST(Folder, ItsNameIsDurableInTheFolderAboveItHoweverItIsSpelt) {
  TemporaryFolder folder;
  const std::string above = std::filesystem::path(folder.Path("copy")).parent_path().string();
  for (const std::string name : {"copy", "copy/", "copy//"}) {
    const auto names = std::make_shared<WatchedNames>();
    const auto env = rocksdb::NewCompositeEnv(names);
    ASSERT_TRUE(SyncNameOf(folder.Path(name), {.env = env.get()}).ok());
    EXPECT_EQ(names->events(), std::vector<std::string>{"synced " + above}) << name;
  }
}

TEST(Folder, ALedgerIsNotBegunWhereOneWasLost) {
  for (const std::string made : {"derived/CURRENT", "transparency/checkpoints", "ledger.tmp/x",
                                 "transparency/cosignatures", "transparency/"}) {
    TemporaryFolder folder;
    EXPECT_TRUE(CheckLedgerIsInPlace(folder.Path("")).ok());
    EXPECT_TRUE(CheckLedgerIsInPlace(folder.Path("nowhere")).ok());
    const std::filesystem::path path = folder.Path(made);
    std::filesystem::create_directories(path.parent_path());
    if (path.has_filename()) std::ofstream(path) << "x";
    const absl::Status lost = CheckLedgerIsInPlace(folder.Path(""));
    EXPECT_TRUE(absl::IsDataLoss(lost)) << made << ": " << lost;
    std::filesystem::create_directory(folder.Path("ledger"));  // where a disk is to be mounted
    std::ofstream(folder.Path("ledger/LOCK")) << "";
    EXPECT_TRUE(absl::IsDataLoss(CheckLedgerIsInPlace(folder.Path("")))) << made;
    ASSERT_TRUE(LedgerStore::Open(folder.Path("ledger"), Access::kReadWrite).ok());
    EXPECT_TRUE(CheckLedgerIsInPlace(folder.Path("")).ok()) << made;
  }
}

TEST(Folder, ALedgerMayBeBegunBesideAKeyThatWasPutThere) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.Path("transparency"));
  std::ofstream(folder.Path("transparency/key")) << "x";
  EXPECT_TRUE(CheckLedgerIsInPlace(folder.Path("")).ok());
}

}  // namespace
}  // namespace lumbung
