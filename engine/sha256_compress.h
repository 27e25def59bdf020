// The compression function of SHA-256 (FIPS 180-4) on one message and on four: what sha256.cc is
// made of. By the processor's SHA instructions where it has them.
//
// Why four: an instruction that does two rounds gives its result after four cycles, but another can
// begin in each. One message alone uses a quarter of that; with four the schedule of the words is
// what takes the time. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lumbung::sha256 {

inline constexpr size_t kBlockBytes = 64;
inline constexpr size_t kSideBySide = 4;

using Words = std::array<uint32_t, 8>;
using FourWords = std::array<Words, kSideBySide>;
using FourMessages = std::array<const std::byte*, kSideBySide>;
using FourDigests = std::array<uint8_t*, kSideBySide>;

// The state before the first block.
inline constexpr Words kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// A final state as it is told.
inline void WriteDigest(const Words& state, uint8_t* digest) {
  for (size_t i = 0; i < state.size(); ++i) {
    const uint32_t word = __builtin_bswap32(state[i]);
    std::memcpy(digest + 4 * i, &word, sizeof(word));
  }
}

// Whether the processor's instructions are used.
bool UsesInstructions();

// Takes the next `count` blocks of a message.
void Compress(Words& state, const std::byte* blocks, size_t count);
void CompressPortable(Words& state, const std::byte* blocks, size_t count);
// The next `count` blocks of each message.
void CompressFour(FourWords& states, const FourMessages& blocks, size_t count);

// The digests of prefix ‖ message, padding and all, without a copy of any message. What two places
// name twice is hashed twice. REQUIRES: `length`, of each message, is a whole number of blocks, and
// one at least; there are 32 bytes at each of `digests`.
void HashPrefixedFour(std::byte prefix, const FourMessages& messages, size_t length,
                      const FourDigests& digests);

// The states behind prefix ‖ message but for the last byte, which is left for a next block.
// REQUIRES: as above.
void BeginPrefixedFour(std::byte prefix, const FourMessages& messages, size_t length,
                       FourWords& states);

// Without the instructions.
void CompressFourPortable(FourWords& states, const FourMessages& blocks, size_t count);
void HashPrefixedFourPortable(std::byte prefix, const FourMessages& messages, size_t length,
                              const FourDigests& digests);
void BeginPrefixedFourPortable(std::byte prefix, const FourMessages& messages, size_t length,
                               FourWords& states);

}  // namespace lumbung::sha256
