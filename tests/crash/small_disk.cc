#include "tests/crash/small_disk.h"

#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>

namespace lumbung {

namespace {

// Memory is taken for what is written only.
constexpr uint64_t kWideBytes = uint64_t{4} << 30;

absl::Status MountOn(const std::string& folder, unsigned long flags, uint64_t bytes) {
  const std::string size = "size=" + std::to_string(bytes);
  if (mount("lumbung-crash", folder.c_str(), "tmpfs", flags, size.c_str()) == 0) {
    return absl::OkStatus();
  }
  const std::string what =
      "mounting a file system of " + size + " on " + folder + ": " + std::strerror(errno);
  return errno == EPERM || errno == EACCES ? absl::PermissionDeniedError(what)
                                           : absl::UnavailableError(what);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SmallDisk>> SmallDisk::Mount(const std::string& folder) {
  const absl::Status mounted = MountOn(folder, 0, kWideBytes);
  if (!mounted.ok()) return mounted;
  return std::unique_ptr<SmallDisk>(new SmallDisk(folder));
}

SmallDisk::~SmallDisk() {
  if (!keep_) umount2(folder_.c_str(), MNT_DETACH);
}

absl::Status SmallDisk::LeaveRoomFor(uint64_t bytes) {
  absl::Status status;
  // Again where more was written between the two calls than is to be left.
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    struct statvfs state {};
    if (statvfs(folder_.c_str(), &state) != 0) {
      return absl::UnavailableError("asking how full " + folder_ + " is: " + std::strerror(errno));
    }
    const uint64_t used = (state.f_blocks - state.f_bfree) * state.f_frsize;
    status = MountOn(folder_, MS_REMOUNT, used + bytes);
    if (status.ok()) break;
  }
  return status;
}

absl::Status SmallDisk::Widen() { return MountOn(folder_, MS_REMOUNT, kWideBytes); }

}  // namespace lumbung
