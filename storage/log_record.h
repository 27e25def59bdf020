// The records of RocksDB's logs, as far as damage in them is looked for.
//
// A log is blocks of 32 KiB, the last one as long as it is. A block is records, and up to 6 zeros
// where no header fits any more. A record, integers little endian:
//
//   checksum  4  masked CRC-32C of type and payload
//   length    2  of the payload
//   type      1  1 whole, 2 first, 3 middle, 4 last part
//   payload
//
// (RocksDB's wiki, "Write Ahead Log File Format"; the types of recycled logs are not written here.)
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "storage/crc32c.h"

namespace lumbung {

struct LogRecord {
  using Bytes = std::span<const std::byte>;

  static constexpr size_t kBlockBytes = 32768;
  static constexpr size_t kHeaderBytes = 7;
  static constexpr size_t kLengthAt = 4;
  static constexpr size_t kTypeAt = 6;
  static constexpr uint8_t kWhole = 1;
  static constexpr uint8_t kFirst = 2;

  // REQUIRES: kHeaderBytes at `bytes`.
  explicit LogRecord(const std::byte* bytes) : type(static_cast<uint8_t>(bytes[kTypeAt])) {
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(&checksum, bytes, sizeof(checksum));
    std::memcpy(&length, bytes + kLengthAt, sizeof(length));
  }

  bool HasType() const { return type >= 1 && type <= 4; }
  // Whether what is written begins with it, and not with one before it.
  bool BeginsAWrite() const { return type == kWhole || type == kFirst; }
  size_t size() const { return kHeaderBytes + length; }

  static uint32_t Masked(uint32_t crc) { return std::rotr(crc, 15) + kMask; }
  static uint32_t Unmasked(uint32_t masked) { return std::rotl(masked - kMask, 15); }
  // Whether the checksum is that of these bytes: the type and the payload.
  bool Fits(Bytes type_and_payload) const {
    return Masked(Crc32c(0, type_and_payload)) == checksum;
  }

  // Whether it is that of the type and some other length of payload than the header says.
  bool FitsAnotherLength(Bytes type_and_rest) const {
    uint32_t crc = 0;
    return std::any_of(type_and_rest.begin(), type_and_rest.end(), [&](const std::byte& byte) {
      crc = Crc32c(crc, {&byte, 1});
      return Masked(crc) == checksum;
    });
  }

  uint32_t checksum = 0;
  uint16_t length = 0;
  uint8_t type = 0;

 private:
  static constexpr uint32_t kMask = 0xa282ead8;
};

// Through memcmp: of a reserved log these are tens of megabytes, which take 27 ms byte by byte.
inline bool AllZero(LogRecord::Bytes bytes) {
  return bytes.empty() || (bytes.front() == std::byte{0} &&
                           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace lumbung
