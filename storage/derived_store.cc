#include "storage/derived_store.h"

#include <fcntl.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <utility>

#include "engine/check.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/options.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"
#include "storage/folder.h"
#include "storage/hold_images.h"
#include "storage/id_order.h"
#include "storage/image_codec.h"
#include "storage/image_loading.h"
#include "storage/log_check.h"
#include "storage/no_log.h"
#include "storage/rare_notice.h"
#include "storage/status.h"
#include "storage/transparency/synced_file.h"

namespace lumbung {

namespace {

constexpr char kIdsWatermarkKey[] = "ids_watermark";
constexpr char kSstSuffix[] = ".ids-being-written";
constexpr char kDroppedSuffix[] = ".dropped";
constexpr uint64_t kUnboundedSkips = std::numeric_limits<uint64_t>::max();
constexpr int kFilesWithoutWaiting = 1000;  // far beyond what one compaction leaves undone

// The column families in the order in which they are opened.
enum Family : size_t {
  kDefault,
  kAccounts,
  kHolds,
  kFollowUps,
  kOrganisation,
  kDailyBalances,
  kIds,
  kFamilyCount,
};
constexpr const char* kFamilyNames[kFamilyCount] = {
    "default", "accounts", "holds", "follow_ups", "organisation", "daily_balances", "ids"};

rocksdb::DBOptions DatabaseOptions(const StoreSettings& settings) {
  rocksdb::DBOptions options;
  if (settings.env != nullptr) options.env = settings.env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // One cut through all families at every flush. The memtable of `ids` is always empty, since it is
  // filled by ingestion alone, so it neither causes a flush nor takes part in one.
  options.atomic_flush = true;
  options.max_background_jobs = 2;
  options.bytes_per_sync = 1 << 20;
  options.info_log = std::make_shared<NoLog>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions ImageOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = size_t{32} << 20;
  options.compression = rocksdb::kNoCompression;
  options.max_sequential_skip_in_iterations = kUnboundedSkips;  // FamilyScan counts what is skipped
  // A flush never waits for a compaction: the thread may be at one of ids for seconds, and the next
  // ids, for which payments may be waiting, have to pass through a flush.
  options.level0_slowdown_writes_trigger = kFilesWithoutWaiting;
  options.level0_stop_writes_trigger = 2 * kFilesWithoutWaiting;
  return options;
}

rocksdb::ColumnFamilyOptions IdOptions() {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  // Most look-ups are for ids that are not there: the filter answers them without a read.
  // 14 bits an id: one in 600 passes although it is absent, and is searched for in vain.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(14));
  // Few and long blocks are cheaper to make, and a search in vain is rare.
  table.block_size = 16 << 10;
  table.whole_key_filtering = true;
  table.block_cache = rocksdb::NewLRUCache(size_t{64} << 20);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kNoCompression;
  // Time-ordered ids don't overlap and go straight to the last level; random ones are merged in few
  // and large steps.
  options.target_file_size_base = uint64_t{256} << 20;
  options.max_bytes_for_level_base = uint64_t{2} << 30;
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = kFilesWithoutWaiting;
  options.level0_stop_writes_trigger = 2 * kFilesWithoutWaiting;
  return options;
}

}  // namespace

struct DerivedStore::Parts {
  // Set at opening.
  std::string folder;
  StoreSettings settings;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;

  // Written by the one writing thread, read by any.
  std::atomic<uint64_t> state_watermark{0};
  std::atomic<int64_t> state_timestamp{0};
  std::atomic<uint64_t> ids_watermark{0};
  std::atomic<uint64_t> generations{0};
  RareNotice unreadable_ids;

  // Writing thread; while recovering the one that calls IndexIds.
  uint64_t next_sst = 0;
  IdOrder order_of_ids;

  // Writing thread; while recovering the one that stores checkpoints.
  std::unique_ptr<HoldImages> holds;

  ~Parts() {
    holds.reset();
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
    if (db != nullptr) db->Close();
  }

  absl::Status Open();
  absl::Status CheckFormat();
  absl::Status ReadWatermarks();
  absl::Status Write(rocksdb::WriteBatch& batch, std::string_view doing);
  absl::Status FlushAll();
  absl::Status WriteSst(const std::string& path, std::span<const SealedId> ids,
                        std::span<const uint32_t> order);
  size_t CountOfOldIds(std::span<const SealedId> ids, std::span<const uint32_t> order) const;
  absl::Status Ingest(std::span<const SealedId> ids);
  absl::Status CheckIsThere(std::span<const SealedId> ids, std::span<const uint32_t> order) const;
  void RemoveUnfinishedSsts() const;

  rocksdb::WriteOptions NoWal() const {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return options;
  }
};

absl::Status DerivedStore::Parts::Open() {
  if (absl::Status made = MakeFolder(folder, settings); !made.ok()) return made;
  const rocksdb::DBOptions options = DatabaseOptions(settings);
  absl::Status result = CheckLogs(folder, *options.env);
  if (absl::IsDataLoss(result)) return Unreadable(std::string(result.message()));
  if (!result.ok()) return result;
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (size_t family = 0; family < kFamilyCount; ++family) {
    descriptors.emplace_back(kFamilyNames[family], family == kIds ? IdOptions() : ImageOptions());
  }
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(options, folder, descriptors, &families, &opened);
  db.reset(opened);
  result = ToStatus(status, "opening the derived data in " + folder);
  if (absl::IsFailedPrecondition(result)) {
    return absl::FailedPreconditionError("the derived data in " + folder +
                                         " is in use by another lumbungd");
  }
  if (!result.ok() && !status.IsIOError()) return Unreadable(std::string(result.message()));
  if (!result.ok()) return result;
  // Not before the lock is held: until then they may be a running server's.
  RemoveUnfinishedSsts();
  if (absl::Status format = CheckFormat(); !format.ok()) return format;
  holds = std::make_unique<HoldImages>(
      HoldImages::Options{.folder = folder,
                          .of_family = rocksdb::Options(options, ImageOptions()),
                          .many = settings.holds_in_a_table},
      *db, families[kHolds]);
  result = ReadStatus(holds->Open(), "reading the last hold");
  return result.ok() ? ReadWatermarks() : result;
}

absl::Status DerivedStore::Parts::CheckFormat() {
  std::string found;
  const std::string expected(1, kImageVersion);
  const rocksdb::Status status = db->Get({}, kFormatKey, &found);
  if (status.IsNotFound()) {
    rocksdb::WriteBatch batch;
    batch.Put(kFormatKey, expected);
    if (absl::Status written = Write(batch, "writing the format"); !written.ok()) return written;
    return FlushAll();
  }
  if (!status.ok()) return ReadStatus(status, "reading the format");
  if (found != expected) return Unreadable("the derived data in " + folder + " has another format");
  return absl::OkStatus();
}

absl::Status DerivedStore::Parts::ReadWatermarks() {
  std::string value;
  rocksdb::Status status = db->Get({}, kStateWatermarkKey, &value);
  if (status.ok()) {
    StateWatermark watermark;
    if (!DecodeImage(value, watermark)) return Unreadable("the state's watermark is damaged");
    state_watermark = watermark.sequence.value();
    state_timestamp = watermark.timestamp.value();
  } else if (!status.IsNotFound()) {
    return ReadStatus(status, "reading the state's watermark");
  }
  status = db->Get({}, kIdsWatermarkKey, &value);
  if (status.ok()) {
    Sequence watermark;
    if (!DecodeImage(value, watermark)) return Unreadable("the ids' watermark is damaged");
    ids_watermark = watermark.value();
  } else if (!status.IsNotFound()) {
    return ReadStatus(status, "reading the ids' watermark");
  }
  return absl::OkStatus();
}

absl::Status DerivedStore::Parts::Write(rocksdb::WriteBatch& batch, std::string_view doing) {
  return ReadStatus(db->Write(NoWal(), &batch), doing);
}

absl::Status DerivedStore::Parts::FlushAll() {
  return ReadStatus(db->Flush({}, families), "flushing the derived data");
}

void DerivedStore::Parts::RemoveUnfinishedSsts() const {
  rocksdb::Env* const env = db->GetEnv();
  std::vector<std::string> files;
  env->GetChildren(folder, &files).PermitUncheckedError();
  for (const std::string& file : files) {
    if (!file.ends_with(kSstSuffix) && !file.ends_with(HoldImages::kSuffix)) continue;
    env->DeleteFile(folder + "/" + file).PermitUncheckedError();  // one that stays does no harm
  }
}

DerivedStore::DerivedStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DerivedStore::~DerivedStore() = default;

absl::StatusOr<std::unique_ptr<DerivedStore>> DerivedStore::Open(const std::string& folder,
                                                                 StoreSettings settings) {
  auto parts = std::make_unique<Parts>();
  parts->folder = folder;
  parts->settings = settings;
  if (absl::Status status = parts->Open(); !status.ok()) return status;
  return std::unique_ptr<DerivedStore>(new DerivedStore(std::move(parts)));
}

namespace {

// Gives `folder` the name `aside`. If a link leads to it, an empty one takes its place, so that the
// link goes on to lead to a folder.
void SetAside(const std::string& folder, const std::string& aside, bool is_linked,
              std::error_code& error) {
  std::filesystem::remove_all(aside, error);  // if the last Drop was killed
  if (error) return;
  if (!is_linked) return std::filesystem::rename(folder, aside, error);
  std::filesystem::create_directory(aside, error);
  if (error) return;
  if (renameat2(AT_FDCWD, folder.c_str(), AT_FDCWD, aside.c_str(), RENAME_EXCHANGE) != 0) {
    error.assign(errno, std::generic_category());
  }
}

}  // namespace

// Set aside while the lock is held, then deleted: what a server makes meanwhile under the old name
// is another folder.
absl::Status DerivedStore::Drop(const std::string& name) {
  const absl::StatusOr<std::string> target = WhereItLeads(name);
  if (!target.ok()) return target.status();
  const std::string& folder = *target;
  const bool is_linked = folder != name;
  const std::string aside = folder + kDroppedSuffix;
  std::error_code error;
  if (std::filesystem::exists(folder, error)) {
    rocksdb::Env* const env = rocksdb::Env::Default();
    rocksdb::FileLock* lock = nullptr;
    absl::Status status = ToStatus(env->LockFile(folder + "/LOCK", &lock), "locking " + folder);
    if (absl::IsFailedPrecondition(status)) {
      return absl::FailedPreconditionError("the derived data in " + folder +
                                           " is in use by a running lumbungd: stop it first");
    }
    if (!status.ok()) return status;
    SetAside(folder, aside, is_linked, error);
    env->UnlockFile(lock);
  }
  if (!error) std::filesystem::remove_all(aside, error);
  if (error) return absl::UnavailableError("removing " + folder + ": " + error.message());
  return absl::OkStatus();
}

Watermarks DerivedStore::watermarks() const {
  return {Sequence{parts_->state_watermark}, Timestamp{parts_->state_timestamp},
          Sequence{parts_->ids_watermark}};
}

namespace {

std::string StoredKey(const Account& account) { return KeyOf(account.id); }
std::string StoredKey(const DailyBalance& daily) { return KeyOf(daily.account, daily.date); }

bool Precedes(const Account& a, const Account& b) { return a.id < b.id; }
bool Precedes(const DailyBalance& a, const DailyBalance& b) {
  return a.account != b.account ? a.account < b.account : a.date < b.date;
}

// In the order of the keys: a memtable finds the place of a key at once if it follows the one
// before.
template <typename Image>
void PutInOrder(std::span<const Image> images, rocksdb::ColumnFamilyHandle* family,
                rocksdb::WriteBatch& batch) {
  std::vector<const Image*> order;
  order.reserve(images.size());
  for (const Image& image : images) order.push_back(&image);
  std::sort(order.begin(), order.end(),
            [](const Image* a, const Image* b) { return Precedes(*a, *b); });
  for (const Image* image : order) batch.Put(family, StoredKey(*image), EncodeImage(*image));
}

}  // namespace

absl::Status DerivedStore::StorePart(const CheckpointPart& part) {
  const auto& families = parts_->families;
  rocksdb::WriteBatch batch;
  PutInOrder<DailyBalance>(part.daily_balances, families[kDailyBalances], batch);
  PutInOrder<Account>(part.accounts, families[kAccounts], batch);
  if (absl::Status status = ToStatus(parts_->holds->Add(part.holds, batch), "storing holds");
      !status.ok()) {
    return status;
  }
  for (const FollowUp& follow_up : part.follow_ups) {
    batch.Put(families[kFollowUps], KeyOf(follow_up.original), EncodeImage(follow_up));
  }
  for (const Cooperative& cooperative : part.cooperatives) {
    batch.Put(families[kOrganisation], OrganisationKey(cooperative), EncodeImage(cooperative));
  }
  for (const Branch& branch : part.branches) {
    batch.Put(families[kOrganisation], OrganisationKey(branch), EncodeImage(branch));
  }
  for (const Terminal& terminal : part.terminals) {
    batch.Put(families[kOrganisation], OrganisationKey(terminal), EncodeImage(terminal));
  }
  return parts_->Write(batch, "storing a part of a checkpoint");
}

absl::Status DerivedStore::StoreDailyBalances(std::span<const DailyBalance> balances) {
  rocksdb::WriteBatch batch;
  PutInOrder<DailyBalance>(balances, parts_->families[kDailyBalances], batch);
  return parts_->Write(batch, "storing daily balances");
}

// The watermark goes through the same atomic flush as the parts before it: on disk it is never seen
// without them.
absl::Status DerivedStore::CompleteCheckpoint(Sequence watermark, Timestamp timestamp) {
  rocksdb::WriteBatch batch;
  if (absl::Status status = ToStatus(parts_->holds->Complete(batch), "storing holds");
      !status.ok()) {
    return status;
  }
  batch.Put(kStateWatermarkKey, EncodeImage(StateWatermark{watermark, timestamp}));
  if (absl::Status status = parts_->Write(batch, "writing the state's watermark"); !status.ok()) {
    return status;
  }
  if (absl::Status status = parts_->FlushAll(); !status.ok()) return status;
  parts_->state_watermark = watermark.value();
  parts_->state_timestamp = timestamp.value();
  return absl::OkStatus();
}

absl::Status DerivedStore::LoadState(State& state) const {
  Sequence newest;
  return LoadState(state, newest);
}

absl::Status DerivedStore::LoadState(State& state, Sequence& newest) const {
  newest = kNoSequence;
  // Without a completed checkpoint there may be images, but nothing says what they lack.
  if (parts_->state_watermark == 0) return absl::OkStatus();
  const auto& families = parts_->families;
  absl::Status status = LoadImages(*parts_->db,
                                   {.accounts = families[kAccounts],
                                    .holds = families[kHolds],
                                    .follow_ups = families[kFollowUps],
                                    .organisation = families[kOrganisation]},
                                   state, newest);
  if (!status.ok()) return status;
  state.FinishLoad(watermarks().state, watermarks().state_timestamp);
  return absl::OkStatus();
}

namespace {

absl::StatusOr<std::optional<DailyBalance>> DailyAt(const rocksdb::Iterator& it,
                                                    AccountId account) {
  if (!it.Valid()) {
    if (!it.status().ok()) return ReadStatus(it.status(), "reading a daily balance");
    return std::nullopt;
  }
  DailyBalance daily;
  if (!DecodeImage(it.value().ToStringView(), daily)) {
    return Unreadable("a daily balance is damaged");
  }
  if (daily.account != account) return std::nullopt;
  return daily;
}

}  // namespace

absl::StatusOr<std::optional<DailyBalance>> DerivedStore::FirstDailyBalanceFrom(
    AccountId account, BusinessDate date) const {
  const std::unique_ptr<rocksdb::Iterator> it(
      parts_->db->NewIterator({}, parts_->families[kDailyBalances]));
  it->Seek(KeyOf(account, date));
  return DailyAt(*it, account);
}

absl::StatusOr<std::optional<DailyBalance>> DerivedStore::LastDailyBalanceUpTo(
    AccountId account, BusinessDate date) const {
  const std::unique_ptr<rocksdb::Iterator> it(
      parts_->db->NewIterator({}, parts_->families[kDailyBalances]));
  it->SeekForPrev(KeyOf(account, date));
  return DailyAt(*it, account);
}

absl::Status DerivedStore::IndexIds(std::span<const SealedId> ids, Sequence up_to) {
  // An id that was indexed just before a crash is indexed again: the newer file wins, with the same
  // record.
  if (!ids.empty()) {
    if (absl::Status status = parts_->Ingest(ids); !status.ok()) return status;
  }
  rocksdb::WriteBatch batch;
  batch.Put(kIdsWatermarkKey, EncodeImage(up_to));
  if (absl::Status status = parts_->Write(batch, "writing the ids' watermark"); !status.ok()) {
    return status;
  }
  if (absl::Status status = parts_->FlushAll(); !status.ok()) return status;
  parts_->ids_watermark = up_to.value();
  parts_->generations.fetch_add(1, std::memory_order_release);  // pairs with Find
  return absl::OkStatus();
}

// RocksDB puts a file above those whose range it meets. Ids that are made in order of time meet at
// their ends alone, and yet would pile up, to be merged by a compaction of gigabytes that takes the
// disk and a core from the payments. So the few that lie among the indexed ones get a small file of
// their own, and the others one that goes to the last level and is never written again.
absl::Status DerivedStore::Parts::Ingest(std::span<const SealedId> ids) {
  const std::span<const uint32_t> order = order_of_ids.Of(ids);
  const size_t old = CountOfOldIds(ids, order);
  const std::array parts{order.first(old), order.subspan(old)};
  std::vector<std::string> paths;
  for (const auto part : parts) {
    if (part.empty()) continue;
    paths.push_back(folder + "/" + std::to_string(next_sst++) + kSstSuffix);
    if (absl::Status status = WriteSst(paths.back(), ids, part); !status.ok()) return status;
  }
  rocksdb::IngestExternalFileOptions options;
  // RocksDB 7.8 looks for a file's first and last key, and if it can't read the first it takes the
  // file for empty: all its ids would be forgotten.
  options.verify_checksums_before_ingest = true;
  options.move_files = true;
  options.write_global_seqno = false;
  absl::Status status = ReadStatus(db->IngestExternalFile(families[kIds], paths, options),
                                   "ingesting " + paths.front());
  for (const auto part : parts) {
    if (status.ok() && !part.empty()) status = CheckIsThere(ids, part);
  }
  return status;
}

// What is read for the checksums is read again for the first and the last key, and may be wrong
// only then. The newest id is in no older file, unless all of them are: those of a generation that
// is indexed again.
absl::Status DerivedStore::Parts::CheckIsThere(std::span<const SealedId> ids,
                                               std::span<const uint32_t> order) const {
  const uint32_t newest = *std::ranges::max_element(
      order, {}, [&](uint32_t place) { return ids[place].record.sequence; });
  for (const uint32_t place : {order.front(), order.back(), newest}) {
    const IdKey key = KeyOf(ids[place].id);
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        db->Get({}, families[kIds], rocksdb::Slice(key.data(), key.size()), &value);
    if (status.IsNotFound()) return Unreadable("ids that were just indexed are not in the index");
    if (!status.ok()) return ReadStatus(status, "reading an id that was just indexed");
  }
  return absl::OkStatus();
}

// How many of the ids, in their order, come before the greatest in the index; all of them if fewer
// than half come after it, since two files of random ids would only be more to search, and if the
// greatest can't be read: one file above all that is there is always right.
size_t DerivedStore::Parts::CountOfOldIds(std::span<const SealedId> ids,
                                          std::span<const uint32_t> order) const {
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}, families[kIds]));
  it->SeekToLast();
  if (!it->Valid()) return it->status().ok() ? 0 : order.size();
  const std::string_view last = it->key().ToStringView();
  const auto first_new = std::partition_point(order.begin(), order.end(), [&](uint32_t place) {
    const IdKey key = KeyOf(ids[place].id);
    return std::string_view(key.data(), key.size()) <= last;
  });
  const auto old = static_cast<size_t>(first_new - order.begin());
  return old <= order.size() / 2 ? old : order.size();
}

absl::Status DerivedStore::Parts::WriteSst(const std::string& path, std::span<const SealedId> ids,
                                           std::span<const uint32_t> order) {
  rocksdb::Options options(DatabaseOptions(settings), IdOptions());
  // The pages stay in the system's cache: the look-ups that the filter does not answer come soon.
  constexpr bool kDropPages = false;
  // With the database's bytes_per_sync: 100 MB that go to the disk at once would hold up a
  // payment's sync.
  const rocksdb::EnvOptions file_options(options);
  rocksdb::SstFileWriter writer(file_options, options, families[kIds], kDropPages);
  rocksdb::Status status = writer.Open(path);
  constexpr size_t kAhead = 16;  // records that are asked for while others are written
  for (size_t i = 0; status.ok() && i < order.size(); ++i) {
    if (i + kAhead < order.size()) {
      const SealedId* const later = &ids[order[i + kAhead]];
      __builtin_prefetch(later);
      __builtin_prefetch(reinterpret_cast<const char*>(later + 1) - 1);  // may be on the next line
    }
    const SealedId& id = ids[order[i]];
    LUMBUNG_CHECK(i == 0 || ids[order[i - 1]].id < id.id);
    const IdKey key = KeyOf(id.id);
    const IdValue value = EncodeIdRecord(id.record);
    status = writer.Put(rocksdb::Slice(key.data(), key.size()),
                        rocksdb::Slice(value.data(), value.size()));
  }
  if (status.ok()) status = writer.Finish();
  return ToStatus(status, "writing " + path);
}

void DerivedStore::Find(std::span<const TransactionId> ids, std::span<ColdLookup> answers) const {
  LUMBUNG_CHECK(ids.size() == answers.size());
  const uint64_t generations = parts_->generations.load(std::memory_order_acquire);
  std::vector<IdKey> keys;
  std::vector<rocksdb::Slice> slices;
  keys.reserve(ids.size());
  slices.reserve(ids.size());
  for (const TransactionId& id : ids) {
    const IdKey& key = keys.emplace_back(KeyOf(id));
    slices.emplace_back(key.data(), key.size());
  }
  std::vector<rocksdb::PinnableSlice> values(ids.size());
  std::vector<rocksdb::Status> statuses(ids.size());
  parts_->db->MultiGet({}, parts_->families[kIds], ids.size(), slices.data(), values.data(),
                       statuses.data());
  for (size_t i = 0; i < ids.size(); ++i) {
    answers[i].generations = generations;
    answers[i].answer = ColdLookup::Answer::kAbsent;
    if (statuses[i].IsNotFound()) continue;
    if (statuses[i].ok() && DecodeIdRecord(values[i].ToStringView(), answers[i].record)) {
      answers[i].answer = ColdLookup::Answer::kFound;
      continue;
    }
    answers[i].answer = ColdLookup::Answer::kUnreadable;
    const std::string why = statuses[i].ok() ? "a record that is none" : statuses[i].ToString();
    parts_->unreadable_ids.Tell(std::string(Unreadable("the id index: " + why).message()));
  }
}

uint64_t DerivedStore::generations() const {
  return parts_->generations.load(std::memory_order_acquire);
}

}  // namespace lumbung
