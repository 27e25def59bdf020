#include "storage/sized_logs.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace lumbung {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

bool IsLog(const std::string& path) { return path.ends_with(".log"); }

IOStatus ToIoStatus(const absl::Status& status) {
  const std::string message(status.message());
  return absl::IsDataLoss(status) ? IOStatus::Corruption(message) : IOStatus::IOError(message);
}

// Zeros are written so far ahead: with groups of 32 payments every 25th sync has new blocks.
constexpr size_t kAhead = size_t{128} << 10;
// A larger write pays for its own: its bytes, written twice, would cost more than the journal.
constexpr size_t kLargeWrite = size_t{32} << 10;

constexpr std::array<char, kAhead> kZeros{};

// A file of which no more than its beginning is read.
class Beginning final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  Beginning(std::unique_ptr<rocksdb::FSSequentialFile> file, uint64_t bytes)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(bytes) {}

  IOStatus Read(size_t size, const IOOptions& options, rocksdb::Slice* result, char* scratch,
                IODebugContext* debug) override {
    const size_t most = std::min<uint64_t>(size, left_);
    IOStatus status = FSSequentialFileOwnerWrapper::Read(most, options, result, scratch, debug);
    if (status.ok()) left_ -= result->size();
    return status;
  }
  IOStatus Skip(uint64_t bytes) override {
    left_ -= std::min(bytes, left_);
    return FSSequentialFileOwnerWrapper::Skip(bytes);
  }

 private:
  uint64_t left_;
};

}  // namespace

// Counts what is written to a log, and writes zeros ahead of it. One thread at a time.
class SizedLogs::Writer final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Writer(std::unique_ptr<rocksdb::FSWritableFile> file, SizedLogs& logs, std::string path)
      : FSWritableFileOwnerWrapper(std::move(file)), logs_(logs), path_(std::move(path)) {
    const std::lock_guard lock(logs_.mutex_);
    logs_.written_[path_] = written_;
  }
  ~Writer() override { Forget(); }

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    return status.ok() ? Count(data.size(), options, debug) : status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
    return status.ok() ? Count(data.size(), options, debug) : status;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = FSWritableFileOwnerWrapper::Close(options, debug);
    if (status.ok()) Forget();
    return status;
  }

 private:
  IOStatus Count(size_t size, const IOOptions& options, IODebugContext* debug) {
    const uint64_t end = written_->fetch_add(size, std::memory_order_release) + size;
    if (end <= ahead_ || size >= kLargeWrite) return IOStatus::OK();
    return WriteAhead(end, options, debug);
  }

  // The file's own count of bytes, to which RocksDB cuts it at the end, follows what is written at
  // a position: an empty write sets it back.
  IOStatus WriteAhead(uint64_t end, const IOOptions& options, IODebugContext* debug) {
    const uint64_t ahead = (end / kAhead + 1) * kAhead;
    IOStatus status = PositionedAppend({kZeros.data(), ahead - end}, end, options, debug);
    if (status.ok()) status = PositionedAppend({}, end, options, debug);
    const bool can = !status.IsNotSupported();
    ahead_ = can ? ahead : std::numeric_limits<uint64_t>::max();
    return can ? status : IOStatus::OK();
  }

  void Forget() {
    const std::lock_guard lock(logs_.mutex_);
    const auto known = logs_.written_.find(path_);
    if (known != logs_.written_.end() && known->second == written_) logs_.written_.erase(known);
  }

  SizedLogs& logs_;
  const std::string path_;
  uint64_t ahead_ = 0;  // up to here there is something on the disk, or will be with the next sync
  // Read by WrittenTo's callers, with acquire.
  const std::shared_ptr<std::atomic<uint64_t>> written_ =
      std::make_shared<std::atomic<uint64_t>>(0);
};

SizedLogs::SizedLogs(rocksdb::Env& env) : FileSystemWrapper(env.GetFileSystem()), env_(env) {}

rocksdb::FileOptions SizedLogs::OptimizeForLogWrite(const rocksdb::FileOptions& options,
                                                    const rocksdb::DBOptions& database) const {
  rocksdb::FileOptions optimised = FileSystemWrapper::OptimizeForLogWrite(options, database);
  optimised.fallocate_with_keep_size = false;
  return optimised;
}

IOStatus SizedLogs::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::NewWritableFile(path, options, file, debug);
  if (status.ok() && IsLog(path)) {
    *file = std::make_unique<Writer>(std::move(*file), *this, path);
  }
  return status;
}

IOStatus SizedLogs::NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      IODebugContext* debug) {
  if (!IsLog(path)) return FileSystemWrapper::NewSequentialFile(path, options, file, debug);
  uint64_t end = 0;
  if (const auto written = WrittenTo(path)) {
    end = written->load(std::memory_order_acquire);
  } else if (const auto found = found_.find(path); found != found_.end()) {
    end = found->second;
  } else {  // another process began it after the others were looked at
    const auto looked = EndOfSizedLog(path, env_);
    if (!looked.ok()) return ToIoStatus(looked.status());
    end = *looked;
  }
  IOStatus status = FileSystemWrapper::NewSequentialFile(path, options, file, debug);
  if (status.ok()) *file = std::make_unique<Beginning>(std::move(*file), end);
  return status;
}

IOStatus SizedLogs::GetFileSize(const std::string& path, const IOOptions& options, uint64_t* size,
                                IODebugContext* debug) {
  if (const auto written = WrittenTo(path)) {
    *size = written->load(std::memory_order_acquire);
  } else if (const auto found = found_.find(path); found != found_.end()) {
    *size = found->second;
  } else {
    return FileSystemWrapper::GetFileSize(path, options, size, debug);
  }
  return IOStatus::OK();
}

IOStatus SizedLogs::LockFile(const std::string& path, const IOOptions& options,
                             rocksdb::FileLock** lock, IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::LockFile(path, options, lock, debug);
  if (!status.ok()) return status;
  absl::StatusOr<LogEnds> found = CheckSizedLogs(path.substr(0, path.rfind('/')), env_);
  if (found.ok()) {
    found_ = *std::move(found);
    return status;
  }
  // One that stays locked does no harm: nobody can use the database.
  FileSystemWrapper::UnlockFile(*lock, options, debug).PermitUncheckedError();
  *lock = nullptr;
  return ToIoStatus(found.status());
}

std::shared_ptr<const std::atomic<uint64_t>> SizedLogs::WrittenTo(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto known = written_.find(path);
  return known == written_.end() ? nullptr : known->second;
}

}  // namespace lumbung
