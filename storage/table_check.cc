#include "storage/table_check.h"

#include <algorithm>

#include "rocksdb/perf_context.h"
#include "rocksdb/perf_level.h"
#include "rocksdb/table_properties.h"

namespace lumbung {

namespace {

bool SameTables(const rocksdb::TablePropertiesCollection& a,
                const rocksdb::TablePropertiesCollection& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& table) {
           return b.find(table.first) != b.end();
         });
}

}  // namespace

rocksdb::Status FamilyScan::Begin(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::TablePropertiesCollection tables;
  // Compactions go on meanwhile: the iterator sees the tables that are there before and after.
  for (bool same = false; !same;) {
    tables.clear();
    rocksdb::Status status = db.GetPropertiesOfAllTables(family, &tables);
    if (!status.ok()) return status;
    it_.reset(db.NewIterator({}, family));
    rocksdb::TablePropertiesCollection after;
    status = db.GetPropertiesOfAllTables(family, &after);
    if (!status.ok()) return status;
    same = SameTables(tables, after);
  }
  entries_ = 0;
  for (const auto& [file, properties] : tables) {
    if (properties == nullptr) return rocksdb::Status::Corruption("the properties of " + file);
    entries_ += properties->num_entries;
  }
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  rocksdb::get_perf_context()->Reset();
  it_->SeekToFirst();
  return it_->status();
}

rocksdb::Status FamilyScan::Finish() {
  // Counts each entry that Next leaves, and each older one of the same key.
  const uint64_t met = rocksdb::get_perf_context()->internal_key_skipped_count;
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  if (!it_->status().ok() || met >= entries_) return it_->status();
  return rocksdb::Status::Corruption("met only " + std::to_string(met) + " of " +
                                     std::to_string(entries_) + " entries");
}

}  // namespace lumbung
