#include "storage/audit/spent_ids.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <random>
#include <span>
#include <thread>
#include <utility>

#include "storage/transparency/synced_file.h"

namespace lumbung::audit {

namespace {

constexpr size_t kThreads = 2;

uint64_t Fold(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// A file that nobody else can open, gone when it is closed.
int OpenNameless(const std::string& folder) {
  const int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  std::string pattern = folder + "/lumbung-audit-XXXXXX";  // file systems without O_TMPFILE
  const int named = mkstemp(pattern.data());
  if (named >= 0) unlink(pattern.c_str());
  return named;
}

}  // namespace

SpentIds::SpentIds(std::string folder) : folder_(std::move(folder)) {
  std::random_device random;
  for (uint64_t& word : key_) word = (uint64_t{random()} << 32 | random()) | 1;
}

SpentIds::~SpentIds() {
  if (file_ >= 0) close(file_);
}

// Keyed, since clients choose the ids and must not choose which of them look alike.
uint64_t SpentIds::HashOf(const TransactionId& id) const {
  return Fold(Fold(id.high ^ key_[0], uint64_t{0x9e3779b97f4a7c15}) ^ id.low ^ key_[1],
              uint64_t{0xd6e8feb86659fd93});
}

absl::Status SpentIds::Put(const TransactionId& id, Sequence sequence, uint64_t flag) {
  const uint64_t hash = HashOf(id);
  Part& part = parts_[hash >> 56];
  if (part.recent.capacity() == 0) part.recent.reserve(kChunk);
  part.recent.push_back({hash, sequence.value() | flag});
  if (flag == 0) ++ids_;
  return part.recent.size() < kChunk ? absl::OkStatus() : Spill(part);
}

absl::Status SpentIds::Spill(Part& part) {
  if (file_ < 0) file_ = OpenNameless(folder_);
  if (file_ < 0) return FileError("making a temporary file in", folder_);
  const auto bytes = std::as_bytes(std::span(part.recent));
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t wrote = pwrite(file_, bytes.data() + done, bytes.size() - done,
                                 static_cast<off_t>(file_bytes_ + done));
    if (wrote <= 0) return FileError("writing ids to a temporary file in", folder_);
    done += static_cast<size_t>(wrote);
  }
  part.chunks.push_back(file_bytes_);
  file_bytes_ += bytes.size();
  part.recent.clear();
  return absl::OkStatus();
}

absl::Status SpentIds::Collect(const Part& part, std::vector<Record>& records) const {
  records.resize(part.chunks.size() * kChunk);
  const auto all = std::as_writable_bytes(std::span(records));
  constexpr size_t kChunkBytes = kChunk * sizeof(Record);
  for (size_t i = 0; i < part.chunks.size(); ++i) {
    const auto bytes = all.subspan(i * kChunkBytes, kChunkBytes);
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t got = pread(file_, bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(part.chunks[i] + done));
      if (got <= 0) return FileError("reading ids from a temporary file in", folder_);
      done += static_cast<size_t>(got);
    }
  }
  records.insert(records.end(), part.recent.begin(), part.recent.end());
  return absl::OkStatus();
}

absl::Status SpentIds::LookAtAlike(std::span<const Record> alike, const ReadId& read_id,
                                   std::vector<Finding>& findings) {
  struct Spent {
    Sequence sequence;
    TransactionId id;
  };
  std::vector<Spent> spent;  // different ids: one, but for a chance of one in 2^64
  for (const Record& record : alike) {
    if (spent.empty() && record.is_probe()) continue;
    if (findings.size() >= kMostFindings) break;
    const Sequence at = record.sequence();
    const auto id = read_id(at, record.is_probe() ? Which::kAskedFor : Which::kSpent);
    if (!id.ok()) return id.status();
    const auto before = std::ranges::find(spent, *id, &Spent::id);
    if (before == spent.end()) {
      if (!record.is_probe()) spent.push_back({at, *id});
      continue;
    }
    const std::string spender = std::to_string(before->sequence.value());
    findings.push_back(
        {Check::kIds, at, at,
         record.is_probe()
             ? "it was declined because nothing had the id " + id->ToString() + ", but entry " +
                   spender + " had spent it"
             : "it spends the id " + id->ToString() + ", which entry " + spender + " spent"});
  }
  return absl::OkStatus();
}

// First into buckets by the upper bits of the hash that the part does not have in common, which
// are then small enough to be sorted in the nearest cache.
void SpentIds::Sort(std::vector<Record>& records, std::vector<Record>& other) {
  constexpr size_t kBuckets = 4096;
  const auto less = [](const Record& a, const Record& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.sequence() < b.sequence();
  };
  // So few take less time than going over the buckets.
  if (records.size() < kBuckets) return std::sort(records.begin(), records.end(), less);
  const auto bucket_of = [](const Record& record) {
    return static_cast<size_t>(record.hash >> 44) % kBuckets;
  };
  std::array<size_t, kBuckets + 1> ends{};
  for (const Record& record : records) ++ends[bucket_of(record) + 1];
  for (size_t i = 1; i <= kBuckets; ++i) ends[i] += ends[i - 1];
  other.resize(records.size());
  // Each from its bucket's begin on, so that it comes to stand at the bucket's end.
  for (const Record& record : records) other[ends[bucket_of(record)]++] = record;
  auto begin = other.begin();
  for (size_t i = 0; i < kBuckets; ++i) {
    const auto end = other.begin() + static_cast<ptrdiff_t>(ends[i]);
    std::sort(begin, end, less);
    begin = end;
  }
  records.swap(other);
}

absl::Status SpentIds::LookThrough(std::span<const Record> records, const ReadId& read_id,
                                   std::vector<Finding>& findings) {
  for (size_t begin = 0, end = 0; begin < records.size(); begin = end) {
    while (end < records.size() && records[end].hash == records[begin].hash) ++end;
    if (end - begin == 1) continue;
    absl::Status status = LookAtAlike(records.subspan(begin, end - begin), read_id, findings);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Finding>> SpentIds::Finish(const ReadId& read_id) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::vector<Finding> all;  // guarded by mutex
  absl::Status failure;      // guarded by mutex
  const auto work = [&] {
    std::vector<Record> records;  // kept from part to part: fresh memory would cost more
    std::vector<Record> other;
    for (size_t i = next++; i < kParts; i = next++) {
      std::vector<Finding> findings;
      absl::Status status = Collect(parts_[i], records);
      if (status.ok()) {
        Sort(records, other);
        status = LookThrough(records, read_id, findings);
      }
      const std::lock_guard lock(mutex);
      if (!status.ok()) failure = status;
      all.insert(all.end(), findings.begin(), findings.end());
    }
  };
  std::vector<std::thread> threads;
  const size_t count = file_bytes_ == 0 ? 1 : kThreads;
  for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (!failure.ok()) return failure;
  return all;
}

}  // namespace lumbung::audit
