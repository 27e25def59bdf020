#include "bench/load/disk_loop.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include "bench/measure/clocks.h"
#include "bench/workload/random.h"

namespace lumbung {

namespace {

absl::Status Failed(const char* what, const std::string& path) {
  return absl::InternalError(std::string(what) + " " + path + ": " + std::strerror(errno));
}

absl::StatusOr<DiskResult> WriteAndSync(int descriptor, const std::string& path,
                                        const DiskOptions& options) {
  // Bytes that no file system can squeeze.
  Random random(1);
  std::vector<uint64_t> bytes(options.write_bytes / sizeof(uint64_t));
  for (uint64_t& word : bytes) word = random.Next();
  DiskResult result;
  const int64_t started_ns = SteadyNowNs();
  const int64_t end_ns = started_ns + static_cast<int64_t>(options.seconds * 1e9);
  int64_t now_ns = started_ns;
  while (now_ns < end_ns) {
    const int64_t before_ns = now_ns;
    const size_t size = bytes.size() * sizeof(uint64_t);
    if (write(descriptor, bytes.data(), size) != static_cast<ssize_t>(size)) {
      return Failed("writing", path);
    }
    if (fdatasync(descriptor) != 0) return Failed("syncing", path);
    now_ns = SteadyNowNs();
    result.latency.Add(now_ns - before_ns);
    ++result.writes;
  }
  result.duration_ns = now_ns - started_ns;
  return result;
}

}  // namespace

absl::StatusOr<DiskResult> RunDiskLoop(const DiskOptions& options) {
  const std::string path = options.folder + "/raw-writes";
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return Failed("opening", path);
  absl::StatusOr<DiskResult> result = WriteAndSync(descriptor, path, options);
  close(descriptor);
  unlink(path.c_str());
  return result;
}

}  // namespace lumbung
