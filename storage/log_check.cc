#include "storage/log_check.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/canary.h"
#include "storage/log_record.h"
#include "storage/status.h"
#include "storage/torn_write.h"
#include "storage/write_mark.h"

namespace lumbung {

namespace {

using Bytes = LogRecord::Bytes;

// Goes over one log, block after block.
class LogCheck {
 public:
  // Where the damage is in the block, or nothing.
  std::optional<size_t> FindDamage(Bytes block);

  // Where the next record would be: after all whole ones of the blocks so far.
  uint64_t end() const { return end_; }
  bool has_records() const { return has_records_; }
  // Of the last write whose begin was seen.
  const std::optional<WriteMark>& mark() const { return mark_; }

 private:
  std::optional<size_t> FindDamageIn(Bytes block);

  uint64_t begin_ = 0;  // of the block
  uint64_t end_ = 0;
  bool has_records_ = false;
  std::optional<WriteMark> mark_;
  bool zeros_ = false;  // from here to the end
};

std::optional<size_t> LogCheck::FindDamage(Bytes block) {
  if (!zeros_) end_ = begin_;
  const auto damage = FindDamageIn(block);
  begin_ += block.size();
  return damage;
}

std::optional<size_t> LogCheck::FindDamageIn(Bytes block) {
  size_t at = 0;
  while (!zeros_ && block.size() - at >= LogRecord::kHeaderBytes) {
    if (AllZero(block.subspan(at, LogRecord::kHeaderBytes))) {
      zeros_ = true;
      break;
    }
    const LogRecord record(&block[at]);
    const size_t end = at + record.size();
    if (end > LogRecord::kBlockBytes) return at;
    if (end > block.size()) {  // the file ends in it
      if (record.FitsAnotherLength(block.subspan(at + LogRecord::kTypeAt))) return at;
      return std::nullopt;
    }
    if (!record.HasType() ||
        !record.Fits(block.subspan(at + LogRecord::kTypeAt, 1 + record.length))) {
      return at;
    }
    if (record.BeginsAWrite() && record.length >= WriteMark::kEnd) {
      mark_ = WriteMark::In(block.subspan(at + LogRecord::kHeaderBytes, record.length));
    }
    at = end;
    end_ = begin_ + at;
    has_records_ = true;
  }
  if (zeros_ && !AllZero(block.subspan(at))) return at;
  return std::nullopt;
}

bool IsGone(const rocksdb::Status& status) {
  return status.IsPathNotFound() || status.IsNotFound();
}

// Calls `take` with each block of a file, the last one as long as it is, until it returns false.
template <typename Take>
absl::Status ReadBlocks(const std::string& path, rocksdb::Env& env, uint64_t from, Take take) {
  const std::string doing = "reading " + path;
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status status = env.NewSequentialFile(path, &file, rocksdb::EnvOptions());
  if (IsGone(status)) return absl::OkStatus();
  if (status.ok() && from > 0) status = file->Skip(from);
  std::string scratch(LogRecord::kBlockBytes, '\0');
  while (status.ok()) {
    rocksdb::Slice block;
    status = file->Read(scratch.size(), &block, scratch.data());
    if (!status.ok()) break;
    if (!take(Bytes{reinterpret_cast<const std::byte*>(block.data()), block.size()}) ||
        block.size() < scratch.size()) {
      return absl::OkStatus();
    }
  }
  return ToStatus(status, doing);
}

// What was found in a log.
struct Findings {
  uint64_t end = 0;  // of the whole records
  bool has_records = false;
  std::optional<WriteMark> mark;
  std::optional<uint64_t> damage;
  std::vector<std::byte> rest;  // what a write would be torn of: from a block's boundary on
};

absl::StatusOr<Findings> Look(const std::string& path, rocksdb::Env& env) {
  LogCheck check;
  Findings findings;
  uint64_t begin = 0;
  absl::Status read = ReadBlocks(path, env, 0, [&](Bytes block) {
    if (const auto damage = check.FindDamage(block)) findings.damage = begin + *damage;
    begin += block.size();
    return !findings.damage;
  });
  if (!read.ok()) return read;
  findings.end = check.end();
  findings.has_records = check.has_records();
  findings.mark = check.mark();
  return findings;
}

// Without the zeros at the end, which may be all of the reserved space.
absl::Status ReadRest(const std::string& path, rocksdb::Env& env, Findings& findings) {
  const uint64_t from = findings.end - findings.end % LogRecord::kBlockBytes;
  size_t size = 0;
  findings.rest.resize(LogRecord::kBlockBytes);
  return ReadBlocks(path, env, from, [&](Bytes block) {
    if (!AllZero(block)) {
      findings.rest.resize(size + LogRecord::kBlockBytes);
      std::copy(block.begin(), block.end(),
                findings.rest.begin() + static_cast<std::ptrdiff_t>(size));
    }
    size += LogRecord::kBlockBytes;
    return true;
  });
}

absl::Status Damaged(const std::string& path, uint64_t byte) {
  return absl::DataLossError("the log " + path + " is damaged at byte " + std::to_string(byte) +
                             ": put it back from a copy; nothing was changed");
}

absl::Status CheckLog(const std::string& path, rocksdb::Env& env) {
  const auto findings = Look(path, env);
  if (!findings.ok()) return findings.status();
  return findings->damage ? Damaged(path, *findings->damage) : absl::OkStatus();
}

// What another process is writing at this moment is read in part, and looks like damage. Then the
// log looks different a moment later.
constexpr std::chrono::milliseconds kUntilTheNextLook{5};
constexpr int kMostLooks = 100;

// The same where a torn write is no damage.
absl::StatusOr<Findings> LookForTornWrite(const std::string& path, rocksdb::Env& env) {
  std::vector<std::byte> before;
  for (int look = 1;; ++look, std::this_thread::sleep_for(kUntilTheNextLook)) {
    absl::StatusOr<Findings> findings = Look(path, env);
    if (!findings.ok() || !findings->damage) return findings;
    if (absl::Status read = ReadRest(path, env, *findings); !read.ok()) return read;
    if (IsTornWrite(findings->rest, findings->end % LogRecord::kBlockBytes, findings->mark)) {
      findings->damage.reset();
      return findings;
    }
    if (findings->rest == before || look == kMostLooks) return Damaged(path, *findings->damage);
    before = std::move(findings->rest);
  }
}

// The manifest's name, or nothing while there is none.
absl::Status ReadCurrent(const std::string& folder, rocksdb::Env& env, std::string& manifest) {
  const rocksdb::Status status = rocksdb::ReadFileToString(&env, folder + "/CURRENT", &manifest);
  if (IsGone(status)) return absl::OkStatus();
  while (!manifest.empty() && manifest.back() == '\n') manifest.pop_back();
  return ToStatus(status, "reading " + folder + "/CURRENT");
}

absl::Status CheckManifest(const std::string& folder, rocksdb::Env& env) {
  std::string manifest;
  if (absl::Status read = ReadCurrent(folder, env, manifest); !read.ok()) return read;
  return manifest.empty() ? absl::OkStatus() : CheckLog(folder + "/" + manifest, env);
}

// The write-ahead logs' paths, the oldest first.
absl::StatusOr<std::vector<std::string>> ListLogs(const std::string& folder, rocksdb::Env& env) {
  std::vector<std::string> files;
  const rocksdb::Status listed = env.GetChildren(folder, &files);
  if (!listed.ok()) return ToStatus(listed, "listing the files in " + folder);
  std::erase_if(files, [](const std::string& file) { return !file.ends_with(".log"); });
  // Numbers, with leading zeros while they are short.
  std::sort(files.begin(), files.end(), [](const std::string& one, const std::string& other) {
    return std::pair(one.size(), one) < std::pair(other.size(), other);
  });
  for (std::string& file : files) file = folder + "/" + file;
  return files;
}

}  // namespace

absl::Status CheckLogs(const std::string& folder, rocksdb::Env& env) {
  if (Sings(Canary::kTornTailAccepted)) return absl::OkStatus();
  if (absl::Status status = CheckManifest(folder, env); !status.ok()) return status;
  const auto logs = ListLogs(folder, env);
  if (!logs.ok()) return logs.status();
  for (const std::string& log : *logs) {
    if (absl::Status status = CheckLog(log, env); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<LogEnds> CheckSizedLogs(const std::string& folder, rocksdb::Env& env) {
  LogEnds ends;
  if (Sings(Canary::kTornTailAccepted)) return ends;
  if (absl::Status status = CheckManifest(folder, env); !status.ok()) return status;
  const auto logs = ListLogs(folder, env);
  if (!logs.ok()) return logs.status();
  std::optional<std::pair<std::string, uint64_t>> torn;
  for (const std::string& log : *logs) {
    const auto findings = LookForTornWrite(log, env);
    if (!findings.ok()) return findings.status();
    // A write that was torn was the last one.
    if (findings->has_records && torn) return Damaged(torn->first, torn->second);
    if (!findings->rest.empty()) torn.emplace(log, findings->end);
    ends.emplace(log, findings->end);
  }
  return ends;
}

absl::StatusOr<uint64_t> EndOfSizedLog(const std::string& path, rocksdb::Env& env) {
  if (Sings(Canary::kTornTailAccepted)) return std::numeric_limits<uint64_t>::max();
  const auto findings = LookForTornWrite(path, env);
  if (!findings.ok()) return findings.status();
  return findings->end;
}

}  // namespace lumbung
