// How the images of holds get from a checkpoint's round into the family `holds`. Nearly all of them
// are of holds that were placed since the last round, so their keys come after all that are stored,
// and there may be a million: put through the memtable, and from there to level 0 and through its
// compactions, they cost more than all else that is done to a hold. So, if a round has many of
// them, they are written to a table of their own, in order as they come, which goes to the last
// level at once. What is older, or only a few, is left to the caller's WriteBatch.
//
// The table is on the disk before the round's watermark, and also if the round is never completed.
// That does no harm, since a hold's image may be newer than the watermark (state.h), and nothing
// but the hold follows from it.
//
// Threads: the one that stores checkpoints.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/hold_record.h"
#include "engine/types.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/write_batch.h"

namespace lumbung {

class HoldImages {
 public:
  // Of the table while it is written, in the database's folder. One that is left behind is removed
  // by whoever opens the database next.
  static constexpr char kSuffix[] = ".holds-being-written";

  struct Options {
    std::string folder;          // of the database
    rocksdb::Options of_family;  // of the database and the family
    size_t many = 0;             // new holds in a round, from which on they get a table; 0: 65,536
  };

  // `db` and `family` must outlive it.
  HoldImages(Options options, rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family);

  // Finds out what is stored. REQUIRES: nothing was stored by it yet.
  rocksdb::Status Open();
  // Takes in images of the round. Those that need no table are put into `batch`, which the caller
  // writes. REQUIRES: a hold is in a round once.
  rocksdb::Status Add(std::span<const HoldRecord> holds, rocksdb::WriteBatch& batch);
  // The round is complete: what was kept back is in the database now, or in `batch`.
  rocksdb::Status Complete(rocksdb::WriteBatch& batch);

 private:
  // Writes what is kept back to the table, which is begun if there is none.
  rocksdb::Status WriteToTable();
  rocksdb::Status WriteToTable(const HoldRecord& hold);
  rocksdb::Status IngestTable();
  rocksdb::Status Put(const HoldRecord& hold, rocksdb::WriteBatch& batch) const;

  // Set at construction.
  const size_t many_;
  const Options options_;
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* const family_;

  Sequence stored_;                // no key that is stored, or in the batches so far, is greater
  Sequence in_table_;              // the greatest key of the table that is being written
  std::vector<HoldRecord> fresh_;  // with keys greater than both
  std::vector<HoldRecord> late_;   // with keys between the two: they came too late for the table
  std::unique_ptr<rocksdb::SstFileWriter> table_;  // null: none was begun in this round
  std::string table_path_;
  uint64_t next_table_ = 0;
};

}  // namespace lumbung
