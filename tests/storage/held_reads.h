// A disk that holds up one read of one thread until it is let go. Nothing waits for time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace lumbung {

class HeldReads final : public rocksdb::FileSystemWrapper {
 public:
  // Of files whose names end in `suffix`.
  explicit HeldReads(std::string suffix)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), suffix_(std::move(suffix)) {}
  const char* Name() const override { return "HeldReads"; }

  // --- the reading thread ---
  void HoldNextReadOfThisThread() {
    const std::lock_guard lock(mutex_);
    reader_ = std::this_thread::get_id();
  }
  // From here on none is held: there is nothing left to wait for.
  void HoldNone() {
    const std::lock_guard lock(mutex_);
    reader_ = {};
    none_ = true;
    changed_.notify_all();
  }

  // --- another ---
  // False if there was none until HoldNone.
  bool WaitUntilOneIsHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_ || none_; });
    return held_;
  }
  void LetGo() {
    const std::lock_guard lock(mutex_);
    let_go_ = true;
    changed_.notify_all();
  }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status =
        rocksdb::FileSystemWrapper::NewRandomAccessFile(name, options, result, debug);
    if (status.ok() && name.ends_with(suffix_)) {
      *result = std::make_unique<File>(std::move(*result), *this);
    }
    return status;
  }

 private:
  class File final : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSRandomAccessFile>&& file, HeldReads& disk)
        : rocksdb::FSRandomAccessFileOwnerWrapper(std::move(file)), disk_(disk) {}
    rocksdb::IOStatus Read(uint64_t offset, size_t size, const rocksdb::IOOptions& options,
                           rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* debug) const override {
      disk_.Pass();
      return rocksdb::FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch,
                                                           debug);
    }
    rocksdb::IOStatus MultiRead(rocksdb::FSReadRequest* requests, size_t count,
                                const rocksdb::IOOptions& options,
                                rocksdb::IODebugContext* debug) override {
      disk_.Pass();
      return rocksdb::FSRandomAccessFileOwnerWrapper::MultiRead(requests, count, options, debug);
    }

   private:
    HeldReads& disk_;
  };

  void Pass() {
    std::unique_lock lock(mutex_);
    if (reader_ != std::this_thread::get_id()) return;
    reader_ = {};
    held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return let_go_; });
  }

  const std::string suffix_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  std::thread::id reader_;
  bool held_ = false;
  bool none_ = false;
  bool let_go_ = false;
};

}  // namespace lumbung
