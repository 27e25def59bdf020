#include "tests/simulation/simulated_disk.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/check.h"
#include "rocksdb/env.h"
#include "tests/simulation/simulated_file.h"

namespace lumbung {

using rocksdb::IOStatus;

namespace {

thread_local bool background_thread = false;

std::string Plain(std::string name) {
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  size_t at = 0;
  while ((at = name.find("//")) != std::string::npos) name.erase(at, 1);
  return name;
}

IOStatus Dead() { return IOStatus::IOError("the power is gone"); }

class Silence final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class Lock final : public rocksdb::FileLock {};

}  // namespace

const char* Name(DiskFault fault) {
  static const char* const names[kDiskFaults] = {
      "crash before a sync", "crash after a sync", "crash at a write",   "crash at a name",
      "write error",         "no space",           "sync error",         "read error",
      "short read",          "bit flip in a read", "bit flip in a write"};
  return names[static_cast<size_t>(fault)];
}

const char* Name(Survival survival) {
  static const char* const names[kSurvivals] = {"nothing unsynced survives", "everything survives",
                                                "some first part survives",
                                                "a torn end with zeros"};
  return names[static_cast<size_t>(survival)];
}

void MarkAsBackgroundThread() { background_thread = true; }

class SimulatedDisk::Reader final : public rocksdb::FSSequentialFile {
 public:
  Reader(SimulatedDisk& disk, std::shared_ptr<File> file) : disk_(disk), file_(std::move(file)) {}
  IOStatus Read(size_t size, const Options&, rocksdb::Slice* result, char* scratch,
                Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    const IOStatus status = disk_.Read(*file_, offset_, size, result, scratch);
    offset_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t size) override {
    offset_ += size;
    return IOStatus::OK();
  }

 private:
  SimulatedDisk& disk_;
  const std::shared_ptr<File> file_;
  uint64_t offset_ = 0;
};

class SimulatedDisk::PositionedReader final : public rocksdb::FSRandomAccessFile {
 public:
  PositionedReader(SimulatedDisk& disk, std::shared_ptr<File> file)
      : disk_(disk), file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t size, const Options&, rocksdb::Slice* result, char* scratch,
                Debug*) const override {
    const std::lock_guard lock(disk_.mutex_);
    if (size > 1 && disk_.Fires(DiskFault::kShortRead)) size /= 2;
    return disk_.Read(*file_, offset, size, result, scratch);
  }
  IOStatus Prefetch(uint64_t, size_t, const Options&, Debug*) override { return IOStatus::OK(); }

 private:
  SimulatedDisk& disk_;
  const std::shared_ptr<File> file_;
};

class SimulatedDisk::Writer final : public rocksdb::FSWritableFile {
 public:
  Writer(SimulatedDisk& disk, std::string name, const rocksdb::FileOptions& options,
         std::shared_ptr<File> file)
      : disk_(disk),
        name_(std::move(name)),
        reserves_size_(options.allow_fallocate && !options.fallocate_with_keep_size),
        file_(std::move(file)),
        life_(disk.life_) {}
  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const rocksdb::Slice& data, const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    return life_ == disk_.life_ ? disk_.Append(*file_, data) : Dead();
  }
  using rocksdb::FSWritableFile::PositionedAppend;
  IOStatus PositionedAppend(const rocksdb::Slice& data, uint64_t offset, const Options&,
                            Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    if (disk_.dead_ || life_ != disk_.life_) return Dead();
    LUMBUNG_CHECK(offset == file_->bytes.size());
    return disk_.WriteZerosAhead(*file_, data);
  }
  IOStatus Truncate(uint64_t size, const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    if (disk_.dead_ || life_ != disk_.life_) return Dead();
    LUMBUNG_CHECK(size >= file_->promised && size <= file_->end());
    file_->bytes.resize(std::min<size_t>(size, file_->bytes.size()));
    file_->synced = std::min(file_->synced, file_->bytes.size());
    return IOStatus::OK();
  }
  IOStatus Allocate(uint64_t offset, uint64_t size, const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    if (disk_.dead_ || life_ != disk_.life_) return Dead();
    if (disk_.Fires(DiskFault::kNoSpace)) return IOStatus::NoSpace("no space");
    if (reserves_size_) file_->reserved = std::max<size_t>(file_->reserved, offset + size);
    return IOStatus::OK();
  }
  // Cuts off what was reserved for nothing.
  IOStatus Close(const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    if (!disk_.dead_ && life_ == disk_.life_) file_->reserved = 0;
    return IOStatus::OK();
  }
  IOStatus Flush(const Options&, Debug*) override { return IOStatus::OK(); }
  IOStatus Sync(const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    return life_ == disk_.life_ ? disk_.Sync(name_, *file_) : Dead();
  }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    return file_->bytes.size();
  }

 private:
  SimulatedDisk& disk_;
  const std::string name_;
  const bool reserves_size_;
  const std::shared_ptr<File> file_;
  const uint64_t life_;
};

class SimulatedDisk::Folder final : public rocksdb::FSDirectory {
 public:
  Folder(SimulatedDisk& disk, std::string name)
      : disk_(disk), name_(std::move(name)), life_(disk.life_) {}
  IOStatus Fsync(const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    return life_ == disk_.life_ ? disk_.SyncFolder(name_) : Dead();
  }
  IOStatus Close(const Options&, Debug*) override { return IOStatus::OK(); }

 private:
  SimulatedDisk& disk_;
  const std::string name_;
  const uint64_t life_;
};

SimulatedDisk::SimulatedDisk() = default;
SimulatedDisk::~SimulatedDisk() = default;

// --- faults ---

void SimulatedDisk::Arm(DiskFault fault, uint64_t nth) {
  const std::lock_guard lock(mutex_);
  // For RocksDB's own thread now and then, by whether the number is odd.
  armed_[static_cast<size_t>(fault)][nth % 4 == 3 ? 1 : 0] = nth;
}

void SimulatedDisk::Disarm() {
  const std::lock_guard lock(mutex_);
  armed_ = {};
  has_fired_ = false;
}

bool SimulatedDisk::fired(DiskFault* fault) const {
  const std::lock_guard lock(mutex_);
  if (has_fired_) *fault = first_fired_;
  return has_fired_;
}

bool SimulatedDisk::Fires(DiskFault fault) {
  uint64_t& left = armed_[static_cast<size_t>(fault)][background_thread ? 1 : 0];
  if (dead_ || left == 0 || --left != 0) return false;
  if (!has_fired_) first_fired_ = fault;
  has_fired_ = true;
  return true;
}

void SimulatedDisk::Kill() {
  const std::lock_guard lock(mutex_);
  dead_ = true;
}

bool SimulatedDisk::dead() const {
  const std::lock_guard lock(mutex_);
  return dead_;
}

// --- writing ---

IOStatus SimulatedDisk::Append(File& file, const rocksdb::Slice& data) {
  if (Fires(DiskFault::kCrashAtWrite)) {
    AppendPart(file, data);
    dead_ = true;
  }
  if (dead_) return Dead();
  const bool no_space = Fires(DiskFault::kNoSpace);
  if (no_space || Fires(DiskFault::kWriteError)) {
    AppendPart(file, data);
    return no_space ? IOStatus::NoSpace("no space") : IOStatus::IOError("writing failed");
  }
  if (!data.empty() && Fires(DiskFault::kWriteFlip)) {
    file.flipped[file.bytes.size() + random_() % data.size()] ^=
        static_cast<uint8_t>(1 << random_() % 8);
  }
  file.bytes.append(data.data(), data.size());
  return IOStatus::OK();
}

// They change nothing where there are zeros already, but they can fail.
IOStatus SimulatedDisk::WriteZerosAhead(File& file, const rocksdb::Slice& zeros) {
  LUMBUNG_CHECK(std::ranges::all_of(zeros.ToStringView(), [](char byte) { return byte == 0; }));
  if (Fires(DiskFault::kCrashAtWrite)) dead_ = true;
  if (dead_) return Dead();
  if (Fires(DiskFault::kNoSpace)) return IOStatus::NoSpace("no space");
  if (Fires(DiskFault::kWriteError)) return IOStatus::IOError("writing failed");
  file.reserved = std::max<size_t>(file.reserved, file.bytes.size() + zeros.size());
  return IOStatus::OK();
}

// What a write leaves that did not come to its end: into reserved space, whole pages.
void SimulatedDisk::AppendPart(File& file, const rocksdb::Slice& data) {
  const size_t begin = file.bytes.size();
  size_t end = begin + random_() % (data.size() + 1);
  if (file.reserved > begin) end = std::max(begin, end / kPage * kPage);
  file.bytes.append(data.data(), end - begin);
}

IOStatus SimulatedDisk::Sync(const std::string& name, File& file) {
  if (Fires(DiskFault::kCrashBeforeSync)) dead_ = true;
  if (dead_) return Dead();
  if (Fires(DiskFault::kSyncError)) {
    file.bound = std::min(file.bound, file.synced);
    return IOStatus::IOError("syncing failed");
  }
  file.synced = std::min(file.bytes.size(), file.bound);
  file.promised = std::max(file.promised, file.synced);
  if (IsLog(name)) ++log_syncs_;
  if (Fires(DiskFault::kCrashAfterSync)) {
    dead_ = true;
    return Dead();
  }
  return IOStatus::OK();
}

IOStatus SimulatedDisk::SyncFolder(const std::string& folder) {
  if (Fires(DiskFault::kCrashBeforeSync)) dead_ = true;
  if (dead_) return Dead();
  if (Fires(DiskFault::kSyncError)) return IOStatus::IOError("syncing failed");
  for (auto it = unsynced_.begin(); it != unsynced_.end();) {
    const bool here = std::any_of(it->begin(), it->end(), [&](const NameChange& change) {
      return FolderOf(change.name) == folder;
    });
    if (here) Apply(*it, durable_names_);
    it = here ? unsynced_.erase(it) : std::next(it);
  }
  if (Fires(DiskFault::kCrashAfterSync)) {
    dead_ = true;
    return Dead();
  }
  return IOStatus::OK();
}

void SimulatedDisk::Apply(const std::vector<NameChange>& changes, Names& names) {
  for (const NameChange& change : changes) {
    if (change.file == nullptr) {
      names.erase(change.name);
    } else {
      names[change.name] = change.file;
    }
  }
}

IOStatus SimulatedDisk::ChangeNames(std::vector<NameChange> changes) {
  if (Fires(DiskFault::kCrashAtName)) dead_ = true;
  if (dead_) return Dead();
  Apply(changes, names_);
  unsynced_.push_back(std::move(changes));
  return IOStatus::OK();
}

// --- reading ---

std::shared_ptr<SimulatedDisk::File> SimulatedDisk::Find(const std::string& name) const {
  const auto found = names_.find(name);
  if (found == names_.end() || lost_.contains(name)) return nullptr;
  return found->second;
}

IOStatus SimulatedDisk::Read(const File& file, uint64_t offset, size_t size, rocksdb::Slice* result,
                             char* scratch) {
  *result = rocksdb::Slice(scratch, 0);
  if (Fires(DiskFault::kReadError)) return IOStatus::IOError("reading failed");
  const size_t end = file.end();
  if (offset >= end) return IOStatus::OK();
  size = std::min<uint64_t>(size, end - offset);
  std::memset(scratch, 0, size);
  if (offset < file.bytes.size()) {
    std::memcpy(scratch, file.bytes.data() + offset,
                std::min<uint64_t>(size, file.bytes.size() - offset));
  }
  for (auto it = file.flipped.lower_bound(offset);
       it != file.flipped.end() && it->first < offset + size; ++it) {
    scratch[it->first - offset] = static_cast<char>(scratch[it->first - offset] ^ it->second);
  }
  if (size > 0 && Fires(DiskFault::kReadFlip)) {
    char& byte = scratch[random_() % size];
    byte = static_cast<char>(byte ^ (1 << random_() % 8));
  }
  *result = rocksdb::Slice(scratch, size);
  return IOStatus::OK();
}

// --- rocksdb::FileSystem ---

IOStatus SimulatedDisk::NewSequentialFile(const std::string& name, const rocksdb::FileOptions&,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                          Debug*) {
  const std::lock_guard lock(mutex_);
  auto file = Find(Plain(name));
  if (file == nullptr) return IOStatus::PathNotFound(name);
  *result = std::make_unique<Reader>(*this, std::move(file));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions&,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                            Debug*) {
  const std::lock_guard lock(mutex_);
  auto file = Find(Plain(name));
  if (file == nullptr) return IOStatus::PathNotFound(name);
  *result = std::make_unique<PositionedReader>(*this, std::move(file));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewWritableFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result, Debug*) {
  const std::lock_guard lock(mutex_);
  auto file = std::make_shared<File>();
  file->name = Plain(name);
  const IOStatus status = ChangeNames({{Plain(name), file}});
  if (status.ok()) *result = std::make_unique<Writer>(*this, Plain(name), options, std::move(file));
  return status;
}

IOStatus SimulatedDisk::ReopenWritableFile(const std::string& name,
                                           const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                                           Debug* debug) {
  {
    const std::lock_guard lock(mutex_);
    if (auto file = Find(Plain(name))) {
      *result = std::make_unique<Writer>(*this, Plain(name), options, std::move(file));
      return IOStatus::OK();
    }
  }
  return NewWritableFile(name, options, result, debug);
}

IOStatus SimulatedDisk::NewDirectory(const std::string& name, const Options&,
                                     std::unique_ptr<rocksdb::FSDirectory>* result, Debug*) {
  const std::lock_guard lock(mutex_);
  if (Plain(name) != "/" && Find(Plain(name)) == nullptr) return IOStatus::PathNotFound(name);
  *result = std::make_unique<Folder>(*this, Plain(name));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::FileExists(const std::string& name, const Options&, Debug*) {
  const std::lock_guard lock(mutex_);
  return Plain(name) == "/" || Find(Plain(name)) ? IOStatus::OK() : IOStatus::NotFound(name);
}

IOStatus SimulatedDisk::GetChildren(const std::string& folder, const Options&,
                                    std::vector<std::string>* result, Debug*) {
  const std::lock_guard lock(mutex_);
  result->clear();
  if (Find(Plain(folder)) == nullptr) return IOStatus::NotFound(folder);
  for (const auto& [name, file] : names_) {
    if (FolderOf(name) == Plain(folder) && !lost_.contains(name)) {
      result->push_back(name.substr(name.rfind('/') + 1));
    }
  }
  return IOStatus::OK();
}

IOStatus SimulatedDisk::DeleteFile(const std::string& name, const Options&, Debug*) {
  const std::lock_guard lock(mutex_);
  if (Find(Plain(name)) == nullptr) return IOStatus::PathNotFound(name);
  return ChangeNames({{Plain(name), nullptr}});
}

IOStatus SimulatedDisk::CreateDir(const std::string& name, const Options&, Debug*) {
  const std::lock_guard lock(mutex_);
  if (Find(Plain(name)) != nullptr) return IOStatus::IOError("the folder is there already");
  auto folder = std::make_shared<File>();
  folder->folder = true;
  return ChangeNames({{Plain(name), std::move(folder)}});
}

IOStatus SimulatedDisk::CreateDirIfMissing(const std::string& name, const Options& options,
                                           Debug* debug) {
  if (FileExists(name, options, debug).ok()) return IOStatus::OK();
  return CreateDir(name, options, debug);
}

IOStatus SimulatedDisk::DeleteDir(const std::string& name, const Options& options, Debug* debug) {
  return DeleteFile(name, options, debug);
}

IOStatus SimulatedDisk::GetFileSize(const std::string& name, const Options&, uint64_t* size,
                                    Debug*) {
  const std::lock_guard lock(mutex_);
  const auto file = Find(Plain(name));
  if (file == nullptr) return IOStatus::PathNotFound(name);
  *size = file->end();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFileModificationTime(const std::string&, const Options&, uint64_t* time,
                                                Debug*) {
  *time = 0;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::RenameFile(const std::string& source, const std::string& target,
                                   const Options&, Debug*) {
  const std::lock_guard lock(mutex_);
  auto file = Find(Plain(source));
  if (file == nullptr) return IOStatus::PathNotFound(source);
  return ChangeNames({{Plain(source), nullptr}, {Plain(target), std::move(file)}});
}

IOStatus SimulatedDisk::LinkFile(const std::string& source, const std::string& target,
                                 const Options&, Debug*) {
  const std::lock_guard lock(mutex_);
  auto file = Find(Plain(source));
  if (file == nullptr) return IOStatus::PathNotFound(source);
  if (Find(Plain(target)) != nullptr) return IOStatus::IOError("the name is taken: " + target);
  return ChangeNames({{Plain(target), std::move(file)}});
}

IOStatus SimulatedDisk::LockFile(const std::string&, const Options&, rocksdb::FileLock** lock,
                                 Debug*) {
  *lock = new Lock;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::UnlockFile(rocksdb::FileLock* lock, const Options&, Debug*) {
  delete lock;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetTestDirectory(const Options&, std::string* path, Debug*) {
  *path = "/test";
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetAbsolutePath(const std::string& path, const Options&,
                                        std::string* result, Debug*) {
  *result = path;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewLogger(const std::string&, const Options&,
                                  std::shared_ptr<rocksdb::Logger>* result, Debug*) {
  *result = std::make_shared<Silence>();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::IsDirectory(const std::string& name, const Options&, bool* is, Debug*) {
  const std::lock_guard lock(mutex_);
  const auto file = Find(Plain(name));
  if (file == nullptr) return IOStatus::PathNotFound(name);
  *is = file->folder;
  return IOStatus::OK();
}

}  // namespace lumbung
