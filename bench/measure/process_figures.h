// What a process has used so far, as the kernel counts it. Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace lumbung {

struct ProcessFigures {
  int64_t cpu_us = 0;         // user and system, all threads
  int64_t rss_bytes = 0;      // resident now
  int64_t written_bytes = 0;  // handed to the disk, or soon
};

// Of a process of ours. Nothing if it can't be read, for example because it ended.
std::optional<ProcessFigures> ReadProcessFigures(pid_t pid);

}  // namespace lumbung
