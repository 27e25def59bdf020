#include "tests/simulation/simulated_disk.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/check.h"
#include "rocksdb/env.h"

namespace lumbung {

using rocksdb::IOStatus;

namespace {

thread_local bool background_thread = false;

std::string FolderOf(const std::string& name) {
  const size_t slash = name.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : name.substr(0, slash);
}

std::string Plain(std::string name) {
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  size_t at = 0;
  while ((at = name.find("//")) != std::string::npos) name.erase(at, 1);
  return name;
}

bool IsLog(const std::string& name) { return name.ends_with(".log"); }

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

void MarkAsBackgroundThread() { background_thread = true; }

struct SimulatedDisk::File {
  std::string name;  // for messages: the first
  std::string bytes;
  size_t synced = 0;
  size_t zeros_from = 0;  // what a crash left of a torn write
  size_t zeros_to = 0;
  size_t bound = std::string::npos;  // a failed sync: what lies behind is never synced
  bool folder = false;
  std::map<size_t, uint8_t> flipped;  // wrong on the disk, until Mend
};

struct SimulatedDisk::NameChange {
  std::string name;
  std::shared_ptr<File> file;  // null: removed
};

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
  Writer(SimulatedDisk& disk, std::string name, std::shared_ptr<File> file)
      : disk_(disk), name_(std::move(name)), file_(std::move(file)), life_(disk.life_) {}
  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const rocksdb::Slice& data, const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    return life_ == disk_.life_ ? disk_.Append(*file_, data) : Dead();
  }
  IOStatus Truncate(uint64_t size, const Options&, Debug*) override {
    const std::lock_guard lock(disk_.mutex_);
    if (disk_.dead_ || life_ != disk_.life_) return Dead();
    LUMBUNG_CHECK(size >= file_->synced && size <= file_->bytes.size());
    file_->bytes.resize(size);
    return IOStatus::OK();
  }
  IOStatus Close(const Options&, Debug*) override { return IOStatus::OK(); }
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
    file.bytes.append(data.data(), random_() % (data.size() + 1));
    dead_ = true;
  }
  if (dead_) return Dead();
  const bool no_space = Fires(DiskFault::kNoSpace);
  if (no_space || Fires(DiskFault::kWriteError)) {
    file.bytes.append(data.data(), random_() % (data.size() + 1));
    return no_space ? IOStatus::NoSpace("no space") : IOStatus::IOError("writing failed");
  }
  if (!data.empty() && Fires(DiskFault::kWriteFlip)) {
    file.flipped[file.bytes.size() + random_() % data.size()] ^=
        static_cast<uint8_t>(1 << random_() % 8);
  }
  file.bytes.append(data.data(), data.size());
  return IOStatus::OK();
}

IOStatus SimulatedDisk::Sync(const std::string& name, File& file) {
  if (Fires(DiskFault::kCrashBeforeSync)) dead_ = true;
  if (dead_) return Dead();
  if (Fires(DiskFault::kSyncError)) {
    file.bound = std::min(file.bound, file.synced);
    return IOStatus::IOError("syncing failed");
  }
  file.synced = std::min(file.bytes.size(), file.bound);
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
  if (offset >= file.bytes.size()) return IOStatus::OK();
  size = std::min<uint64_t>(size, file.bytes.size() - offset);
  std::memcpy(scratch, file.bytes.data() + offset, size);
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

// --- crash ---

bool SimulatedDisk::Restart(Survival survival, std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  size_t survivors = survival == Survival::kEverything ? unsynced_.size() : 0;
  if (survival == Survival::kSomeFirstPart || survival == Survival::kTornWithZeros) {
    survivors = random() % (unsynced_.size() + 1);
  }
  for (size_t i = 0; i < survivors; ++i) Apply(unsynced_[i], durable_names_);
  unsynced_.clear();
  names_ = durable_names_;
  ForgetOrphans();
  bool zeros = false;
  for (auto& [name, file] : names_) {
    const size_t unsynced = file->bytes.size() - file->synced;
    size_t kept = survival == Survival::kNothing ? 0 : unsynced;
    const bool some = survival == Survival::kSomeFirstPart || survival == Survival::kTornWithZeros;
    if (some && unsynced > 0) kept = random() % (unsynced + 1);
    if (file->bound != std::string::npos) kept = 0;
    file->bytes.resize(file->synced + kept);
    if (survival == Survival::kTornWithZeros && kept < unsynced) {
      file->zeros_from = file->bytes.size();
      file->bytes.append(random() % (unsynced - kept), '\0');
      file->zeros_to = file->bytes.size();
      zeros |= file->zeros_to > file->zeros_from;
    }
    file->synced = file->bytes.size();
    file->bound = std::string::npos;
  }
  durable_names_ = names_;
  ++life_;
  dead_ = false;
  armed_ = {};
  has_fired_ = false;
  random_.seed(random());
  return zeros;
}

// What stands in a folder that is not there is not there either.
void SimulatedDisk::ForgetOrphans() {
  for (bool again = true; std::exchange(again, false);) {
    for (auto it = names_.begin(); it != names_.end();) {
      const std::string folder = FolderOf(it->first);
      const bool orphan = folder != "/" && !names_.contains(folder);
      again |= orphan;
      it = orphan ? names_.erase(it) : std::next(it);
    }
  }
}

bool SimulatedDisk::LogsAreSynced(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, file] : names_) {
    if (!name.starts_with(folder + "/") || !IsLog(name)) continue;
    if (file->synced == file->bytes.size() && durable_names_.contains(name)) continue;
    if (!file->bytes.empty()) return false;
  }
  return true;
}

uint64_t SimulatedDisk::log_syncs() const {
  const std::lock_guard lock(mutex_);
  return log_syncs_;
}

// --- damage ---

std::vector<std::string> SimulatedDisk::Files(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> files;
  for (const auto& [name, file] : names_) {
    if (!file->folder && name.starts_with(folder + "/")) files.push_back(name);
  }
  return files;
}

bool SimulatedDisk::FlipBit(const std::string& name, std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  File& file = *names_.at(name);
  if (file.bytes.empty()) return false;
  // The last bytes more often: there a log's damage is most like a torn end.
  const size_t reach =
      random() % 2 == 0 ? std::min<size_t>(file.bytes.size(), 4096) : file.bytes.size();
  file.flipped[file.bytes.size() - 1 - random() % reach] ^= static_cast<uint8_t>(1 << random() % 8);
  return true;
}

void SimulatedDisk::Lose(const std::string& name) {
  const std::lock_guard lock(mutex_);
  lost_.insert(name);
}

void SimulatedDisk::Mend() {
  const std::lock_guard lock(mutex_);
  lost_.clear();
  for (auto& [name, file] : names_) {
    file->flipped.clear();
    if (file->zeros_to != 0 && file->bytes.size() == file->zeros_to)
      file->bytes.resize(file->zeros_from);
    file->synced = std::min(file->synced, file->bytes.size());
    file->zeros_from = file->zeros_to = 0;
  }
  // A crash may bring these back.
  for (auto& [name, file] : durable_names_) file->flipped.clear();
  for (const auto& changes : unsynced_) {
    for (const NameChange& change : changes) {
      if (change.file != nullptr) change.file->flipped.clear();
    }
  }
}

void SimulatedDisk::RemoveFolder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  std::erase_if(names_, [&](const auto& name) {
    return name.first == folder || name.first.starts_with(folder + "/");
  });
  durable_names_ = names_;
  unsynced_.clear();
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

IOStatus SimulatedDisk::NewWritableFile(const std::string& name, const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result, Debug*) {
  const std::lock_guard lock(mutex_);
  auto file = std::make_shared<File>();
  file->name = Plain(name);
  const IOStatus status = ChangeNames({{Plain(name), file}});
  if (status.ok()) *result = std::make_unique<Writer>(*this, Plain(name), std::move(file));
  return status;
}

IOStatus SimulatedDisk::ReopenWritableFile(const std::string& name,
                                           const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                                           Debug* debug) {
  {
    const std::lock_guard lock(mutex_);
    if (auto file = Find(Plain(name))) {
      *result = std::make_unique<Writer>(*this, Plain(name), std::move(file));
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
  *size = file->bytes.size();
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
