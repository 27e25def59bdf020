// The machine's file system, watched: which bytes of each file a sync has reached, and what a power
// cut would therefore leave. The names of files are taken for durable at once.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace lumbung {

enum class Syncs : uint8_t {
  kReal,
  kPretended,  // a sync answers that all is well and does nothing: a disk, or a program, that lies
};

class SyncedBytes final : public rocksdb::FileSystemWrapper {
 public:
  explicit SyncedBytes(Syncs syncs)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), syncs_(syncs) {}

  const char* Name() const override { return "SyncedBytes"; }

  // Finished syncs of write-ahead logs.
  uint64_t log_syncs() const {
    const std::lock_guard lock(mutex_);
    return log_syncs_;
  }

  // Holds every write and sync up until it is destroyed; copies what a cut now would leave.
  class Cut {
   public:
    explicit Cut(SyncedBytes& bytes) : bytes_(bytes), lock_(bytes.mutex_) {}

    void CopyTo(const std::string& from, const std::string& to) const {
      namespace fs = std::filesystem;
      fs::create_directories(to);
      for (const fs::directory_entry& file : fs::directory_iterator(from)) {
        const fs::path copy = fs::path(to) / file.path().filename();
        fs::copy_file(file.path(), copy);
        const auto known = bytes_.synced_.find(file.path().string());
        if (known != bytes_.synced_.end()) fs::resize_file(copy, known->second);
      }
    }

   private:
    SyncedBytes& bytes_;
    const std::unique_lock<std::mutex> lock_;
  };

  // --- rocksdb::FileSystem ---
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<rocksdb::FSWritableFile> real;
    rocksdb::IOStatus status = target()->NewWritableFile(path, options, &real, debug);
    if (!status.ok()) return status;
    synced_[path] = 0;
    *file = std::make_unique<WatchedFile>(std::move(real), *this, path);
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const std::lock_guard lock(mutex_);
    if (auto node = synced_.extract(from)) {
      synced_.erase(to);
      node.key() = to;
      synced_.insert(std::move(node));
    }
    return target()->RenameFile(from, to, options, debug);
  }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const std::lock_guard lock(mutex_);
    synced_.erase(path);
    return target()->DeleteFile(path, options, debug);
  }

 private:
  class WatchedFile final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    WatchedFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, SyncedBytes& owner,
                std::string path)
        : FSWritableFileOwnerWrapper(std::move(file)), owner_(owner), path_(std::move(path)) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      const std::lock_guard lock(owner_.mutex_);
      written_ += data.size();
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&,
                             rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
      return Synced([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      return Synced([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
    }

   private:
    template <typename Sync>
    rocksdb::IOStatus Synced(Sync sync) {
      const std::lock_guard lock(owner_.mutex_);
      if (owner_.syncs_ == Syncs::kPretended) return rocksdb::IOStatus::OK();
      rocksdb::IOStatus status = sync();
      if (!status.ok()) return status;
      owner_.synced_[path_] = written_;
      if (path_.ends_with(".log")) ++owner_.log_syncs_;
      return status;
    }

    SyncedBytes& owner_;
    // A file that is renamed while it is open keeps this name; RocksDB closes it before.
    const std::string path_;
    uint64_t written_ = 0;
  };

  const Syncs syncs_;
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> synced_;
  uint64_t log_syncs_ = 0;
};

}  // namespace lumbung
