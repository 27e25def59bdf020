#include "engine/sha256_compress.h"

#include <bit>
#include <cstring>

#include "engine/check.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace lumbung::sha256 {

namespace {

alignas(16) constexpr uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t LoadBigEndian(const std::byte* bytes) {
  uint32_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return __builtin_bswap32(word);
}

}  // namespace

void CompressPortable(Words& state, const std::byte* blocks, size_t count) {
  for (; count > 0; --count, blocks += kBlockBytes) {
    uint32_t w[64];
    for (int t = 0; t < 16; ++t) w[t] = LoadBigEndian(blocks + 4 * t);
    for (int t = 16; t < 64; ++t) {
      const uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
      const uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (int t = 0; t < 64; ++t) {
      const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const uint32_t choice = (e & f) ^ (~e & g);
      const uint32_t t1 = h + sum1 + choice + kRound[t] + w[t];
      const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + sum0 + majority;
    }
    const Words sum = {a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < sum.size(); ++i) state[i] += sum[i];
  }
}

void CompressFourPortable(FourWords& states, const FourMessages& blocks, size_t count) {
  for (size_t m = 0; m < kSideBySide; ++m) CompressPortable(states[m], blocks[m], count);
}

void BeginPrefixedFourPortable(std::byte prefix, const FourMessages& messages, size_t length,
                               FourWords& states) {
  for (size_t m = 0; m < kSideBySide; ++m) {
    // The prefix moves everything by a byte, so each block is put together by itself.
    std::byte block[kBlockBytes];
    states[m] = kInitial;
    block[0] = prefix;
    for (size_t done = 0; done < length; done += kBlockBytes) {
      std::memcpy(block + 1, messages[m] + done, kBlockBytes - 1);
      CompressPortable(states[m], block, 1);
      block[0] = messages[m][done + kBlockBytes - 1];
    }
  }
}

void HashPrefixedFourPortable(std::byte prefix, const FourMessages& messages, size_t length,
                              const FourDigests& digests) {
  FourWords states;
  BeginPrefixedFourPortable(prefix, messages, length, states);
  for (size_t m = 0; m < kSideBySide; ++m) {
    std::byte block[kBlockBytes]{};
    block[0] = messages[m][length - 1];
    block[1] = std::byte{0x80};
    const uint64_t bits = __builtin_bswap64((1 + length) * 8);
    std::memcpy(block + kBlockBytes - sizeof(bits), &bits, sizeof(bits));
    CompressPortable(states[m], block, 1);
    WriteDigest(states[m], digests[m]);
  }
}

namespace {

#if defined(__x86_64__)

// __builtin_cpu_supports does not know "sha" in clang 14, which the fuzzers are compiled with; so
// the processor is asked itself ("CPUID" in Intel's Software Developer's Manual, volume 2).
bool HasShaInstructions() {
  constexpr unsigned kSse41 = 1U << 19;  // leaf 1, ecx
  constexpr unsigned kSha = 1U << 29;    // leaf 7, subleaf 0, ebx
  unsigned a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kSse41) == 0) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kSha) != 0;
}

// A state as the instructions keep it: a, b, e, f and c, d, g, h.
struct Pairs {
  __m128i abef;
  __m128i cdgh;
};

[[gnu::target("sha,sse4.1,ssse3"), gnu::always_inline]] inline Pairs Load(const Words& state) {
  const __m128i dcba = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data()));
  const __m128i hgfe = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data() + 4));
  const __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1B);
  return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

[[gnu::target("sha,sse4.1,ssse3"), gnu::always_inline]] inline void Store(const Pairs& pairs,
                                                                          Words& state) {
  const __m128i feba = _mm_shuffle_epi32(pairs.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(pairs.cdgh, 0xB1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data()), _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

// Four words between the processor's order of bytes and big endian, which is that of a message.
[[gnu::target("sha,sse4.1,ssse3"), gnu::always_inline]] inline __m128i SwapBytes(__m128i words) {
  return _mm_shuffle_epi8(words, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

[[gnu::target("sha,sse4.1,ssse3"), gnu::always_inline]] inline void StoreDigest(const Pairs& pairs,
                                                                                uint8_t* digest) {
  const __m128i feba = _mm_shuffle_epi32(pairs.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(pairs.cdgh, 0xB1);
  auto* const at = reinterpret_cast<__m128i*>(digest);
  _mm_storeu_si128(at, SwapBytes(_mm_blend_epi16(feba, dchg, 0xF0)));
  _mm_storeu_si128(at + 1, SwapBytes(_mm_alignr_epi8(dchg, feba, 8)));
}

// Sixteen words of a message.
struct Block {
  __m128i words[4];
};

[[gnu::target("sha,sse4.1,ssse3"), gnu::always_inline]] inline Block LoadBlock(
    const std::byte* bytes) {
  const auto* const at = reinterpret_cast<const __m128i*>(bytes);
  return {{SwapBytes(_mm_loadu_si128(at)), SwapBytes(_mm_loadu_si128(at + 1)),
           SwapBytes(_mm_loadu_si128(at + 2)), SwapBytes(_mm_loadu_si128(at + 3))}};
}

// The prefix and the first 63 bytes of the message.
[[gnu::target("sha,sse4.1,ssse3"), gnu::always_inline]] inline Block LoadPrefixed(
    std::byte prefix, const std::byte* message) {
  const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(message));
  const auto* const behind = reinterpret_cast<const __m128i*>(message + 15);
  return {{SwapBytes(
               _mm_or_si128(_mm_slli_si128(first, 1), _mm_cvtsi32_si128(static_cast<int>(prefix)))),
           SwapBytes(_mm_loadu_si128(behind)), SwapBytes(_mm_loadu_si128(behind + 1)),
           SwapBytes(_mm_loadu_si128(behind + 2))}};
}

// The last byte of the message, a 1 bit, zeros, and the length in bits.
[[gnu::target("sha,sse4.1,ssse3"), gnu::always_inline]] inline Block LastBlock(std::byte last,
                                                                               uint64_t bits) {
  return {{_mm_cvtsi32_si128(static_cast<int>(static_cast<uint32_t>(last) << 24 | 0x80'0000)),
           _mm_setzero_si128(), _mm_setzero_si128(),
           _mm_set_epi32(static_cast<int>(bits), static_cast<int>(bits >> 32), 0, 0)}};
}

// A block of each of `count` messages, side by side. The instructions do two rounds each; of the
// schedule's words the oldest four are replaced by the next.
template <int count>
[[gnu::target("sha,sse4.1,ssse3"), gnu::always_inline]] inline void Rounds(Pairs (&states)[count],
                                                                           Block (&blocks)[count]) {
  Pairs before[count];
  std::memcpy(before, states, sizeof(before));
#pragma GCC unroll 16
  for (int group = 0; group < 16; ++group) {
    const __m128i constants = _mm_load_si128(reinterpret_cast<const __m128i*>(kRound + 4 * group));
#pragma GCC unroll 4
    for (int m = 0; m < count; ++m) {
      __m128i(&w)[4] = blocks[m].words;
      Pairs& state = states[m];
      const __m128i sum = _mm_add_epi32(w[group % 4], constants);
      state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, sum);
      state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32(sum, 0x0E));
      if (group < 12) {
        const __m128i newest = w[(group + 3) % 4];
        const __m128i seven_back = _mm_alignr_epi8(newest, w[(group + 2) % 4], 4);
        const __m128i partial =
            _mm_add_epi32(_mm_sha256msg1_epu32(w[group % 4], w[(group + 1) % 4]), seven_back);
        w[group % 4] = _mm_sha256msg2_epu32(partial, newest);
      }
    }
  }
#pragma GCC unroll 4
  for (int m = 0; m < count; ++m) {
    states[m].abef = _mm_add_epi32(states[m].abef, before[m].abef);
    states[m].cdgh = _mm_add_epi32(states[m].cdgh, before[m].cdgh);
  }
}

[[gnu::target("sha,sse4.1,ssse3")]] void CompressSha(Words& state, const std::byte* blocks,
                                                     size_t count) {
  Pairs pairs[1] = {Load(state)};
  for (; count > 0; --count, blocks += kBlockBytes) {
    Block block[1] = {LoadBlock(blocks)};
    Rounds(pairs, block);
  }
  Store(pairs[0], state);
}

[[gnu::target("sha,sse4.1,ssse3")]] void CompressFourSha(FourWords& states,
                                                         const FourMessages& messages,
                                                         size_t count) {
  Pairs pairs[4] = {Load(states[0]), Load(states[1]), Load(states[2]), Load(states[3])};
  for (size_t at = 0; at < count * kBlockBytes; at += kBlockBytes) {
    Block blocks[4] = {LoadBlock(messages[0] + at), LoadBlock(messages[1] + at),
                       LoadBlock(messages[2] + at), LoadBlock(messages[3] + at)};
    Rounds(pairs, blocks);
  }
  for (size_t m = 0; m < kSideBySide; ++m) Store(pairs[m], states[m]);
}

[[gnu::target("sha,sse4.1,ssse3")]] void HashPrefixedFourSha(std::byte prefix,
                                                             const FourMessages& messages,
                                                             size_t length,
                                                             const FourDigests& digests) {
  const Pairs initial = Load(kInitial);
  Pairs pairs[4] = {initial, initial, initial, initial};
  for (size_t at = 0; at <= length; at += kBlockBytes) {
    Block blocks[4];
#pragma GCC unroll 4
    for (size_t m = 0; m < kSideBySide; ++m) {
      const std::byte* const message = messages[m];
      blocks[m] = at == 0        ? LoadPrefixed(prefix, message)
                  : at != length ? LoadBlock(message + at - 1)
                                 : LastBlock(message[length - 1], (1 + length) * 8);
    }
    Rounds(pairs, blocks);
  }
  for (size_t m = 0; m < kSideBySide; ++m) StoreDigest(pairs[m], digests[m]);
}

[[gnu::target("sha,sse4.1,ssse3")]] void BeginPrefixedFourSha(std::byte prefix,
                                                              const FourMessages& messages,
                                                              size_t length, FourWords& states) {
  const Pairs initial = Load(kInitial);
  Pairs pairs[4] = {initial, initial, initial, initial};
  for (size_t at = 0; at < length; at += kBlockBytes) {
    Block blocks[4];
#pragma GCC unroll 4
    for (size_t m = 0; m < kSideBySide; ++m) {
      blocks[m] = at == 0 ? LoadPrefixed(prefix, messages[m]) : LoadBlock(messages[m] + at - 1);
    }
    Rounds(pairs, blocks);
  }
  for (size_t m = 0; m < kSideBySide; ++m) Store(pairs[m], states[m]);
}

#else

bool HasShaInstructions() { return false; }
void CompressSha(Words& state, const std::byte* blocks, size_t count) {
  CompressPortable(state, blocks, count);
}
void CompressFourSha(FourWords& states, const FourMessages& messages, size_t count) {
  CompressFourPortable(states, messages, count);
}
void HashPrefixedFourSha(std::byte prefix, const FourMessages& messages, size_t length,
                         const FourDigests& digests) {
  HashPrefixedFourPortable(prefix, messages, length, digests);
}
void BeginPrefixedFourSha(std::byte prefix, const FourMessages& messages, size_t length,
                          FourWords& states) {
  BeginPrefixedFourPortable(prefix, messages, length, states);
}

#endif

}  // namespace

bool UsesInstructions() {
  static const bool has = HasShaInstructions();
  return has;
}

void Compress(Words& state, const std::byte* blocks, size_t count) {
  return UsesInstructions() ? CompressSha(state, blocks, count)
                            : CompressPortable(state, blocks, count);
}

void CompressFour(FourWords& states, const FourMessages& blocks, size_t count) {
  return UsesInstructions() ? CompressFourSha(states, blocks, count)
                            : CompressFourPortable(states, blocks, count);
}

void HashPrefixedFour(std::byte prefix, const FourMessages& messages, size_t length,
                      const FourDigests& digests) {
  LUMBUNG_CHECK(length > 0 && length % kBlockBytes == 0);
  return UsesInstructions() ? HashPrefixedFourSha(prefix, messages, length, digests)
                            : HashPrefixedFourPortable(prefix, messages, length, digests);
}

void BeginPrefixedFour(std::byte prefix, const FourMessages& messages, size_t length,
                       FourWords& states) {
  LUMBUNG_CHECK(length > 0 && length % kBlockBytes == 0);
  return UsesInstructions() ? BeginPrefixedFourSha(prefix, messages, length, states)
                            : BeginPrefixedFourPortable(prefix, messages, length, states);
}

}  // namespace lumbung::sha256
