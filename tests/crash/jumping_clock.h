// The server's clock, seen through libfaketime, which can be set while the server runs. It is
// looked at again after a second at the latest. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lumbung {

class JumpingClock {
 public:
  // Writes a file into the folder.
  explicit JumpingClock(const std::string& folder) : path_(folder + "/clock") { Set(0); }

  // Whether libfaketime is installed.
  static bool IsInstalled();

  // Seconds ahead of the true time, or behind it if negative.
  void Set(int64_t seconds);
  // Of the server's process.
  std::vector<std::string> Environment() const;

 private:
  const std::string path_;
};

}  // namespace lumbung
