// Finds tables that RocksDB would misread without a word.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "rocksdb/db.h"

namespace lumbung {

// DATA_LOSS, with the file, if a block of a table of these families has a wrong checksum. Reads all
// of them. Needed before an iterator goes over a whole family: that of RocksDB 7.8 skips a damaged
// block below level 0, and says that all is well. Any thread.
absl::Status CheckBlocks(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& families,
                         const std::string& doing);

}  // namespace lumbung
