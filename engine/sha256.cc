#include "engine/sha256.h"

#include <algorithm>
#include <cstring>

#include "engine/check.h"
#include "engine/sha256_compress.h"

namespace lumbung {

namespace {

using sha256::FourDigests;
using sha256::FourMessages;
using sha256::FourWords;
using sha256::kBlockBytes;
using sha256::kInitial;
using sha256::kSideBySide;
using sha256::Words;
using CompressFunction = void (*)(Words& state, const std::byte* blocks, size_t count);

// The end of a message as it is hashed: a byte, two parts, a 1 bit, zeros, the length in bits.
class PaddedMessage {
 public:
  // `before` are the bytes of the message that are not in here, a whole number of blocks.
  void Set(size_t before, std::byte first, const SplitMessage& rest) {
    const size_t length = 1 + rest.front.size() + rest.back.size();
    LUMBUNG_CHECK(length <= 1 + kMaxSplitBytes);
    block_count_ = (length + 1 + sizeof(uint64_t) + kBlockBytes - 1) / kBlockBytes;
    bytes_[0] = first;
    // Empty parts may have no address, which std::ranges::copy takes and memcpy does not.
    auto* end = std::ranges::copy(rest.front, bytes_.data() + 1).out;
    end = std::ranges::copy(rest.back, end).out;
    *end++ = std::byte{0x80};
    const uint64_t bits = __builtin_bswap64(uint64_t{before + length} * 8);
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
  sha256::WriteDigest(state, digest.data());
  return digest;
}

// The digest of a message of `length` bytes, of which the state has all but `rest`, less than a
// block: the rest, a 1 bit, zeros, and the length in bits, in one block or two.
Sha256Digest Finish(Words state, std::span<const std::byte> rest, size_t length,
                    CompressFunction compress) {
  std::array<std::byte, 2 * kBlockBytes> tail{};
  std::ranges::copy(rest, tail.begin());
  tail[rest.size()] = std::byte{0x80};
  const size_t blocks = rest.size() + 1 + sizeof(uint64_t) <= kBlockBytes ? 1 : 2;
  const uint64_t bits = __builtin_bswap64(uint64_t{length} * 8);
  std::memcpy(tail.data() + blocks * kBlockBytes - sizeof(bits), &bits, sizeof(bits));
  compress(state, tail.data(), blocks);
  return BigEndian(state);
}

Sha256Digest Digest(std::span<const std::byte> data, CompressFunction compress) {
  Words state = kInitial;
  const size_t whole = data.size() / kBlockBytes;
  compress(state, data.data(), whole);
  return Finish(state, data.subspan(whole * kBlockBytes), data.size(), compress);
}

// Whose digests come together; where fewer than four are left, the last one fills the other places.
struct Four {
  std::array<size_t, kSideBySide> places;
  size_t count = 0;

  void Fill() { std::fill(places.begin() + count, places.end(), places[count - 1]); }
};

// Of messages that are whole blocks and of one length: without a copy.
void HashBare(std::byte prefix, std::span<const SplitMessage> messages, Four& four,
              std::span<Sha256Digest> out) {
  if (four.count == 0) return;
  four.Fill();
  FourMessages fronts;
  FourDigests digests;
  for (size_t m = 0; m < kSideBySide; ++m) {
    fronts[m] = messages[four.places[m]].front.data();
    digests[m] = out[four.places[m]].data();
  }
  sha256::HashPrefixedFour(prefix, fronts, messages[four.places[0]].front.size(), digests);
  four.count = 0;
}

using FourPadded = std::array<PaddedMessage, kSideBySide>;

// As many blocks as all four have, side by side; what one has more, alone.
void CompressPadded(const FourPadded& padded, FourWords& states, const Four& four,
                    std::span<Sha256Digest> out) {
  FourMessages blocks;
  size_t shared = SIZE_MAX;
  for (size_t m = 0; m < kSideBySide; ++m) {
    blocks[m] = padded[m].blocks();
    shared = std::min(shared, padded[m].block_count());
  }
  if (four.count == 1) shared = 0;
  sha256::CompressFour(states, blocks, shared);
  for (size_t m = 0; m < four.count; ++m) {
    sha256::Compress(states[m], blocks[m] + shared * kBlockBytes, padded[m].block_count() - shared);
    out[four.places[m]] = BigEndian(states[m]);
  }
}

// Of messages whose fronts are whole blocks and of one length: only what is behind is copied.
void HashAttached(std::byte prefix, std::span<const SplitMessage> messages, Four& four,
                  std::span<Sha256Digest> out) {
  if (four.count == 0) return;
  four.Fill();
  const size_t length = messages[four.places[0]].front.size();
  FourMessages fronts;
  FourPadded padded;
  for (size_t m = 0; m < kSideBySide; ++m) {
    const SplitMessage& message = messages[four.places[m]];
    fronts[m] = message.front.data();
    padded[m].Set(length, message.front.back(), {.front = {}, .back = message.back});
  }
  FourWords states;
  sha256::BeginPrefixedFour(prefix, fronts, length, states);
  CompressPadded(padded, states, four, out);
  four.count = 0;
}

// Of any messages.
void HashPadded(std::byte prefix, std::span<const SplitMessage> messages, Four& four,
                std::span<Sha256Digest> out) {
  if (four.count == 0) return;
  four.Fill();
  FourPadded padded;
  for (size_t m = 0; m < kSideBySide; ++m) padded[m].Set(0, prefix, messages[four.places[m]]);
  FourWords states = {kInitial, kInitial, kInitial, kInitial};
  CompressPadded(padded, states, four, out);
  four.count = 0;
}

}  // namespace

bool HasSha256Instructions() { return sha256::UsesInstructions(); }

Sha256Digest Sha256(std::span<const std::byte> data) { return Digest(data, sha256::Compress); }

Sha256Digest Sha256Portable(std::span<const std::byte> data) {
  return Digest(data, sha256::CompressPortable);
}

void Sha256OfPrefixed(std::byte prefix, std::span<const SplitMessage> messages,
                      std::span<Sha256Digest> out) {
  LUMBUNG_CHECK(messages.size() == out.size());
  Four bare;
  Four attached;
  Four others;
  const auto put = [&](size_t place, Four& four, auto hash) {
    // Fronts of another length wait for no more of their own.
    if (four.count > 0 && &four != &others &&
        messages[four.places[0]].front.size() != messages[place].front.size()) {
      hash(prefix, messages, four, out);
    }
    four.places[four.count++] = place;
    if (four.count == kSideBySide) hash(prefix, messages, four, out);
  };
  for (size_t i = 0; i < messages.size(); ++i) {
    const size_t length = messages[i].front.size();
    if (length == 0 || length % kBlockBytes != 0) {
      put(i, others, HashPadded);
    } else if (messages[i].back.empty()) {
      put(i, bare, HashBare);
    } else {
      put(i, attached, HashAttached);
    }
  }
  HashBare(prefix, messages, bare, out);
  HashAttached(prefix, messages, attached, out);
  HashPadded(prefix, messages, others, out);
}

void Sha256OfPrefixed(std::byte prefix, std::span<const std::byte> messages, size_t length,
                      std::span<Sha256Digest> out) {
  LUMBUNG_CHECK(messages.size() == length * out.size());
  if (length == 0 || length % kBlockBytes != 0) {
    for (size_t i = 0; i < out.size(); ++i) {
      const SplitMessage message{.front = messages.subspan(i * length, length), .back = {}};
      Sha256OfPrefixed(prefix, {&message, 1}, out.subspan(i, 1));
    }
    return;
  }
  for (size_t begin = 0; begin < out.size(); begin += kSideBySide) {
    FourMessages four;
    FourDigests digests;
    for (size_t m = 0; m < kSideBySide; ++m) {
      const size_t place = std::min(begin + m, out.size() - 1);
      four[m] = messages.data() + place * length;
      digests[m] = out[place].data();
    }
    sha256::HashPrefixedFour(prefix, four, length, digests);
  }
}

void Sha256OfAll(std::span<const SplitMessage> messages, std::span<Sha256Digest> out) {
  LUMBUNG_CHECK(messages.size() == out.size());
  for (size_t begin = 0; begin < messages.size(); begin += kSideBySide) {
    const size_t count = std::min(kSideBySide, messages.size() - begin);
    FourMessages fronts;
    FourMessages backs;
    size_t shared = SIZE_MAX;  // blocks of the parts behind
    for (size_t m = 0; m < kSideBySide; ++m) {
      const SplitMessage& message = messages[begin + std::min(m, count - 1)];
      LUMBUNG_CHECK(message.front.size() == kBlockBytes);
      fronts[m] = message.front.data();
      backs[m] = message.back.data();
      shared = std::min(shared, message.back.size() / kBlockBytes);
    }
    FourWords states = {kInitial, kInitial, kInitial, kInitial};
    sha256::CompressFour(states, fronts, 1);
    sha256::CompressFour(states, backs, shared);
    for (size_t m = 0; m < count; ++m) {
      const auto back = messages[begin + m].back;
      const size_t whole = back.size() / kBlockBytes;
      sha256::Compress(states[m], backs[m] + shared * kBlockBytes, whole - shared);
      out[begin + m] = Finish(states[m], back.subspan(whole * kBlockBytes),
                              kBlockBytes + back.size(), sha256::Compress);
    }
  }
}

}  // namespace lumbung
