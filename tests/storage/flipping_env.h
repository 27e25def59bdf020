// An environment whose disk flips one bit in each file of some kind while it is written.
#pragma once

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

}  // namespace lumbung
