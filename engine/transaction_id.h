// The id of a transaction: a UUID (RFC 9562) made and stored by the client before it sends. UUIDv7
// is the recommended form, because its birth time keeps look-ups in memory (id_window.h); every
// other version is welcome. A value type; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "engine/types.h"

namespace lumbung {

struct TransactionId {
  uint64_t high = 0;  // the first 8 bytes of the UUID, big endian
  uint64_t low = 0;   // the last 8 bytes

  // Reads the 36-character text form, in either case. Nothing if it is anything else.
  static std::optional<TransactionId> Parse(std::string_view text);
  // The 36-character lower-case text form.
  std::string ToString() const;

  constexpr bool IsZero() const { return high == 0 && low == 0; }
  // Whether the variant bits are those of RFC 9562 (binary 10) and the version is 1 … 8.
  constexpr bool IsWellFormed() const {
    const uint64_t version = (high >> 12) & 0xF;
    return (low >> 62) == 0b10 && version >= 1 && version <= 8;
  }
  // When a UUIDv7 was made, to the millisecond; nothing for other versions. Its 48 bits reach to
  // the year 10889, a Timestamp to 2262: what lies beyond is the last moment that there is, so
  // that it can't wrap into the past and pass for an old id.
  constexpr std::optional<Timestamp> BirthTime() const {
    if (((high >> 12) & 0xF) != 7) return std::nullopt;
    constexpr int64_t kNsPerMs = 1'000'000;
    constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
    const auto milliseconds = static_cast<int64_t>(high >> 16);
    return Timestamp{milliseconds > kLast / kNsPerMs ? kLast : milliseconds * kNsPerMs};
  }

  constexpr auto operator<=>(const TransactionId&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const TransactionId& id) {
    return H::combine(std::move(state), id.high, id.low);
  }
};

static_assert(sizeof(TransactionId) == 16);

}  // namespace lumbung
