// The file system under the ledger, with write-ahead logs whose space is reserved together with
// their size. Then a sync has no new length to write to the file system's journal, which takes a
// good part of a lone payment's time (bench/README.md has the figures).
//
// Such a log is longer than what is written to it. Who reads it by this file system does not see
// that: a log that is being written is as long as what was written. A log that was found at the
// opening is as long as its whole records, so that RocksDB meets neither the zeros behind them nor
// a torn write (log_check.h), and sees that a log lacks what its manifest says was synced. A log
// that is closed is cut to its true length by RocksDB. Other processes see all of it.
//
// The logs are looked at as soon as the database is locked, and not before: until then another
// process may still write to them, and what it wrote after the look would be dropped. Who opens
// the database read-only locks nothing; then each log is looked at when it is read.
//
// The first write to each of its blocks still has something to journal: that the block is written.
// So small writes are preceded by zeros, 128 KiB at a time, which the same sync takes along; then
// nearly all syncs have their own bytes to write and nothing else.
//
// Where space can't be reserved a log grows as it is written. Any thread.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"
#include "storage/log_check.h"

namespace lumbung {

class SizedLogs final : public rocksdb::FileSystemWrapper {
 public:
  // On the file system of `env`, which must outlive it.
  explicit SizedLogs(rocksdb::Env& env);

  const char* Name() const override { return "SizedLogs"; }

  // --- rocksdb::FileSystem ---
  rocksdb::FileOptions OptimizeForLogWrite(const rocksdb::FileOptions& options,
                                           const rocksdb::DBOptions& database) const override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions& options,
                                uint64_t* size, rocksdb::IODebugContext* debug) override;
  // Looks at the logs beside the lock too (CheckSizedLogs). What is damaged is not locked.
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override;

 private:
  class Writer;

  // What was written to a log that is open; null for others.
  std::shared_ptr<const std::atomic<uint64_t>> WrittenTo(const std::string& path) const;

  // Set at construction.
  rocksdb::Env& env_;
  // Set when the database is locked, before it does anything else with its logs.
  LogEnds found_;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<std::atomic<uint64_t>>> written_;  // guarded by mutex_
};

// `base` with another file system. `base` must outlive it.
class EnvOnFileSystem final : public rocksdb::EnvWrapper {
 public:
  EnvOnFileSystem(rocksdb::Env& base, std::shared_ptr<rocksdb::FileSystem> files)
      : EnvWrapper(&base) {
    file_system_ = std::move(files);
  }

  // What RocksDB still asks the environment for.
  rocksdb::Status GetFileSize(const std::string& path, uint64_t* size) override {
    return file_system_->GetFileSize(path, rocksdb::IOOptions(), size, nullptr);
  }
  rocksdb::Status LockFile(const std::string& path, rocksdb::FileLock** lock) override {
    return file_system_->LockFile(path, rocksdb::IOOptions(), lock, nullptr);
  }
  rocksdb::Status UnlockFile(rocksdb::FileLock* lock) override {
    return file_system_->UnlockFile(lock, rocksdb::IOOptions(), nullptr);
  }
};

}  // namespace lumbung
