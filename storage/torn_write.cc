#include "storage/torn_write.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "storage/log_record.h"

namespace lumbung {

namespace {

using Bytes = LogRecord::Bytes;

constexpr size_t kSectorBytes = 512;

// What is left of the block behind `at`.
size_t RoomAt(size_t at) { return LogRecord::kBlockBytes - at % LogRecord::kBlockBytes; }

bool IsWholeAt(Bytes log, size_t at) {
  const LogRecord record(&log[at]);
  return record.HasType() && record.size() <= RoomAt(at) &&
         record.Fits(log.subspan(at + LogRecord::kTypeAt, 1 + record.length));
}

Bytes PayloadAt(Bytes log, size_t at) {
  return log.subspan(at + LogRecord::kHeaderBytes, LogRecord(&log[at]).length);
}

// Whether a write that begins with the whole record at `at` has the mark, as far as can be seen:
// its next record, in which the mark may end, may not be whole.
bool CanHaveMark(Bytes log, size_t at, const WriteMark& mark) {
  Bytes payload = PayloadAt(log, at);
  std::vector<std::byte> begin(payload.begin(), payload.end());
  const size_t next = at + LogRecord::kHeaderBytes + payload.size();
  if (begin.size() < WriteMark::kEnd && LogRecord(&log[at]).type == LogRecord::kFirst) {
    if (next == log.size() || !IsWholeAt(log, next)) return true;
    payload = PayloadAt(log, next);
    begin.insert(begin.end(), payload.begin(), payload.end());
  }
  return begin.size() >= WriteMark::kEnd && WriteMark::In(begin) == mark;
}

// A first part fills its block, if need be with nothing but its header.
bool AWriteBeginsAt(Bytes log, size_t at, const std::optional<WriteMark>& mark) {
  if (RoomAt(at) < LogRecord::kHeaderBytes) return false;
  const LogRecord record(&log[at]);
  if (!record.BeginsAWrite()) return false;
  const bool has_place =
      record.type == LogRecord::kFirst ? record.size() == RoomAt(at) : record.length > 0;
  return has_place && IsWholeAt(log, at) && (!mark || CanHaveMark(log, at, *mark));
}

// Whether one other bit in the checksum, the type or the payload would make it right. A CRC is
// linear: one wrong bit changes it by what does not depend on the other bits, but on how many come
// after it.
bool FitsWithAnotherBit(const LogRecord& record, Bytes type_and_payload) {
  constexpr uint32_t kPolynomial = 0x82f63b78;  // CRC-32C's, reflected
  const uint32_t crc = Crc32c(0, type_and_payload);
  if (std::popcount(LogRecord::Masked(crc) ^ record.checksum) == 1) return true;
  const uint32_t difference = crc ^ LogRecord::Unmasked(record.checksum);
  uint32_t of_one_bit = 1;
  for (size_t bit = 0; bit < 8 * type_and_payload.size(); ++bit) {
    of_one_bit = (of_one_bit >> 1) ^ ((of_one_bit & 1) != 0 ? kPolynomial : 0);
    if (of_one_bit == difference) return true;
  }
  return false;
}

bool LacksASector(Bytes log, size_t begin, size_t end) {
  for (size_t sector = begin - begin % kSectorBytes; sector < end; sector += kSectorBytes) {
    const size_t from = std::max(sector, begin);
    if (AllZero(log.subspan(from, sector + kSectorBytes - from))) return true;
  }
  return false;
}

}  // namespace

bool IsTornWrite(Bytes log, size_t at, const std::optional<WriteMark>& mark) {
  size_t end = log.size();
  while (end > at && log[end - 1] == std::byte{0}) --end;
  for (size_t behind = at + 1; behind < end; ++behind) {
    if (AWriteBeginsAt(log, behind, mark)) return false;
  }
  if (RoomAt(at) >= LogRecord::kHeaderBytes) {
    const LogRecord record(&log[at]);
    const size_t room = RoomAt(at) - LogRecord::kTypeAt;
    if (record.FitsAnotherLength(log.subspan(at + LogRecord::kTypeAt, room))) return false;
    if (record.size() <= RoomAt(at)) {
      const Bytes content = log.subspan(at + LogRecord::kTypeAt, 1 + record.length);
      if (FitsWithAnotherBit(record, content)) return false;
      if (record.HasType() && record.length > 0 && AllZero(content.subspan(1))) return true;
      end = std::max(end, at + record.size());
    }
  }
  return LacksASector(log, at, end);
}

}  // namespace lumbung
