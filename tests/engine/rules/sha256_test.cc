#include "engine/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "engine/sha256_compress.h"
#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

std::string Hex(const Sha256Digest& digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", byte);
    text += digits;
  }
  return text;
}

std::vector<std::byte> RandomBytes(size_t size, std::mt19937_64& random) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

// prefix ‖ front ‖ back, hashed the slow way.
Sha256Digest HashOfPrefixed(std::byte prefix, const SplitMessage& message) {
  std::vector<std::byte> bytes{prefix};
  bytes.insert(bytes.end(), message.front.begin(), message.front.end());
  bytes.insert(bytes.end(), message.back.begin(), message.back.end());
  return Sha256Portable(bytes);
}

std::string HashOf(const std::string& text) { return Hex(Sha256(std::as_bytes(std::span(text)))); }

// The examples of FIPS 180-4 and of NIST's test vectors.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(HashOf(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HashOf("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(HashOf(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, IsTheSameWithAndWithoutTheProcessorsInstructions) {
  std::mt19937_64 random(TestSeed());
  for (size_t size = 0; size < 300; ++size) {
    std::vector<std::byte> data(size);
    for (std::byte& byte : data) byte = static_cast<std::byte>(random());
    EXPECT_EQ(Sha256(data), Sha256Portable(data)) << size << " bytes";
  }
}

TEST(Sha256, GivesEachOfManyMessagesOfOneLengthItsOwnDigest) {
  constexpr std::byte kPrefix{0x01};
  std::mt19937_64 random(TestSeed());
  for (const size_t length : {0, 1, 54, 55, 63, 64, 65, 100, 127, 128, 192, 319, 320}) {
    for (const size_t count : {1, 2, 3, 4, 5, 7, 8, 9}) {
      const std::vector<std::byte> messages = RandomBytes(length * count, random);
      std::vector<Sha256Digest> digests(count);
      Sha256OfPrefixed(kPrefix, messages, length, digests);
      for (size_t i = 0; i < count; ++i) {
        const auto message = std::span(messages).subspan(i * length, length);
        EXPECT_EQ(digests[i], HashOfPrefixed(kPrefix, {message, {}}))
            << i << " of " << count << ", " << length << " bytes";
      }
    }
  }
}

TEST(Sha256, GivesEachOfManyMessagesOfDifferentLengthsItsOwnDigest) {
  constexpr std::byte kPrefix{0x00};
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < 200; ++round) {
    const std::vector<std::byte> bytes = RandomBytes(4096, random);
    std::vector<SplitMessage> messages(random() % 20);
    for (SplitMessage& message : messages) {
      // Whole blocks with nothing behind them, as an entry without attachment, half of the time.
      const size_t front = random() % 4 * 64 + (random() % 4 == 0 ? random() % 64 : 0);
      const size_t back = random() % 2 == 0 ? 0 : random() % (kMaxSplitBytes - front + 1);
      message = {std::span(bytes).subspan(random() % 2000, front),
                 std::span(bytes).subspan(random() % 2000, back)};
    }
    std::vector<Sha256Digest> digests(messages.size());
    Sha256OfPrefixed(kPrefix, messages, digests);
    for (size_t i = 0; i < messages.size(); ++i) {
      EXPECT_EQ(digests[i], HashOfPrefixed(kPrefix, messages[i])) << "message " << i;
    }
  }
}

TEST(Sha256, GivesEachOfManyLongMessagesItsOwnDigest) {
  std::mt19937_64 random(TestSeed());
  const std::vector<std::byte> bytes = RandomBytes(1 << 16, random);
  for (size_t count = 0; count < 10; ++count) {
    std::vector<SplitMessage> messages(count);
    std::vector<std::span<const std::byte>> whole;
    for (SplitMessage& message : messages) {
      const size_t size = 64 + (random() % 2 == 0 ? 30'000 : random() % 300);
      whole.push_back(std::span(bytes).subspan(random() % 30'000, size));
      message = {whole.back().first(64), whole.back().subspan(64)};
    }
    std::vector<Sha256Digest> digests(count);
    Sha256OfAll(messages, digests);
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(digests[i], Sha256Portable(whole[i]));
  }
}

TEST(Sha256, HashesFourSideBySideAlikeWithAndWithoutTheProcessorsInstructions) {
  constexpr std::byte kPrefix{0x80};
  std::mt19937_64 random(TestSeed());
  for (const size_t blocks : {1, 2, 5}) {
    const size_t length = blocks * sha256::kBlockBytes;
    const std::vector<std::byte> bytes = RandomBytes(4 * length, random);
    std::array<Sha256Digest, 4> digests;
    std::array<Sha256Digest, 4> portable;
    sha256::FourMessages messages;
    for (size_t m = 0; m < 4; ++m) messages[m] = bytes.data() + m * length;
    sha256::HashPrefixedFour(
        kPrefix, messages, length,
        {digests[0].data(), digests[1].data(), digests[2].data(), digests[3].data()});
    sha256::HashPrefixedFourPortable(
        kPrefix, messages, length,
        {portable[0].data(), portable[1].data(), portable[2].data(), portable[3].data()});
    EXPECT_EQ(digests, portable);
    EXPECT_EQ(digests[3], HashOfPrefixed(kPrefix, {std::span(bytes).last(length), {}}));
    sha256::FourWords states;
    states.fill(sha256::kInitial);
    sha256::FourWords others = states;
    sha256::CompressFour(states, messages, blocks);
    sha256::CompressFourPortable(others, messages, blocks);
    EXPECT_EQ(states, others);
  }
}

}  // namespace
}  // namespace lumbung
