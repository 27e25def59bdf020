// SHA-256 (FIPS 180-4), for the hash of the state and for the Merkle tree. Uses the processor's SHA
// instructions where it has them. The ledger's hash chain is storage's and does not come through
// here. Any thread.
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

// The digests of prefix ‖ message for `out.size()` messages of `length` bytes, one behind the other
// in `messages`: what a Merkle tree asks for. Two at a time where the processor has the
// instructions: each alone waits for its own results most of the time.
// REQUIRES: messages.size() == length * out.size(), length <= kMaxPrefixedBytes.
inline constexpr size_t kMaxPrefixedBytes = 128;
void Sha256OfPrefixed(std::byte prefix, std::span<const std::byte> messages, size_t length,
                      std::span<Sha256Digest> out);

// A message in two parts, the second behind the first.
struct SplitMessage {
  std::span<const std::byte> front;
  std::span<const std::byte> back;
};

// The digests of prefix ‖ front ‖ back for messages of any lengths, two at a time as above.
// REQUIRES: messages.size() == out.size(), front and back no longer than kMaxSplitBytes together.
inline constexpr size_t kMaxSplitBytes = 320;
void Sha256OfPrefixed(std::byte prefix, std::span<const SplitMessage> messages,
                      std::span<Sha256Digest> out);

}  // namespace lumbung
