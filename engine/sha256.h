// SHA-256 (FIPS 180-4), for the hash of the state, for the Merkle tree and for blocks that are read
// back. Uses the processor's SHA instructions where it has them (sha256_compress.h). What seals a
// block is storage's own, and does not come through here. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lumbung {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(std::span<const std::byte> data);

// The same without the processor's instructions, so that a test can compare the two.
Sha256Digest Sha256Portable(std::span<const std::byte> data);

// Whether this processor has the instructions.
bool HasSha256Instructions();

// A message in two parts, the second behind the first.
struct SplitMessage {
  std::span<const std::byte> front;
  std::span<const std::byte> back;
};

// The following hash four messages side by side where the processor has the instructions: each
// alone waits for its own results most of the time.

// The digests of prefix ‖ front ‖ back for messages of any lengths: what a Merkle tree asks for.
// Those that have nothing behind a front of whole blocks of 64 bytes are not copied.
// REQUIRES: messages.size() == out.size(), front and back no longer than kMaxSplitBytes together.
inline constexpr size_t kMaxSplitBytes = 320;
void Sha256OfPrefixed(std::byte prefix, std::span<const SplitMessage> messages,
                      std::span<Sha256Digest> out);
// The same for `out.size()` messages of `length` bytes, one behind the other in `messages`.
// REQUIRES: messages.size() == length * out.size(), length <= kMaxSplitBytes.
void Sha256OfPrefixed(std::byte prefix, std::span<const std::byte> messages, size_t length,
                      std::span<Sha256Digest> out);

// The digests of front ‖ back for messages of any lengths. Of each four, what is
// longer than the shortest is hashed alone, so neighbours should be about as long.
// REQUIRES: messages.size() == out.size(), each front has 64 bytes.
void Sha256OfAll(std::span<const SplitMessage> messages, std::span<Sha256Digest> out);

}  // namespace lumbung
