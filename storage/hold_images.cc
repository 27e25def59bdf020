#include "storage/hold_images.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/check.h"
#include "storage/image_codec.h"
#include "storage/key.h"

namespace lumbung {

namespace {

// 4.7 MB of images: the table is then worth a file that is never merged with others.
constexpr size_t kMany = 65'536;

// As EncodeImage, without an allocation each.
using HoldValue = std::array<char, 1 + sizeof(HoldRecord)>;

HoldValue ValueOf(const HoldRecord& hold) {
  HoldValue value;
  value[0] = kImageVersion;
  std::memcpy(value.data() + 1, &hold, sizeof hold);
  return value;
}

bool WasPlacedBefore(const HoldRecord& a, const HoldRecord& b) { return a.sequence < b.sequence; }

}  // namespace

HoldImages::HoldImages(Options options, rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family)
    : many_(options.many != 0 ? options.many : kMany),
      options_(std::move(options)),
      db_(db),
      family_(family) {}

rocksdb::Status HoldImages::Open() {
  const std::unique_ptr<rocksdb::Iterator> it(db_.NewIterator({}, family_));
  it->SeekToLast();
  if (!it->Valid()) return it->status();
  if (it->key().size() != kSequenceKeyBytes) return rocksdb::Status::Corruption("a hold's key");
  stored_ = SequenceOfKey(it->key());
  return rocksdb::Status::OK();
}

rocksdb::Status HoldImages::Add(std::span<const HoldRecord> holds, rocksdb::WriteBatch& batch) {
  rocksdb::Status status;
  for (const HoldRecord& hold : holds) {
    if (hold.sequence <= stored_) {
      status = Put(hold, batch);
    } else if (table_ != nullptr && hold.sequence <= in_table_) {
      late_.push_back(hold);
    } else {
      fresh_.push_back(hold);
      if (fresh_.size() >= many_) status = WriteToTable();
    }
    if (!status.ok()) return status;
  }
  return status;
}

rocksdb::Status HoldImages::Complete(rocksdb::WriteBatch& batch) {
  rocksdb::Status status;
  if (table_ != nullptr) {
    status = WriteToTable();
    if (status.ok()) status = IngestTable();
    if (!status.ok()) return status;
  }
  for (std::vector<HoldRecord>* const holds : {&fresh_, &late_}) {
    for (const HoldRecord& hold : *holds) {
      status = Put(hold, batch);
      if (!status.ok()) return status;
      stored_ = std::max(stored_, hold.sequence);
    }
    holds->clear();
  }
  return status;
}

rocksdb::Status HoldImages::WriteToTable() {
  if (table_ == nullptr) {
    table_path_ = options_.folder + "/" + std::to_string(next_table_++) + kSuffix;
    constexpr bool kDropPages = false;  // its checksums are read before it is ingested
    table_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options_.of_family),
                                                      options_.of_family, family_, kDropPages);
    if (const rocksdb::Status opened = table_->Open(table_path_); !opened.ok()) return opened;
  }
  // They nearly always are, since a table of records gives them in the order of their placing.
  if (!std::ranges::is_sorted(fresh_, WasPlacedBefore)) std::ranges::sort(fresh_, WasPlacedBefore);
  for (const HoldRecord& hold : fresh_) {
    if (rocksdb::Status status = WriteToTable(hold); !status.ok()) return status;
  }
  fresh_.clear();
  return rocksdb::Status::OK();
}

rocksdb::Status HoldImages::WriteToTable(const HoldRecord& hold) {
  LUMBUNG_CHECK(hold.sequence > stored_ && hold.sequence > in_table_);
  in_table_ = hold.sequence;
  const SequenceKey key(hold.sequence);
  const HoldValue value = ValueOf(hold);
  return table_->Put(key.slice(), {value.data(), value.size()});
}

rocksdb::Status HoldImages::IngestTable() {
  rocksdb::Status status = table_->Finish();
  table_.reset();
  if (!status.ok()) return status;
  rocksdb::IngestExternalFileOptions options;
  // As with the ids (derived_store.cc): RocksDB 7.8 takes a file whose first key it can't read for
  // an empty one.
  options.verify_checksums_before_ingest = true;
  options.move_files = true;
  options.write_global_seqno = false;
  status = db_.IngestExternalFile(family_, {table_path_}, options);
  if (status.ok()) stored_ = in_table_;
  return status;
}

rocksdb::Status HoldImages::Put(const HoldRecord& hold, rocksdb::WriteBatch& batch) const {
  const SequenceKey key(hold.sequence);
  const HoldValue value = ValueOf(hold);
  return batch.Put(family_, key.slice(), {value.data(), value.size()});
}

}  // namespace lumbung
