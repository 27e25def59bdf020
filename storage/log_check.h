// Finds damage in RocksDB's logs that RocksDB itself takes for their end.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/env.h"

namespace lumbung {

// DATA_LOSS, with the file and the byte, if a record of a write-ahead log or of the manifest in
// `folder` is damaged. To be called before the database is opened: the reader of RocksDB 7.8
// believes a record's header before it has compared its checksum. One wrong bit in it can make of
// the record one of an earlier use of the file, or one that the crash cut off, and what follows is
// dropped without a word; with the manifest's end RocksDB also deletes the files named there.
//
// What a crash leaves is no damage: a record that the file's end cuts off, and zeros up to the end
// of the file. A cut-off record is told from one with a damaged length by its checksum, which would
// fit the bytes that are there. Files that go away meanwhile are not missed. Any thread.
absl::Status CheckLogs(const std::string& folder, rocksdb::Env& env);

// Where the whole records of write-ahead logs end, by path.
using LogEnds = std::map<std::string, uint64_t>;

// The same where the space of write-ahead logs was reserved beforehand (sized_logs.h): a torn write
// (torn_write.h) at the end of the newest one with records is no damage either. But RocksDB takes
// it for that, so it must not read beyond these ends. Another process may be writing to the newest;
// then they are good no longer than that.
absl::StatusOr<LogEnds> CheckSizedLogs(const std::string& folder, rocksdb::Env& env);
// Where the whole records of one such log end.
absl::StatusOr<uint64_t> EndOfSizedLog(const std::string& path, rocksdb::Env& env);

}  // namespace lumbung
