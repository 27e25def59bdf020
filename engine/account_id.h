// The name of an account, which reads like a chart of accounts:
//
//   cooperative (24 bits) . code (14 bits) . holder (26 bits)      written 1024.2101.55
//
// packed from the most significant bit down, so that all accounts of a cooperative, and within it
// all of a code, are neighbours in numerical order. A value type without any state; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/limits.h"
#include "engine/types.h"

namespace lumbung {

class AccountId {
 public:
  struct Parts {
    CooperativeId cooperative;
    AccountCode code;
    HolderNumber holder;
  };

  // The id 0, which names no account.
  constexpr AccountId() = default;
  constexpr explicit AccountId(uint64_t value) : value_(value) {}

  // REQUIRES: each part fits into its bits.
  static constexpr AccountId From(Parts parts) {
    return AccountId{(uint64_t{parts.cooperative.value()} << (kCodeBits + kHolderBits)) |
                     (uint64_t{parts.code.value()} << kHolderBits) | parts.holder.value()};
  }

  // Reads `cooperative.code.holder`, each in decimal digits without sign, space or leading zero
  // (a lone 0 is allowed). Nothing if the text is anything else or a part exceeds its bits.
  static std::optional<AccountId> Parse(std::string_view text);
  std::string ToString() const;

  constexpr uint64_t value() const { return value_; }
  constexpr CooperativeId cooperative() const {
    return CooperativeId{static_cast<uint32_t>(value_ >> (kCodeBits + kHolderBits))};
  }
  constexpr AccountCode code() const {
    return AccountCode{
        static_cast<uint16_t>((value_ >> kHolderBits) & ((uint64_t{1} << kCodeBits) - 1))};
  }
  constexpr HolderNumber holder() const {
    return HolderNumber{static_cast<uint32_t>(value_ & ((uint64_t{1} << kHolderBits) - 1))};
  }

  constexpr auto operator<=>(const AccountId&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, AccountId id) {
    return H::combine(std::move(state), id.value_);
  }

 private:
  uint64_t value_ = 0;
};

static_assert(sizeof(AccountId) == 8);

}  // namespace lumbung
