// The strong types of the engine. None converts into another or into a plain number unasked, so a
// sequence can't be passed where an amount is meant. All are trivially copyable and have the size
// of their representation, so that they can stand in stored structs.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

namespace lumbung {

// A number with a meaning. `Tag` makes each meaning a type of its own.
template <typename Tag, typename Rep>
class Strong {
 public:
  using Representation = Rep;

  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const Strong&) const = default;

 private:
  Rep value_ = 0;
};

// A cooperative's number, 1 … 2^24 - 1.
using CooperativeId = Strong<struct CooperativeIdTag, uint32_t>;
// A code of the chart of accounts, four digits: 1101 … 5999.
using AccountCode = Strong<struct AccountCodeTag, uint16_t>;
// The holder of an account within its cooperative: member, branch, terminal, loan, or 0.
using HolderNumber = Strong<struct HolderNumberTag, uint32_t>;
// A branch (gerai) of a cooperative, 1 … 65,535; 0 where none is named.
using BranchId = Strong<struct BranchIdTag, uint16_t>;
// A POS terminal, unique within its cooperative, 1 … 65,535; 0 where none is named.
using TerminalId = Strong<struct TerminalIdTag, uint16_t>;
// The person at the till, as the cooperative numbers its staff; 0 where none is named.
using OperatorId = Strong<struct OperatorIdTag, uint32_t>;
// An asset: ISO 4217 numeric code (IDR = 360).
using AssetCode = Strong<struct AssetCodeTag, uint16_t>;
// The position of an entry in the ledger: 1, 2, 3, … without a gap; 0 means none.
using Sequence = Strong<struct SequenceTag, uint64_t>;
// Nanoseconds since 1970-01-01 UTC.
using Timestamp = Strong<struct TimestampTag, int64_t>;
inline constexpr int64_t kNsPerSecond = 1'000'000'000;
// A day in a cooperative's own zone, in days since 1970-01-01.
using BusinessDate = Strong<struct BusinessDateTag, int32_t>;
// Minor units of an asset (IDR: sen, Rp1 = 100). Signed: a balance may stand on its other side.
using Amount = Strong<struct AmountTag, int64_t>;

inline constexpr AssetCode kIdr{360};
inline constexpr Sequence kNoSequence{0};
inline constexpr Amount kMaxAmount{std::numeric_limits<int64_t>::max()};
inline constexpr Amount kMinAmount{std::numeric_limits<int64_t>::min()};

// The sum or difference, or nothing if it does not fit into 64 bits.
constexpr std::optional<Amount> CheckedAdd(Amount a, Amount b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a.value(), b.value(), &sum)) return std::nullopt;
  return Amount{sum};
}
constexpr std::optional<Amount> CheckedSubtract(Amount a, Amount b) {
  int64_t difference = 0;
  if (__builtin_sub_overflow(a.value(), b.value(), &difference)) return std::nullopt;
  return Amount{difference};
}

// Hash support for absl containers.
template <typename H, typename Tag, typename Rep>
H AbslHashValue(H state, const Strong<Tag, Rep>& strong) {
  return H::combine(std::move(state), strong.value());
}

static_assert(sizeof(Amount) == 8 && sizeof(Sequence) == 8 && sizeof(BranchId) == 2);

}  // namespace lumbung
