// Disks that flip one bit in each file of some kind while it is written, or in one read of its
// begin.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace lumbung {

class FlippingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  // In files whose names end in `suffix`, at byte `at`.
  FlippingFileSystem(std::string suffix, size_t at)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()),
        suffix_(std::move(suffix)),
        at_(at) {}
  const char* Name() const override { return "FlippingFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status =
        rocksdb::FileSystemWrapper::NewWritableFile(name, options, result, debug);
    if (status.ok() && name.ends_with(suffix_)) {
      *result = std::make_unique<File>(std::move(*result), at_);
    }
    return status;
  }

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile>&& file, size_t at)
        : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), at_(at) {}
    using rocksdb::FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      std::string bytes = data.ToString();
      if (at_ >= written_ && at_ - written_ < bytes.size()) {
        bytes[at_ - written_] = static_cast<char>(bytes[at_ - written_] ^ 0x10);
      }
      written_ += bytes.size();
      return rocksdb::FSWritableFileOwnerWrapper::Append(bytes, options, debug);
    }

   private:
    const size_t at_;
    size_t written_ = 0;
  };

  const std::string suffix_;
  const size_t at_;
};

// What is on the disk is right. Any thread may read.
class FlippingReads final : public rocksdb::FileSystemWrapper {
 public:
  // In the n-th read (0: the first) of the begin of files whose names end in `suffix`.
  FlippingReads(std::string suffix, int nth)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()),
        suffix_(std::move(suffix)),
        left_(nth) {}
  const char* Name() const override { return "FlippingReads"; }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status =
        rocksdb::FileSystemWrapper::NewRandomAccessFile(name, options, result, debug);
    if (status.ok() && name.ends_with(suffix_)) {
      *result = std::make_unique<File>(std::move(*result), left_);
    }
    return status;
  }
  // Whether there were so many.
  bool has_flipped() const { return left_ < 0; }

 private:
  class File final : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSRandomAccessFile>&& file, std::atomic<int>& left)
        : rocksdb::FSRandomAccessFileOwnerWrapper(std::move(file)), left_(left) {}
    rocksdb::IOStatus Read(uint64_t offset, size_t size, const rocksdb::IOOptions& options,
                           rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* debug) const override {
      rocksdb::IOStatus status = rocksdb::FSRandomAccessFileOwnerWrapper::Read(
          offset, size, options, result, scratch, debug);
      if (status.ok() && offset == 0 && !result->empty() && left_-- == 0) {
        if (result->data() != scratch) std::memcpy(scratch, result->data(), result->size());
        scratch[result->size() / 2] = static_cast<char>(scratch[result->size() / 2] ^ 0x10);
        *result = rocksdb::Slice(scratch, result->size());
      }
      return status;
    }

   private:
    std::atomic<int>& left_;
  };

  const std::string suffix_;
  std::atomic<int> left_;
};

}  // namespace lumbung
