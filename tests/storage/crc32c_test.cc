#include "storage/crc32c.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

constexpr char kExtend[] = "_ZN7rocksdb6crc32c6ExtendEjPKcm";

std::span<const std::byte> BytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

std::vector<std::byte> RandomBytes(size_t size, std::mt19937_64& random) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

// Bit by bit, as the polynomial is written.
uint32_t Naive(std::span<const std::byte> bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

TEST(Crc32c, GivesTheValuesOfRfc3720) {
  EXPECT_EQ(Crc32c(0, BytesOf("123456789")), 0xe3069283u);
  std::vector<std::byte> bytes(32);
  EXPECT_EQ(Crc32c(0, bytes), 0x8a9136aau);
  std::fill(bytes.begin(), bytes.end(), std::byte{0xff});
  EXPECT_EQ(Crc32c(0, bytes), 0x62a8ab43u);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  EXPECT_EQ(Crc32c(0, bytes), 0x46dd794eu);
}

TEST(Crc32c, AgreesWithTheNaiveOneAtEveryLengthAndInEveryDivision) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<size_t> sizes;
  for (size_t size = 0; size < 900; ++size) sizes.push_back(size);
  for (size_t around : {6144u, 12288u, 65536u + 128u}) {
    for (size_t size = around - 9; size < around + 9; ++size) sizes.push_back(size);
  }
  for (const size_t size : sizes) {
    const std::vector<std::byte> bytes = RandomBytes(size + 8, random);
    const std::span<const std::byte> unaligned = std::span(bytes).subspan(random() % 8, size);
    const uint32_t expected = Naive(unaligned);
    ASSERT_EQ(Crc32c(0, unaligned), expected) << size;
    const size_t cut = size == 0 ? 0 : random() % size;
    ASSERT_EQ(Crc32c(Crc32c(0, unaligned.first(cut)), unaligned.subspan(cut)), expected) << size;
  }
}

#if defined(__x86_64__)

TEST(Crc32c, IsWhatTheCallsOfRocksDbReach) {
  Dl_info info{};
  void* const taken = dlsym(RTLD_DEFAULT, kExtend);
  ASSERT_NE(taken, nullptr) << "the program does not export it";
  ASSERT_NE(dladdr(taken, &info), 0);
  EXPECT_EQ(std::string_view(info.dli_fname).find("librocksdb"), std::string_view::npos)
      << "found in " << info.dli_fname;
  // The library's own is the next in the order of the search: both compute the same.
  void* const librarys = dlsym(RTLD_NEXT, kExtend);
  ASSERT_NE(librarys, nullptr) << "this RocksDB has no function of that name to take the place of";
  ASSERT_NE(librarys, taken);
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto extend = reinterpret_cast<uint32_t (*)(uint32_t, const char*, size_t)>(librarys);
  for (int i = 0; i < 100; ++i) {
    const std::vector<std::byte> bytes = RandomBytes(random() % 20'000, random);
    const auto begin = static_cast<uint32_t>(random());
    EXPECT_EQ(Crc32c(begin, bytes),
              extend(begin, reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
}

#endif

}  // namespace
}  // namespace lumbung
