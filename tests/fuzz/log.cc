// Input: mode (1 byte: even, a log as it stands; odd, one that is made and then damaged), then
//   even: the bytes of the log
//   odd:  damage (4 bytes): a bit of the log, or a length to which it is cut; kind (1 byte: even,
//         the bit; odd, the cut) ‖ lengths of records (2 bytes each)
// Holds: any bytes are taken or are DATA_LOSS that names a byte of the file. What is taken is still
// taken when its end is missing, as a crash leaves it. A good log is taken, cut wherever it may be;
// with one wrong bit it is refused, and not taken for the end that a crash has torn.
#include "storage/log_check.h"

#include <memory>
#include <optional>

#include "engine/check.h"
#include "rocksdb/env.h"
#include "storage/crc32c.h"
#include "storage/log_record.h"
#include "storage/torn_write.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

constexpr char kFolder[] = "/ledger";
constexpr char kLog[] = "/ledger/000001.log";
constexpr size_t kBlockBytes = LogRecord::kBlockBytes;
constexpr size_t kMostRecords = 8;

rocksdb::Env& Memory() {
  static const std::unique_ptr<rocksdb::Env> env(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  return *env;
}

absl::Status Check(std::string_view log) {
  LUMBUNG_CHECK(rocksdb::WriteStringToFile(&Memory(), std::string(log), kLog).ok());
  return CheckLogs(kFolder, Memory());
}

// The byte that the refusal names.
size_t DamagedByte(const absl::Status& status) {
  LUMBUNG_CHECK(absl::IsDataLoss(status));
  const std::string message(status.message());
  constexpr std::string_view kByte = "is damaged at byte ";
  const size_t found = message.find(kByte);
  LUMBUNG_CHECK(message.find(kLog) != std::string::npos && found != std::string::npos);
  return std::stoull(message.substr(found + kByte.size()));
}

bool TryAsItStands(std::string_view log) {
  const absl::Status status = Check(log);
  if (!status.ok()) {
    LUMBUNG_CHECK(DamagedByte(status) < log.size());
    return false;
  }
  LUMBUNG_CHECK(Check(log.substr(0, log.size() / 2)).ok());
  if (!log.empty()) LUMBUNG_CHECK(Check(log.substr(0, log.size() - 1)).ok());
  return true;
}

// A log as RocksDB writes it, and which of its bytes only fill up a block.
class MadeLog {
 public:
  void Add(std::string_view payload) {
    bool first = true;
    do {
      const size_t left = kBlockBytes - bytes_.size() % kBlockBytes;
      if (left < LogRecord::kHeaderBytes) {
        for (size_t i = 0; i < left; ++i) filling_.push_back(bytes_.size() + i);
        bytes_.append(left, '\0');
        continue;
      }
      const std::string_view part = payload.substr(0, left - LogRecord::kHeaderBytes);
      payload.remove_prefix(part.size());
      AddPart(part, first, payload.empty());
      first = false;
    } while (!payload.empty() || first);
  }
  const std::string& bytes() const { return bytes_; }
  bool IsFilling(size_t byte) const {
    return std::find(filling_.begin(), filling_.end(), byte) != filling_.end();
  }

 private:
  void AddPart(std::string_view part, bool first, bool last) {
    std::string content(1, static_cast<char>(first ? (last ? 1 : 2) : (last ? 4 : 3)));
    content += part;
    const uint32_t masked = LogRecord::Masked(Crc32c(0, std::as_bytes(std::span(content))));
    const auto length = static_cast<uint16_t>(part.size());
    bytes_.append(reinterpret_cast<const char*>(&masked), sizeof masked);
    bytes_.append(reinterpret_cast<const char*>(&length), sizeof length);
    bytes_ += content;
  }

  std::string bytes_;
  std::vector<size_t> filling_;
};

bool LooksTorn(std::string log, size_t at) {
  log.erase(0, at - at % kBlockBytes);
  log.resize((log.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes);
  return IsTornWrite(std::as_bytes(std::span(log)), at % kBlockBytes, std::nullopt);
}

bool TryMade(Input input) {
  const auto damage = input.Take<uint32_t>();
  const bool flips = input.Take<uint8_t>() % 2 == 0;
  MadeLog log;
  for (size_t i = 0; i < kMostRecords && !input.rest().empty(); ++i) {
    log.Add(std::string(input.Take<uint16_t>(), static_cast<char>('a' + i)));
  }
  if (log.bytes().empty()) return false;
  LUMBUNG_CHECK(Check(log.bytes()).ok());
  const size_t bit = damage % (log.bytes().size() * 8);
  if (!flips) {
    LUMBUNG_CHECK(Check(log.bytes().substr(0, bit / 8)).ok());
    return true;
  }
  std::string damaged = log.bytes();
  damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
  const absl::Status status = Check(damaged);
  LUMBUNG_CHECK(log.IsFilling(bit / 8) || !status.ok());
  if (!status.ok()) LUMBUNG_CHECK(DamagedByte(status) <= bit / 8);
  if (!log.IsFilling(bit / 8)) LUMBUNG_CHECK(!LooksTorn(damaged, DamagedByte(status)));
  return true;
}

std::string Made(uint32_t damage, char kind, std::initializer_list<uint16_t> lengths) {
  std::string bytes(1, '\1');
  bytes.append(reinterpret_cast<const char*>(&damage), sizeof damage);
  bytes += kind;
  for (const uint16_t length : lengths) {
    bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  }
  return bytes;
}

}  // namespace

bool Try(Input input) {
  return input.Take<uint8_t>() % 2 == 0 ? TryAsItStands(input.rest()) : TryMade(input);
}

std::vector<Seed> Seeds() {
  using namespace std::string_literals;
  MadeLog log;
  log.Add("a record");
  log.Add("");
  return {
      {"empty", "\0"s},
      {"two-records", "\0"s + log.bytes()},
      {"zeros-behind", "\0"s + log.bytes() + std::string(64, '\0')},
      {"wrong-bit-of-a-length", Made(33, 0, {10, 20})},
      {"wrong-bit-in-a-later-block", Made(8 * 33000, 0, {100, 60000, 9})},
      {"cut", Made(8 * 40, 1, {10, 20, 30})},
      {"full-block", Made(8 * 32766, 0, {32755, 5})},
  };
}

}  // namespace lumbung::fuzz
