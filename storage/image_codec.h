// The stored forms of what is in `derived/`: keys, and values with a version byte in front. The
// grammar stands at the top of the .cc and in FORMAT.md. Pure functions, any thread; decoding is
// safe on arbitrary bytes.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/statusor.h"
#include "engine/account.h"
#include "engine/daily_balance.h"
#include "engine/hold_record.h"
#include "engine/id_window.h"
#include "engine/organisation.h"
#include "engine/types.h"

namespace lumbung {

inline constexpr char kImageVersion = 1;

// --- keys ---
std::string KeyOf(AccountId account);
std::string KeyOf(Sequence sequence);
std::string KeyOf(AccountId account, BusinessDate date);

// --- plain structs ---
template <typename T>
std::string EncodeImage(const T& image) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::string value(1, kImageVersion);
  value.append(reinterpret_cast<const char*>(&image), sizeof image);
  return value;
}

// Whether each number of a struct is one that it may have: enums, what is reserved, sums below 0.
bool IsPossible(const Account& account);
bool IsPossible(const HoldRecord& hold);
bool IsPossible(const FollowUp& follow_up);
bool IsPossible(const DailyBalance& daily);

// Whether the value was a T of this version, and a possible one.
template <typename T>
bool DecodeImage(std::string_view value, T& image) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (value.size() != 1 + sizeof image || value[0] != kImageVersion) return false;
  __builtin_memcpy(static_cast<void*>(&image), value.data() + 1, sizeof image);
  if constexpr (requires { IsPossible(image); }) return IsPossible(image);
  return true;
}

// --- organisation: the first byte of the key tells the three apart ---
enum class OrganisationKind : char { kCooperative = 'c', kBranch = 'g', kTerminal = 't' };

std::string OrganisationKey(const Cooperative& cooperative);
std::string OrganisationKey(const Branch& branch);
std::string OrganisationKey(const Terminal& terminal);
std::string EncodeImage(const Cooperative& cooperative);
std::string EncodeImage(const Branch& branch);
std::string EncodeImage(const Terminal& terminal);
bool DecodeImage(std::string_view value, Cooperative& cooperative);
bool DecodeImage(std::string_view value, Branch& branch);
bool DecodeImage(std::string_view value, Terminal& terminal);

// --- cold ids: by the million, so without an allocation each ---
using IdKey = std::array<char, 16>;
using IdValue = std::array<char, 18>;

IdKey KeyOf(const TransactionId& id);
IdValue EncodeIdRecord(const IdRecord& record);
bool DecodeIdRecord(std::string_view value, IdRecord& record);

}  // namespace lumbung
