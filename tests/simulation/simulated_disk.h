// A disk in memory, as a file system of RocksDB's, that keeps apart what was written and what was
// synced, and fails on request.
//
// The model:
//  - A file's bytes are durable up to its last sync. What was appended after it may be gone after a
//    crash, wholly or from some byte on, and its place may hold zeros.
//  - A file whose size was reserved with its space is so long at once, with zeros where nothing is
//    written. Of what was appended after the last sync each sector of 512 bytes may be gone by
//    itself, if the power went; all from a page's end on, if the process was killed. Closing it
//    cuts it to what was written. Zeros written ahead change nothing, but can fail.
//  - A name (made, removed, renamed, linked; a folder's too) is durable when its folder was synced.
//    After a crash the names are as after some first part of the changes that were not synced.
//  - A failed sync leaves the file's unsynced bytes unsynced for ever: a later sync of the same
//    file says that all is well, and they are still gone after a crash.
//  - After the crash nothing more is written; reading goes on, so that the dead engine can be taken
//    apart.
//
// Any thread. Faults meant for one kind of thread are counted apart: RocksDB's own thread and all
// others, so that what they do at the same time does not change what the seed means.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "rocksdb/file_system.h"

namespace lumbung {

// What can go wrong in an operation.
enum class DiskFault : uint8_t {
  kCrashBeforeSync,  // the power goes before a sync does anything
  kCrashAfterSync,   // the power goes when a sync is done, before it returns
  kCrashAtWrite,     // the power goes at an append
  kCrashAtName,      // the power goes before a name is made, removed or changed
  kWriteError,       // EIO; a part may have been written
  kNoSpace,          // ENOSPC; a part may have been written
  kSyncError,        // EIO, and see the model
  kReadError,        // EIO
  kShortRead,        // a read by position returns less than it was asked for
  kReadFlip,         // one bit of what is read is wrong, on its way
  kWriteFlip,        // one bit of what is written is wrong, on the disk
};
inline constexpr size_t kDiskFaults = 11;
const char* Name(DiskFault fault);

// What of the unsynced is still there after a crash.
enum class Survival : uint8_t { kNothing, kEverything, kSomeFirstPart, kTornWithZeros };
inline constexpr size_t kSurvivals = 4;
const char* Name(Survival survival);

class SimulatedDisk final : public rocksdb::FileSystem {
 public:
  SimulatedDisk();
  ~SimulatedDisk() override;

  // --- the conductor's ---
  // The fault happens in the n-th operation from now on in which it can (1: the next).
  void Arm(DiskFault fault, uint64_t nth);
  void Disarm();
  // The fault that happened first since Arm or Disarm.
  bool fired(DiskFault* fault) const;
  // Nothing is written from now on.
  void Kill();
  bool dead() const;
  // The power is back: what did not survive is gone. Open files of before are dead.
  // Returns whether zeros stand where something unsynced was: until Mend, which cuts them off.
  bool Restart(Survival survival, std::mt19937_64& random);
  // Whether all that was written to the ledger's write-ahead logs is synced, and their names too.
  bool LogsAreSynced(const std::string& folder) const;
  uint64_t log_syncs() const;

  // --- damage while the engine is down ---
  std::vector<std::string> Files(const std::string& folder) const;
  // Turns one bit over, until Mend. False if the file is empty.
  bool FlipBit(const std::string& file, std::mt19937_64& random);
  // Hides a file, until Mend.
  void Lose(const std::string& file);
  void Mend();
  void RemoveFolder(const std::string& folder);

  // --- rocksdb::FileSystem ---
  const char* Name() const override { return "SimulatedDisk"; }
  using Options = rocksdb::IOOptions;
  using Debug = rocksdb::IODebugContext;
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      Debug* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        Debug* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    Debug* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       Debug* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const Options& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 Debug* debug) override;
  rocksdb::IOStatus FileExists(const std::string& name, const Options&, Debug*) override;
  rocksdb::IOStatus GetChildren(const std::string& folder, const Options& options,
                                std::vector<std::string>* result, Debug* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const Options&, Debug*) override;
  rocksdb::IOStatus CreateDir(const std::string& name, const Options&, Debug*) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const Options&, Debug*) override;
  rocksdb::IOStatus DeleteDir(const std::string& name, const Options&, Debug*) override;
  rocksdb::IOStatus GetFileSize(const std::string& name, const Options&, uint64_t* size,
                                Debug*) override;
  rocksdb::IOStatus GetFileModificationTime(const std::string& name, const Options&, uint64_t* time,
                                            Debug*) override;
  rocksdb::IOStatus RenameFile(const std::string& source, const std::string& target, const Options&,
                               Debug*) override;
  rocksdb::IOStatus LinkFile(const std::string& source, const std::string& target, const Options&,
                             Debug*) override;
  rocksdb::IOStatus LockFile(const std::string& name, const Options&, rocksdb::FileLock** lock,
                             Debug*) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const Options&, Debug*) override;
  rocksdb::IOStatus GetTestDirectory(const Options&, std::string* path, Debug*) override;
  rocksdb::IOStatus GetAbsolutePath(const std::string& path, const Options&, std::string* result,
                                    Debug*) override;
  rocksdb::IOStatus NewLogger(const std::string& name, const Options&,
                              std::shared_ptr<rocksdb::Logger>* result, Debug*) override;
  rocksdb::IOStatus IsDirectory(const std::string& name, const Options&, bool* is, Debug*) override;

 private:
  struct File;
  struct NameChange;
  class Reader;
  class PositionedReader;
  class Writer;
  class Folder;
  using Names = std::map<std::string, std::shared_ptr<File>>;

  // All below with mutex_ held.
  bool Fires(DiskFault fault);
  rocksdb::IOStatus ChangeNames(std::vector<NameChange> changes);
  rocksdb::IOStatus Append(File& file, const rocksdb::Slice& data);
  void AppendPart(File& file, const rocksdb::Slice& data);
  rocksdb::IOStatus WriteZerosAhead(File& file, const rocksdb::Slice& zeros);
  rocksdb::IOStatus Sync(const std::string& name, File& file);
  rocksdb::IOStatus SyncFolder(const std::string& folder);
  rocksdb::IOStatus Read(const File& file, uint64_t offset, size_t size, rocksdb::Slice* result,
                         char* scratch);
  std::shared_ptr<File> Find(const std::string& name) const;
  static void Apply(const std::vector<NameChange>& changes, Names& names);
  static void Tear(File& file, Survival survival, std::mt19937_64& random);
  void ForgetOrphans();

  mutable std::mutex mutex_;
  Names names_;                                    // as a running program sees them
  Names durable_names_;                            // as a crash leaves them, at the least
  std::vector<std::vector<NameChange>> unsynced_;  // each inner one happens as a whole
  std::set<std::string> lost_;
  uint64_t life_ = 0;  // files opened in an earlier one are dead
  bool dead_ = false;
  bool has_fired_ = false;
  DiskFault first_fired_ = DiskFault::kCrashBeforeSync;
  std::array<std::array<uint64_t, 2>, kDiskFaults> armed_{};  // by kind of thread; 0: not armed
  std::mt19937_64 random_{1};
  uint64_t log_syncs_ = 0;
};

// Marks the calling thread as RocksDB's own, for the faults that are counted apart.
void MarkAsBackgroundThread();

}  // namespace lumbung
