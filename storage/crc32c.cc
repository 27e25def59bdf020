#include "storage/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace lumbung {

namespace {

// x^32 + x^28 + … + 1 without its highest term, lowest power in the highest bit.
constexpr uint32_t kPolynomial = 0x82f63b78;

// The CRC after one more zero bit.
constexpr uint32_t AfterZeroBit(uint32_t crc) {
  return (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
}

#if defined(__x86_64__)

// What `Bytes` zero bytes do to a CRC, as a table for each of its bytes: the step is linear in the
// CRC's bits, so the results for its four bytes add up.
template <size_t Bytes>
class ZeroShift {
 public:
  constexpr ZeroShift() {
    std::array<uint32_t, 32> of_bit{};
    for (size_t bit = 0; bit < 32; ++bit) {
      uint32_t crc = uint32_t{1} << bit;
      for (size_t i = 0; i < 8 * Bytes; ++i) crc = AfterZeroBit(crc);
      of_bit[bit] = crc;
    }
    for (size_t byte = 0; byte < 4; ++byte) {
      for (size_t value = 0; value < 256; ++value) {
        for (size_t bit = 0; bit < 8; ++bit) {
          if ((value >> bit & 1) != 0) tables_[byte][value] ^= of_bit[8 * byte + bit];
        }
      }
    }
  }

  uint32_t operator()(uint32_t crc) const {
    return tables_[0][crc & 0xff] ^ tables_[1][crc >> 8 & 0xff] ^ tables_[2][crc >> 16 & 0xff] ^
           tables_[3][crc >> 24];
  }

 private:
  std::array<std::array<uint32_t, 256>, 4> tables_{};
};

// The instruction takes 3 cycles until its result can be used, but one can begin in every cycle: so
// three lanes run side by side, and their CRCs are joined at the end. Long lanes for blocks of 64
// KiB, short ones for what is left.
constexpr size_t kLongLane = 2048;
constexpr size_t kShortLane = 128;
constexpr ZeroShift<kLongLane> kShiftLong;
constexpr ZeroShift<kShortLane> kShiftShort;

uint64_t Load(const std::byte* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

template <size_t Lane>
__attribute__((target("sse4.2"))) uint32_t ThreeLanes(uint32_t crc, const std::byte* bytes,
                                                      const ZeroShift<Lane>& shift) {
  uint64_t first = crc;
  uint64_t second = 0;
  uint64_t third = 0;
  for (size_t i = 0; i < Lane; i += sizeof(uint64_t)) {
    first = _mm_crc32_u64(first, Load(bytes + i));
    second = _mm_crc32_u64(second, Load(bytes + Lane + i));
    third = _mm_crc32_u64(third, Load(bytes + 2 * Lane + i));
  }
  const uint32_t joined = shift(static_cast<uint32_t>(first)) ^ static_cast<uint32_t>(second);
  return shift(joined) ^ static_cast<uint32_t>(third);
}

__attribute__((target("sse4.2"))) uint32_t Extend(uint32_t crc, const std::byte* bytes,
                                                  size_t size) {
  crc = ~crc;
  for (; size >= 3 * kLongLane; size -= 3 * kLongLane, bytes += 3 * kLongLane) {
    crc = ThreeLanes(crc, bytes, kShiftLong);
  }
  for (; size >= 3 * kShortLane; size -= 3 * kShortLane, bytes += 3 * kShortLane) {
    crc = ThreeLanes(crc, bytes, kShiftShort);
  }
  for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), bytes += sizeof(uint64_t)) {
    crc = static_cast<uint32_t>(_mm_crc32_u64(crc, Load(bytes)));
  }
  for (; size > 0; --size, ++bytes) crc = _mm_crc32_u8(crc, std::to_integer<uint8_t>(*bytes));
  return ~crc;
}

#else

uint32_t Extend(uint32_t crc, const std::byte* bytes, size_t size) {
  crc = ~crc;
  for (size_t i = 0; i < size; ++i) {
    crc ^= std::to_integer<uint8_t>(bytes[i]);
    for (int bit = 0; bit < 8; ++bit) crc = AfterZeroBit(crc);
  }
  return ~crc;
}

#endif

}  // namespace

uint32_t Crc32c(uint32_t crc, std::span<const std::byte> bytes) {
  return Extend(crc, bytes.data(), bytes.size());
}

}  // namespace lumbung

#if defined(__x86_64__)

// As RocksDB declares it in its util/crc32c.h, which is not among the headers that are installed.
namespace rocksdb::crc32c {

__attribute__((visibility("default"))) uint32_t Extend(uint32_t crc, const char* data,
                                                       size_t size) {
  return lumbung::Extend(crc, reinterpret_cast<const std::byte*>(data), size);
}

}  // namespace rocksdb::crc32c

#endif
