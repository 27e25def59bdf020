// Keeps RocksDB from writing a log of its own (LOG) into the data folder. Once a write to that
// file has failed on a full disk, the next one ends the process: RocksDB 7.8 asserts that no file
// is written to after an error, and Debian builds it with assertions. Nobody would be answered, and
// the server would not end in order. What fails comes back as a status anyway. Any thread.
#pragma once

#include <cstdarg>

#include "rocksdb/env.h"

namespace lumbung {

class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace lumbung
