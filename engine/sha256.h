// SHA-256 (FIPS 180-4), for the hash of the state. Uses the processor's SHA instructions where it
// has them. The ledger's hash chain is storage's and does not come through here. Any thread.
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

}  // namespace lumbung
