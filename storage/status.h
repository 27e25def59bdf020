// The one place where RocksDB's status becomes ours.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "rocksdb/status.h"

namespace lumbung {

// OK, or what went wrong with `doing` in front: "opening the ledger in /data: IO error: …".
//   NOT_FOUND            the key is not there
//   DATA_LOSS            RocksDB calls it corruption
//   FAILED_PRECONDITION  another process holds the lock
//   RESOURCE_EXHAUSTED   no space
//   UNAVAILABLE          any other error of the file system
//   INTERNAL             anything else
absl::Status ToStatus(const rocksdb::Status& status, std::string_view doing);

}  // namespace lumbung
