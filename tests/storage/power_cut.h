// A folder whose files are synced by calls of the C library, watched: what a power cut would leave
// of it. That is the least that POSIX promises: of a file the bytes that it had at its last fsync
// or fdatasync, none if there was none; of a folder the names that it had at its last fsync. A
// rename may come to the disk sooner, so whoever gives a file its name before its bytes are synced
// is told of.
//
// Takes the place of fsync, fdatasync, rename, renameat2 and link in the program that it is linked
// into. Its syncs write nothing, anywhere: no power is cut, so the disk need not be waited for. One
// folder at a time; symbolic links in it are left out.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lumbung {

class WatchedFolder {
 public:
  // The folder must exist, with an absolute path without links. All that is in it is on the disk.
  explicit WatchedFolder(std::string path);
  ~WatchedFolder();
  WatchedFolder(const WatchedFolder&) = delete;
  WatchedFolder& operator=(const WatchedFolder&) = delete;

  // Called before each sync, on its thread.
  void BeforeEachSync(std::function<void()> callback) { before_sync_ = std::move(callback); }
  // How many there were.
  size_t syncs() const;
  // Makes the folder `to`, with what a power cut just after so many syncs would leave.
  void CutAfter(size_t syncs, const std::string& to) const;
  void CutNow(const std::string& to) const { CutAfter(syncs(), to); }
  // The files that got their name before their bytes were synced, a line each.
  std::string named_too_early() const;

  // --- by the functions that are watched ---
  static void AboutToSync(int file);
  static void Synced(int file);
  static void AboutToName(const char* from, const char* to);

 private:
  using Bytes = std::shared_ptr<const std::string>;
  struct Disk {
    std::map<std::string, std::map<std::string, ino_t>> folders;  // by path: names
    std::map<ino_t, Bytes> files;
  };

  bool Has(const std::string& path) const;
  void NoteFolder(Disk& disk, const std::string& path);
  void Copy(const Disk& disk, const std::string& folder, const std::string& to) const;
  void Hold(const std::string& path);

  const std::string path_;
  std::function<void()> before_sync_;

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::vector<Disk> after_;  // so many syncs
  std::string named_too_early_;
  std::vector<int> held_;  // so that no file's number is given to another
};

}  // namespace lumbung
