#include "engine/sha256.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lumbung {

namespace {

using Words = std::array<uint32_t, 8>;
using CompressFunction = void (*)(Words& state, const std::byte* blocks, size_t count);

constexpr size_t kBlockBytes = 64;

constexpr Words kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

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

#if defined(__x86_64__)

// The instructions keep the state as the pairs ABEF and CDGH and do two rounds each.
__attribute__((target("sha,sse4.1,ssse3"))) void CompressSha(Words& state, const std::byte* blocks,
                                                             size_t count) {
  const __m128i byte_order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const __m128i dcba = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data()));
  const __m128i hgfe = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data() + 4));
  const __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1B);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
  for (; count > 0; --count, blocks += kBlockBytes) {
    const __m128i abef_before = abef;
    const __m128i cdgh_before = cdgh;
    // Four words of the message schedule each; the oldest is replaced by the next.
    __m128i w[4];
    for (int i = 0; i < 4; ++i) {
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks + 16 * i)),
                              byte_order);
    }
#pragma GCC unroll 16
    for (int group = 0; group < 16; ++group) {
      const __m128i constants =
          _mm_load_si128(reinterpret_cast<const __m128i*>(kRound + 4 * group));
      const __m128i sum = _mm_add_epi32(w[group % 4], constants);
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
      if (group < 12) {
        const __m128i newest = w[(group + 3) % 4];
        const __m128i seven_back = _mm_alignr_epi8(newest, w[(group + 2) % 4], 4);
        const __m128i partial =
            _mm_add_epi32(_mm_sha256msg1_epu32(w[group % 4], w[(group + 1) % 4]), seven_back);
        w[group % 4] = _mm_sha256msg2_epu32(partial, newest);
      }
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data()), _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

// Two messages of `count` blocks each, side by side: the same steps as above.
__attribute__((target("sha,sse4.1,ssse3"))) void CompressShaTwo(Words states[2],
                                                                const std::byte* const messages[2],
                                                                size_t count) {
  const __m128i byte_order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i abef[2];
  __m128i cdgh[2];
  for (int m = 0; m < 2; ++m) {
    const auto* const words = reinterpret_cast<const __m128i*>(states[m].data());
    const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xB1);
    const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1B);
    abef[m] = _mm_alignr_epi8(cdab, efgh, 8);
    cdgh[m] = _mm_blend_epi16(efgh, cdab, 0xF0);
  }
  for (size_t block = 0; block < count; ++block) {
    const __m128i abef_before[2] = {abef[0], abef[1]};
    const __m128i cdgh_before[2] = {cdgh[0], cdgh[1]};
    __m128i w[2][4];
    for (int m = 0; m < 2; ++m) {
      const auto* const words = reinterpret_cast<const __m128i*>(messages[m] + block * kBlockBytes);
      for (int i = 0; i < 4; ++i) {
        w[m][i] = _mm_shuffle_epi8(_mm_loadu_si128(words + i), byte_order);
      }
    }
#pragma GCC unroll 16
    for (int group = 0; group < 16; ++group) {
      const __m128i constants =
          _mm_load_si128(reinterpret_cast<const __m128i*>(kRound + 4 * group));
#pragma GCC unroll 2
      for (int m = 0; m < 2; ++m) {
        const __m128i sum = _mm_add_epi32(w[m][group % 4], constants);
        cdgh[m] = _mm_sha256rnds2_epu32(cdgh[m], abef[m], sum);
        abef[m] = _mm_sha256rnds2_epu32(abef[m], cdgh[m], _mm_shuffle_epi32(sum, 0x0E));
        if (group < 12) {
          const __m128i newest = w[m][(group + 3) % 4];
          const __m128i seven_back = _mm_alignr_epi8(newest, w[m][(group + 2) % 4], 4);
          const __m128i partial = _mm_add_epi32(
              _mm_sha256msg1_epu32(w[m][group % 4], w[m][(group + 1) % 4]), seven_back);
          w[m][group % 4] = _mm_sha256msg2_epu32(partial, newest);
        }
      }
    }
    for (int m = 0; m < 2; ++m) {
      abef[m] = _mm_add_epi32(abef[m], abef_before[m]);
      cdgh[m] = _mm_add_epi32(cdgh[m], cdgh_before[m]);
    }
  }
  for (int m = 0; m < 2; ++m) {
    auto* const words = reinterpret_cast<__m128i*>(states[m].data());
    const __m128i feba = _mm_shuffle_epi32(abef[m], 0x1B);
    const __m128i dchg = _mm_shuffle_epi32(cdgh[m], 0xB1);
    _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
  }
}

bool HasShaInstructions() {
#ifdef __clang__
  return false;  // clang 14 (the fuzzers) can't be asked for "sha"
#else
  return __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1");
#endif
}

void CompressTwo(Words states[2], const std::byte* const messages[2], size_t count) {
  static const bool has = HasShaInstructions();
  if (has) return CompressShaTwo(states, messages, count);
  for (int m = 0; m < 2; ++m) CompressPortable(states[m], messages[m], count);
}

CompressFunction FastestCompress() { return HasShaInstructions() ? CompressSha : CompressPortable; }

#else

CompressFunction FastestCompress() { return CompressPortable; }

void CompressTwo(Words states[2], const std::byte* const messages[2], size_t count) {
  for (int m = 0; m < 2; ++m) CompressPortable(states[m], messages[m], count);
}

#endif

// A message as it is hashed: a prefix, two parts, a 1 bit, zeros, the length in bits.
class PaddedMessage {
 public:
  void Set(std::byte prefix, const SplitMessage& message) {
    const size_t length = 1 + message.front.size() + message.back.size();
    LUMBUNG_CHECK(length <= 1 + kMaxSplitBytes);
    block_count_ = (length + 1 + sizeof(uint64_t) + kBlockBytes - 1) / kBlockBytes;
    bytes_[0] = prefix;
    // Empty parts may have no address, which std::ranges::copy takes and memcpy does not.
    auto* end = std::ranges::copy(message.front, bytes_.data() + 1).out;
    end = std::ranges::copy(message.back, end).out;
    *end++ = std::byte{0x80};
    const uint64_t bits = __builtin_bswap64(uint64_t{length} * 8);
    std::byte* const bits_at = bytes_.data() + block_count_ * kBlockBytes - sizeof(bits);
    std::fill(end, bits_at, std::byte{0});
    std::memcpy(bits_at, &bits, sizeof(bits));
  }

  const std::byte* blocks() const { return bytes_.data(); }
  size_t block_count() const { return block_count_; }

 private:
  static constexpr size_t kMostBlocks =
      (1 + kMaxSplitBytes + 1 + sizeof(uint64_t) + kBlockBytes - 1) / kBlockBytes;

  std::array<std::byte, kMostBlocks * kBlockBytes> bytes_;
  size_t block_count_ = 0;
};

Sha256Digest BigEndian(const Words& state) {
  Sha256Digest digest;
  for (size_t i = 0; i < state.size(); ++i) {
    const uint32_t word = __builtin_bswap32(state[i]);
    std::memcpy(digest.data() + 4 * i, &word, sizeof(word));
  }
  return digest;
}

Sha256Digest Digest(std::span<const std::byte> data, CompressFunction compress) {
  Words state = kInitial;
  const size_t whole = data.size() / kBlockBytes;
  compress(state, data.data(), whole);
  // The rest, a 1 bit, zeros, and the length in bits, in one block or two.
  std::array<std::byte, 2 * kBlockBytes> tail{};
  const size_t rest = data.size() - whole * kBlockBytes;
  if (rest > 0) std::memcpy(tail.data(), data.data() + whole * kBlockBytes, rest);
  tail[rest] = std::byte{0x80};
  const size_t blocks = rest + 1 + sizeof(uint64_t) <= kBlockBytes ? 1 : 2;
  const uint64_t bits = __builtin_bswap64(uint64_t{data.size()} * 8);
  std::memcpy(tail.data() + blocks * kBlockBytes - sizeof(bits), &bits, sizeof(bits));
  compress(state, tail.data(), blocks);
  return BigEndian(state);
}

}  // namespace

Sha256Digest Sha256(std::span<const std::byte> data) {
  static const CompressFunction compress = FastestCompress();
  return Digest(data, compress);
}

Sha256Digest Sha256Portable(std::span<const std::byte> data) {
  return Digest(data, CompressPortable);
}

void Sha256OfPrefixed(std::byte prefix, std::span<const std::byte> messages, size_t length,
                      std::span<Sha256Digest> out) {
  LUMBUNG_CHECK(length <= kMaxPrefixedBytes && messages.size() == length * out.size());
  // Prefix, message, a 1 bit, zeros, the length in bits: laid out once, only messages change.
  constexpr size_t kMostBlocks = (1 + kMaxPrefixedBytes + 9 + kBlockBytes - 1) / kBlockBytes;
  std::array<std::array<std::byte, kMostBlocks * kBlockBytes>, 2> padded{};
  const size_t blocks = (1 + length + 9 + kBlockBytes - 1) / kBlockBytes;
  const uint64_t bits = __builtin_bswap64((1 + length) * 8);
  for (auto& message : padded) {
    message[0] = prefix;
    message[1 + length] = std::byte{0x80};
    std::memcpy(message.data() + blocks * kBlockBytes - sizeof(bits), &bits, sizeof(bits));
  }
  const std::byte* const both[2] = {padded[0].data(), padded[1].data()};
  for (size_t i = 0; i < out.size(); i += 2) {
    const size_t second = std::min(i + 1, out.size() - 1);  // an odd one is hashed with itself
    // Empty messages may have no address, which std::copy_n takes and memcpy does not.
    std::copy_n(messages.begin() + static_cast<std::ptrdiff_t>(i * length), length,
                padded[0].begin() + 1);
    std::copy_n(messages.begin() + static_cast<std::ptrdiff_t>(second * length), length,
                padded[1].begin() + 1);
    Words states[2] = {kInitial, kInitial};
    CompressTwo(states, both, blocks);
    out[i] = BigEndian(states[0]);
    out[second] = BigEndian(states[1]);
  }
}

void Sha256OfPrefixed(std::byte prefix, std::span<const SplitMessage> messages,
                      std::span<Sha256Digest> out) {
  LUMBUNG_CHECK(messages.size() == out.size());
  static const CompressFunction compress = FastestCompress();
  PaddedMessage padded[2];
  const std::byte* const both[2] = {padded[0].blocks(), padded[1].blocks()};
  for (size_t i = 0; i < out.size(); i += 2) {
    const size_t second = std::min(i + 1, out.size() - 1);  // an odd one is hashed with itself
    padded[0].Set(prefix, messages[i]);
    padded[1].Set(prefix, messages[second]);
    Words states[2] = {kInitial, kInitial};
    // As many blocks as both have, side by side; what one has more, alone.
    const size_t shared = std::min(padded[0].block_count(), padded[1].block_count());
    CompressTwo(states, both, shared);
    for (size_t m = 0; m < 2; ++m) {
      compress(states[m], both[m] + shared * kBlockBytes, padded[m].block_count() - shared);
    }
    out[i] = BigEndian(states[0]);
    out[second] = BigEndian(states[1]);
  }
}

}  // namespace lumbung
