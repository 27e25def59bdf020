#include "tests/storage/power_cut.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "engine/check.h"

namespace lumbung {

namespace {

namespace fs = std::filesystem;

std::atomic<WatchedFolder*> watched{nullptr};

std::string LinkOf(int file) { return "/proc/self/fd/" + std::to_string(file); }

// Where the file is; empty if it is none that has a path.
std::string PathOf(int file) {
  std::error_code error;
  return fs::read_symlink(LinkOf(file), error).string();
}

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct stat Look(const std::string& path) {
  struct stat found {};
  LUMBUNG_CHECK(stat(path.c_str(), &found) == 0);
  return found;
}

}  // namespace

WatchedFolder::WatchedFolder(std::string path) : path_(std::move(path)) {
  Disk& disk = after_.emplace_back();
  NoteFolder(disk, path_);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path_)) {
    if (entry.is_symlink()) continue;
    if (entry.is_directory()) NoteFolder(disk, entry.path().string());
    if (!entry.is_regular_file()) continue;
    disk.files[Look(entry.path()).st_ino] =
        std::make_shared<const std::string>(BytesOf(entry.path()));
  }
  LUMBUNG_CHECK(watched.exchange(this) == nullptr);
}

WatchedFolder::~WatchedFolder() {
  watched.store(nullptr);
  for (const int file : held_) close(file);
}

size_t WatchedFolder::syncs() const {
  const std::lock_guard lock(mutex_);
  return after_.size() - 1;
}

void WatchedFolder::CutAfter(size_t syncs, const std::string& to) const {
  const std::lock_guard lock(mutex_);
  LUMBUNG_CHECK(syncs < after_.size() && !fs::exists(to));
  Copy(after_[syncs], path_, to);
}

std::string WatchedFolder::named_too_early() const {
  const std::lock_guard lock(mutex_);
  return named_too_early_;
}

bool WatchedFolder::Has(const std::string& path) const {
  return path == path_ || path.starts_with(path_ + "/");
}

void WatchedFolder::Hold(const std::string& path) {
  const int file = open(path.c_str(), O_PATH | O_CLOEXEC);
  if (file >= 0) held_.push_back(file);
}

void WatchedFolder::NoteFolder(Disk& disk, const std::string& path) {
  std::map<std::string, ino_t> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    struct stat found {};
    // Another thread may have removed it meanwhile.
    if (lstat(entry.path().c_str(), &found) != 0 || S_ISLNK(found.st_mode)) continue;
    Hold(entry.path());
    names[entry.path().filename().string()] = found.st_ino;
    if (S_ISDIR(found.st_mode)) disk.folders.try_emplace(entry.path().string());
  }
  disk.folders[path] = std::move(names);
}

void WatchedFolder::Copy(const Disk& disk, const std::string& folder, const std::string& to) const {
  fs::create_directory(to);
  const auto known = disk.folders.find(folder);
  if (known == disk.folders.end()) return;
  for (const auto& [name, number] : known->second) {
    const std::string copy = to + "/" + name;
    const std::string path = folder + "/" + name;
    if (disk.folders.contains(path)) {
      Copy(disk, path, copy);
      continue;
    }
    const auto bytes = disk.files.find(number);
    std::ofstream(copy, std::ios::binary) << (bytes == disk.files.end() ? "" : *bytes->second);
    fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write);
  }
}

void WatchedFolder::AboutToSync(int file) {
  WatchedFolder* const self = watched.load();
  if (self != nullptr && self->before_sync_ && self->Has(PathOf(file))) self->before_sync_();
}

void WatchedFolder::Synced(int file) {
  WatchedFolder* const self = watched.load();
  if (self == nullptr || !self->Has(PathOf(file))) return;
  const std::lock_guard lock(self->mutex_);
  Disk disk = self->after_.back();
  const struct stat found = Look(LinkOf(file));
  if (S_ISDIR(found.st_mode)) {
    self->NoteFolder(disk, PathOf(file));
  } else {
    self->Hold(LinkOf(file));
    disk.files[found.st_ino] = std::make_shared<const std::string>(BytesOf(LinkOf(file)));
  }
  self->after_.push_back(std::move(disk));
}

void WatchedFolder::AboutToName(const char* from, const char* to) {
  WatchedFolder* const self = watched.load();
  if (self == nullptr || !self->Has(from) || !fs::is_regular_file(from)) return;
  const std::lock_guard lock(self->mutex_);
  const std::map<ino_t, Bytes>& files = self->after_.back().files;
  const auto bytes = files.find(Look(from).st_ino);
  if (bytes != files.end() && *bytes->second == BytesOf(from)) return;
  self->named_too_early_ += std::string(to) + "\n";
}

namespace {

// The library's own function.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int Sync(int file) {
  WatchedFolder::AboutToSync(file);
  if (fcntl(file, F_GETFD) < 0) return -1;
  WatchedFolder::Synced(file);
  return 0;
}

}  // namespace

}  // namespace lumbung

// NOLINTBEGIN: the names are the library's.

extern "C" int fsync(int file) { return lumbung::Sync(file); }
extern "C" int fdatasync(int file) { return lumbung::Sync(file); }

extern "C" int rename(const char* from, const char* to) noexcept {
  static auto* const real = lumbung::Next<int(const char*, const char*)>("rename");
  lumbung::WatchedFolder::AboutToName(from, to);
  return real(from, to);
}

extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                         unsigned flags) noexcept {
  static auto* const real =
      lumbung::Next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  lumbung::WatchedFolder::AboutToName(from, to);
  return real(from_folder, from, to_folder, to, flags);
}

extern "C" int link(const char* from, const char* to) noexcept {
  static auto* const real = lumbung::Next<int(const char*, const char*)>("link");
  lumbung::WatchedFolder::AboutToName(from, to);
  return real(from, to);
}

// NOLINTEND
