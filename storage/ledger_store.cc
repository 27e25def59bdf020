#include "storage/ledger_store.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

#include "engine/canary.h"
#include "engine/check.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/options.h"
#include "rocksdb/utilities/checkpoint.h"
#include "rocksdb/write_batch.h"
#include "storage/block_chain.h"
#include "storage/block_codec.h"
#include "storage/folder.h"
#include "storage/key.h"
#include "storage/log_check.h"
#include "storage/no_log.h"
#include "storage/rare_notice.h"
#include "storage/sized_logs.h"
#include "storage/status.h"
#include "storage/streamed_reads.h"
#include "storage/transparency/synced_file.h"
#include "storage/write_mark.h"

namespace lumbung {

namespace {

// Where there are data but no CURRENT, RocksDB would begin an empty database and delete the data.
// While it makes a new one, it makes no such file before CURRENT is synced.
absl::Status CheckNotHeadless(const std::string& folder, rocksdb::Env& env) {
  if (env.FileExists(folder + "/CURRENT").ok()) return absl::OkStatus();
  std::vector<std::string> files;
  const absl::Status listed =
      ToStatus(env.GetChildren(folder, &files), "listing the files of the ledger in " + folder);
  if (!listed.ok()) return listed;
  for (const std::string& file : files) {
    if (file.ends_with(".log") || file.ends_with(".sst") || file.ends_with(".blob")) {
      return absl::DataLossError("the ledger in " + folder +
                                 " has lost its file CURRENT, but has " + file +
                                 ": put CURRENT back from a copy; nothing was changed");
    }
  }
  return absl::OkStatus();
}

constexpr char kFamily[] = "ledger";
constexpr size_t kCachedBlocks = 256;  // 16 MiB: consecutive reads of a block, and hot originals

rocksdb::DBOptions DatabaseOptions(const StoreSettings& settings) {
  rocksdb::DBOptions options;
  if (settings.env != nullptr) options.env = settings.env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // A record that was being written when the power went may be torn; damage anywhere else is
  // refused. (Recycled WAL files can't be told from torn ones, so they stay off. Those whose space
  // is reserved can: sized_logs.h.)
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.recycle_log_file_num = 0;
  // A file that is complete must still be there with all its bytes: only the newest has a tail that
  // may be torn.
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;
  options.max_background_jobs = 2;
  options.max_total_wal_size = uint64_t{1} << 30;
  options.bytes_per_sync = 1 << 20;
  // Whoever reads the ledger does so in its order: the system may read ahead.
  options.advise_random_on_open = false;
  options.info_log = std::make_shared<NoLog>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // One writer, the persist thread: nothing to pipeline or to yield to.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const StoreSettings& settings) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size =
      settings.write_buffer_bytes != 0 ? settings.write_buffer_bytes : size_t{64} << 20;
  options.max_write_buffer_number = 6;
  options.min_write_buffer_number_to_merge = 1;
  // Blocks live in blob files, so compaction moves keys of 8 bytes and never a block.
  options.enable_blob_files = true;
  options.min_blob_size = 0;
  options.blob_file_size = uint64_t{512} << 20;
  options.enable_blob_garbage_collection = false;  // nothing is ever deleted
  options.compression = rocksdb::kNoCompression;
  options.blob_compression_type = rocksdb::kNoCompression;
  return options;
}

// A block as it was read, not looked at yet.
absl::StatusOr<std::shared_ptr<StoredBlock>> Copied(const rocksdb::Slice& key,
                                                    const rocksdb::Slice& value) {
  if (key.size() != kSequenceKeyBytes) {
    return absl::DataLossError("the ledger has a key of " + std::to_string(key.size()) + " bytes");
  }
  auto block = std::make_shared<StoredBlock>();
  block->first = SequenceOfKey(key);
  const auto* const data = reinterpret_cast<const std::byte*>(value.data());
  block->bytes.assign(data, data + value.size());
  return block;
}

absl::StatusOr<std::shared_ptr<const StoredBlock>> Decode(const rocksdb::Slice& key,
                                                          const rocksdb::Slice& value,
                                                          BlockHash* previous, BlockHash* hash) {
  const auto block = Copied(key, value);
  if (!block.ok()) return block.status();
  const absl::StatusOr<BlockView> view = VerifyBlock((*block)->bytes, (*block)->first);
  if (!view.ok()) return view.status();
  (*block)->entries = view->entries;
  (*block)->attachments = view->attachments;
  if (previous != nullptr) *previous = view->previous_hash;
  if (hash != nullptr) *hash = view->hash;
  return *block;
}

bool Contains(const StoredBlock& block, Sequence sequence) {
  return sequence >= block.first && sequence.value() < block.first.value() + block.entries.size();
}

absl::Status Missing(Sequence sequence) {
  return absl::DataLossError("the ledger lacks sequence " + std::to_string(sequence.value()));
}

std::set<std::string> LogsIn(const std::string& folder, const StoreSettings& settings) {
  rocksdb::Env* const env = settings.env != nullptr ? settings.env : rocksdb::Env::Default();
  std::vector<std::string> files;
  static_cast<void>(env->GetChildren(folder, &files));  // what opens the folder tells why it can't
  std::erase_if(files, [](const std::string& file) { return !file.ends_with(".log"); });
  return {files.begin(), files.end()};
}

// The blocks read last, by their first sequences. Any thread.
class BlockCache {
 public:
  std::shared_ptr<const StoredBlock> Find(Sequence sequence) {
    const std::lock_guard lock(mutex_);
    auto next = blocks_.upper_bound(sequence);
    if (next == blocks_.begin()) return nullptr;
    const auto& block = std::prev(next)->second;
    return Contains(*block, sequence) ? block : nullptr;
  }

  void Add(std::shared_ptr<const StoredBlock> block) {
    const std::lock_guard lock(mutex_);
    if (blocks_.size() >= kCachedBlocks) {
      // Any victim will do: the one at the turning hand, as a clock without second chances.
      auto victim = blocks_.lower_bound(hand_);
      if (victim == blocks_.end()) victim = blocks_.begin();
      hand_ = Sequence{victim->first.value() + 1};
      blocks_.erase(victim);
    }
    const Sequence first = block->first;
    blocks_.insert_or_assign(first, std::move(block));
  }

 private:
  std::mutex mutex_;
  std::map<Sequence, std::shared_ptr<const StoredBlock>> blocks_;
  Sequence hand_;
};

}  // namespace

struct LedgerStore::Parts {
  // Set at opening.
  std::string folder;
  StoreSettings settings;
  std::unique_ptr<rocksdb::Env> env;  // outlives the database
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::ColumnFamilyHandle* ledger = nullptr;

  // Persist thread.
  rocksdb::WriteBatch batch;
  const WriteMark mark = WriteMark::Draw();
  BlockHash last_hash = kGenesisHash;

  // Any thread.
  std::atomic<uint64_t> last{0};
  std::atomic<uint64_t> synced_writes{0};
  RareNotice unreadable_originals;
  mutable BlockCache cache;
  RecentBlocks recent;  // see its header

  ~Parts() {
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
    if (db != nullptr) db->Close();
  }

  absl::Status Open(Access access);
  absl::Status ReadEnd();
  void FindEnd();
};

absl::Status LedgerStore::Parts::Open(Access access) {
  rocksdb::DBOptions options = DatabaseOptions(settings);
  if (access == Access::kReadWrite) {
    if (absl::Status made = MakeFolder(folder, settings); !made.ok()) return made;
    if (absl::Status head = CheckNotHeadless(folder, *options.env); !head.ok()) return head;
    // Blocks that are flushed are hardly read soon. In the system's cache they would be copied once
    // more, and take a fresh page for each 4 KiB, which costs more than all that is done to them.
    options.use_direct_io_for_flush_and_compaction =
        settings.env == nullptr && TakesDirectWrites(folder);
  } else if (absl::Status there = LookFor(folder + "/CURRENT"); !there.ok()) {
    // RocksDB would make the folder.
    return absl::IsNotFound(there) ? absl::NotFoundError("there is no ledger in " + folder) : there;
  }
  std::shared_ptr<rocksdb::FileSystem> files = options.env->GetFileSystem();
  if (access == Access::kSalvage) {
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.track_and_verify_wals_in_manifest = false;
  } else {
    if (access == Access::kReadOnly) {
      // Each is looked at once more when it is read: others may write to it meanwhile, and what it
      // has become until then belongs to what comes after it.
      const absl::StatusOr<LogEnds> logs = CheckSizedLogs(folder, *options.env);
      if (!logs.ok()) return logs.status();
    }
    files = std::make_shared<SizedLogs>(*options.env);
  }
  env = std::make_unique<EnvOnFileSystem>(*options.env,
                                          std::make_shared<StreamedReads>(std::move(files)));
  options.env = env.get();
  const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {rocksdb::kDefaultColumnFamilyName, {}}, {kFamily, FamilyOptions(settings)}};
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      access == Access::kReadWrite
          ? rocksdb::DB::Open(options, folder, descriptors, &families, &opened)
          : rocksdb::DB::OpenForReadOnly(options, folder, descriptors, &families, &opened);
  db.reset(opened);
  absl::Status result = ToStatus(status, "opening the ledger in " + folder);
  if (absl::IsFailedPrecondition(result)) {
    return absl::FailedPreconditionError(
        "the ledger in " + folder + " is in use by another lumbungd; a data folder serves one");
  }
  if (!result.ok()) return result;
  ledger = families[1];
  if (access != Access::kSalvage) return ReadEnd();
  FindEnd();
  return absl::OkStatus();
}

// The last block and, because it must name its hash, the one before it.
absl::Status LedgerStore::Parts::ReadEnd() {
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}, ledger));
  it->SeekToLast();
  if (!it->Valid()) return ToStatus(it->status(), "reading the end of the ledger");
  BlockHash previous;
  const auto block = Decode(it->key(), it->value(), &previous, &last_hash);
  if (!block.ok()) return block.status();
  last.store((*block)->first.value() + (*block)->entries.size() - 1, std::memory_order_release);
  it->Prev();
  if (!it->Valid()) {
    if (!it->status().ok()) return ToStatus(it->status(), "reading the end of the ledger");
    if ((*block)->first != Sequence{1}) return Missing(Sequence{1});
    return previous == kGenesisHash ? absl::OkStatus() : BrokenLink((*block)->first);
  }
  BlockHash hash;
  const auto before = Decode(it->key(), it->value(), nullptr, &hash);
  if (!before.ok()) return before.status();
  const Sequence follows{(*before)->first.value() + (*before)->entries.size()};
  if (follows != (*block)->first) return Missing(follows);
  return hash == previous ? absl::OkStatus() : BrokenLink((*block)->first);
}

// Where the last block begins, if that can be told: what is wrong with it is met by its reader.
void LedgerStore::Parts::FindEnd() {
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}, ledger));
  it->SeekToLast();
  if (!it->Valid() || it->key().size() != kSequenceKeyBytes) return;
  last.store(SequenceOfKey(it->key()).value(), std::memory_order_release);
}

LedgerStore::LedgerStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LedgerStore::~LedgerStore() = default;

absl::StatusOr<std::unique_ptr<LedgerStore>> LedgerStore::Open(const std::string& folder,
                                                               Access access,
                                                               StoreSettings settings) {
  // While another process writes, a log may be replaced by a table after RocksDB has read the
  // manifest, but before it looks for logs. Then it misses what was in it, mostly without a word.
  constexpr int kTries = 20;
  for (int i = 1;; ++i) {
    const std::set<std::string> before = LogsIn(folder, settings);
    auto parts = std::make_unique<Parts>();
    parts->folder = folder;
    parts->settings = settings;
    const absl::Status status = parts->Open(access);
    const std::set<std::string> after = LogsIn(folder, settings);
    if (access != Access::kReadOnly || std::ranges::includes(after, before)) {
      if (!status.ok()) return status;
      return std::unique_ptr<LedgerStore>(new LedgerStore(std::move(parts)));
    }
    if (i == kTries) {
      return absl::UnavailableError("the ledger in " + folder +
                                    " changes its logs faster than it can be opened");
    }
  }
}

absl::Status LedgerStore::Append(std::span<Block* const> blocks) {
  Parts& parts = *parts_;
  uint64_t last = parts.last.load(std::memory_order_relaxed);
  parts.batch.Clear();
  const auto& mark = parts.mark.bytes;
  const rocksdb::Status marked =
      parts.batch.PutLogData({reinterpret_cast<const char*>(mark.data()), mark.size()});
  if (!marked.ok()) return ToStatus(marked, "marking a write");
  for (Block* block : blocks) {
    LUMBUNG_CHECK(!block->empty() && block->first().value() == last + 1);
    parts.last_hash =
        SealBlock(*block, Sings(Canary::kUnchainedBlock) ? kGenesisHash : parts.last_hash);
    const SequenceKey key(block->first());
    const std::span<const std::byte> bytes = block->Bytes();
    const rocksdb::Status put = parts.batch.Put(
        parts.ledger, key.slice(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!put.ok()) return ToStatus(put, "collecting blocks");
    last = block->last().value();
  }
  rocksdb::WriteOptions options;
  options.sync = !Sings(Canary::kSkippedSync);
  const rocksdb::Status status = parts.db->Write(options, &parts.batch);
  if (!status.ok()) {
    return ToStatus(status, "writing the ledger from sequence " +
                                std::to_string(blocks.front()->first().value()) + " on");
  }
  parts.synced_writes.fetch_add(1, std::memory_order_relaxed);
  parts.last.store(last, std::memory_order_release);
  for (Block* block : blocks) parts.recent.Add(*block);
  return absl::OkStatus();
}

bool LedgerStore::ReadTransaction(Sequence first, std::vector<Entry>& legs) {
  const auto block = ReadBlock(first);
  if (!block.ok()) {
    parts_->unreadable_originals.Tell(std::string(block.status().message()));
    return false;
  }
  const Entry* const leg = &(*block)->entries[first.value() - (*block)->first.value()];
  LUMBUNG_CHECK(leg->leg_index == 0);
  legs.assign(leg, leg + leg->leg_count);
  return true;
}

Sequence LedgerStore::last() const {
  return Sequence{parts_->last.load(std::memory_order_acquire)};
}

absl::Status LedgerStore::ReadBlocks(
    Sequence from, const std::function<bool(const StoredBlock& block)>& visit) const {
  return StreamBlocks(
      from, [&](const std::shared_ptr<const StoredBlock>& block) { return visit(*block); });
}

absl::Status LedgerStore::StreamBlocks(
    Sequence from,
    const std::function<bool(std::shared_ptr<const StoredBlock> block)>& visit) const {
  rocksdb::ReadOptions options;
  options.readahead_size = size_t{4} << 20;
  options.fill_cache = false;
  // Before the iterator, which sees at least this much.
  const uint64_t end = last().value();
  const std::unique_ptr<rocksdb::Iterator> it(parts_->db->NewIterator(options, parts_->ledger));
  const SequenceKey key(from);
  it->SeekForPrev(key.slice());
  if (!it->Valid()) it->SeekToFirst();
  BlockHash chain = kGenesisHash;
  uint64_t next = 0;
  // Takes a block that was verified; false where it ends.
  const auto take = [&](std::shared_ptr<StoredBlock>& block,
                        const BlockView& view) -> absl::StatusOr<bool> {
    if (next == 0 && from.value() <= 1 && block->first != Sequence{1}) return Missing(Sequence{1});
    const bool chained = next != 0 || block->first == Sequence{1};
    if (next != 0 && block->first.value() != next) return Missing(Sequence{next});
    if (chained && view.previous_hash != chain) return BrokenLink(block->first);
    chain = view.hash;
    block->entries = view.entries;
    block->attachments = view.attachments;
    next = block->first.value() + block->entries.size();
    return next <= from.value() || visit(std::move(block));
  };
  // The first alone, for whoever wants no more.
  for (size_t together = 1; it->Valid(); together = kVerifiedTogether) {
    std::vector<std::shared_ptr<StoredBlock>> blocks;
    std::vector<UnverifiedBlock> unverified;
    absl::Status copied;
    for (; it->Valid() && blocks.size() < together && copied.ok(); it->Next()) {
      auto block = Copied(it->key(), it->value());
      copied = block.status();
      if (!block.ok()) continue;
      unverified.push_back({(*block)->bytes, (*block)->first});
      blocks.push_back(*std::move(block));
    }
    const auto views = VerifyBlocks(unverified);
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (!views[i].ok()) return views[i].status();
      const absl::StatusOr<bool> goes_on = take(blocks[i], *views[i]);
      if (!goes_on.ok()) return goes_on.status();
      if (!*goes_on) return absl::OkStatus();
    }
    if (!copied.ok()) return copied;
  }
  // All that was there when the reading began must have been met, whatever the iterator says.
  if (it->status().ok() && next <= end && from.value() <= end) {
    return Missing(Sequence{std::max(next, from.value())});
  }
  return ToStatus(it->status(),
                  "reading the ledger after sequence " + std::to_string(next == 0 ? 0 : next - 1));
}

absl::StatusOr<std::shared_ptr<const StoredBlock>> LedgerStore::ReadBlock(Sequence sequence) const {
  if (sequence == kNoSequence || sequence > last()) {
    return absl::NotFoundError("sequence " + std::to_string(sequence.value()) +
                               " is not in the ledger; its last is " +
                               std::to_string(last().value()));
  }
  if (auto cached = parts_->cache.Find(sequence)) return cached;
  const std::unique_ptr<rocksdb::Iterator> it(parts_->db->NewIterator({}, parts_->ledger));
  const SequenceKey key(sequence);
  it->SeekForPrev(key.slice());
  if (!it->Valid()) {
    if (!it->status().ok()) return ToStatus(it->status(), "reading the ledger");
    return Missing(sequence);
  }
  auto block = Decode(it->key(), it->value(), nullptr, nullptr);
  if (!block.ok()) return block.status();
  if (!Contains(**block, sequence)) return Missing(sequence);
  parts_->cache.Add(*block);
  return block;
}

RecentBlocks& LedgerStore::recent() const { return parts_->recent; }

absl::StatusOr<StoredEntry> LedgerStore::ReadEntry(Sequence sequence) const {
  const auto block = ReadBlock(sequence);
  if (!block.ok()) return block.status();
  const size_t index = sequence.value() - (*block)->first.value();
  size_t offset = 0;
  for (size_t i = 0; i < index; ++i) offset += (*block)->entries[i].attachment_length;
  const Entry& entry = (*block)->entries[index];
  const auto attachment = (*block)->attachments.subspan(offset, entry.attachment_length);
  return StoredEntry{sequence, entry, {attachment.begin(), attachment.end()}};
}

absl::Status LedgerStore::CopyTo(const std::string& folder) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(parts_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
  if (!status.ok()) return ToStatus(status, "copying the ledger to " + folder);
  // RocksDB syncs what is in the copy, but not the name that it gives it last.
  return SyncNameOf(folder, parts_->settings);
}

uint64_t LedgerStore::synced_writes() const {
  return parts_->synced_writes.load(std::memory_order_relaxed);
}

uint64_t LedgerStore::disk_bytes() const {
  uint64_t bytes = 0;
  std::error_code error;
  // Files come and go meanwhile; one that is gone counts as nothing.
  for (std::filesystem::recursive_directory_iterator it(parts_->folder, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code gone;
    uint64_t size = 0;
    if (it->is_regular_file(gone) && parts_->env->GetFileSize(it->path(), &size).ok()) {
      bytes += size;
    }
  }
  return bytes;
}

}  // namespace lumbung
