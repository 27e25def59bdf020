// Reads a whole family of a database, and notices what RocksDB passes over without a word.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "rocksdb/db.h"

namespace lumbung {

// An iterator over all of a family that can tell whether it met every entry of every table. That of
// RocksDB 7.8 goes on with the next table if it can't read a table's first block (below level 0),
// and says that all is well; its own count of entries, compared with the tables' counts, does not.
//
//   FamilyScan scan;
//   status = scan.Begin(db, family);
//   for (; status.ok() && scan.it().Valid(); scan.it().Next()) …
//   if (status.ok()) status = scan.Finish();
//
// One thread, which must not read anything else by RocksDB meanwhile: the count is the thread's.
// REQUIRES: the family is not deleted from, all of it is in tables (entries in memory would be
// counted in the place of missing ones), and max_sequential_skip_in_iterations is never reached.
class FamilyScan {
 public:
  // At the first entry. DATA_LOSS if a table's properties can't be read.
  rocksdb::Status Begin(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family);
  rocksdb::Iterator& it() { return *it_; }
  // REQUIRES: it() was moved by Next until it was not valid. Corruption if anything was not met.
  rocksdb::Status Finish();

 private:
  std::unique_ptr<rocksdb::Iterator> it_;
  uint64_t entries_ = 0;  // of all tables
};

}  // namespace lumbung
