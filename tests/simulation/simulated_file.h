// What simulated_disk.cc and simulated_crash.cc know of a file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "tests/simulation/simulated_disk.h"

namespace lumbung {

// Written as a whole, or not, by a disk and by a system.
inline constexpr size_t kSector = 512;
inline constexpr size_t kPage = 4096;

struct SimulatedDisk::File {
  std::string name;  // for messages: the first
  std::string bytes;
  size_t synced = 0;      // after a crash: all that is there
  size_t promised = 0;    // by a sync
  size_t reserved = 0;    // the file is so long, with zeros behind its bytes
  size_t zeros_from = 0;  // what a crash left of a torn write
  size_t zeros_to = 0;
  size_t bound = std::string::npos;  // a failed sync: what lies behind is never synced
  bool folder = false;
  std::map<size_t, uint8_t> flipped;  // wrong on the disk, until Mend

  size_t end() const { return std::max(bytes.size(), reserved); }
};

struct SimulatedDisk::NameChange {
  std::string name;
  std::shared_ptr<File> file;  // null: removed
};

inline std::string FolderOf(const std::string& name) {
  const size_t slash = name.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : name.substr(0, slash);
}

inline bool IsLog(const std::string& name) { return name.ends_with(".log"); }

}  // namespace lumbung
