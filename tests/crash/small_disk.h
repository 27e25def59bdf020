// A file system in memory whose size can be changed while it is in use, so that it is full at any
// moment. Mounting needs the right to (root, or CAP_SYS_ADMIN). One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lumbung {

class SmallDisk {
 public:
  // On a folder that exists. PERMISSION_DENIED where mounting is not permitted.
  static absl::StatusOr<std::unique_ptr<SmallDisk>> Mount(const std::string& folder);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  // Unmounts it, with all that is in it.
  ~SmallDisk();

  // Leaves room for so many bytes more than what is there.
  absl::Status LeaveRoomFor(uint64_t bytes);
  // Leaves room for all that a round writes.
  absl::Status Widen();
  // Leaves it mounted at the end.
  void Keep() { keep_ = true; }

 private:
  explicit SmallDisk(std::string folder) : folder_(std::move(folder)) {}

  const std::string folder_;
  bool keep_ = false;
};

}  // namespace lumbung
