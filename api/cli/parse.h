// What people type, made into values. Each function reads one form, refuses everything else with a
// sentence that says what was expected, and never guesses. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "api/books/phrase.h"
#include "engine/account_id.h"
#include "engine/transaction_id.h"
#include "engine/types.h"
#include "lumbung/v1/types.pb.h"

namespace lumbung::cli {

// A member of a cooperative, written `1024/55`.
struct MemberName {
  CooperativeId cooperative;
  HolderNumber number;
  bool operator==(const MemberName&) const = default;
};

// Members `first` to `last`, written `1024/1-1190`.
struct MemberRange {
  CooperativeId cooperative;
  HolderNumber first;
  HolderNumber last;
  bool operator==(const MemberRange&) const = default;
};

// A branch or terminal, written `1024/2`, or `2` where the command names the cooperative elsewhere.
struct Place {
  std::optional<CooperativeId> cooperative;
  uint16_t number = 0;
  bool operator==(const Place&) const = default;
};

// A moment or a day, as typed. `days_ago` counts back from today in the cooperative's zone.
struct DaysAgo {
  int32_t days = 0;
  bool operator==(const DaysAgo&) const = default;
};
using When = std::variant<Timestamp, BusinessDate, DaysAgo>;

// Rupiah with optional sen, in minor units: `25000`, `25.000`, `Rp25.000`, `25.000,50`, `25000,50`,
// `25000.50`, `Rp25.000,-`; a minus sign may lead. What could be meant in two ways is refused.
absl::StatusOr<Amount> ParseMoney(std::string_view text);
// The same, of what is to be moved: more than 0.
absl::StatusOr<Amount> ParsePayment(std::string_view text);
// The same, of what may be charged or allowed: 0 or more.
absl::StatusOr<Amount> ParseAllowance(std::string_view text);

absl::StatusOr<CooperativeId> ParseCooperative(std::string_view text);
// A code of the chart of accounts.
absl::StatusOr<AccountCode> ParseCode(std::string_view text);
absl::StatusOr<MemberName> ParseMember(std::string_view text);
// `1024/1-1190`, `1024/7`, `1024/1-50,60,70-80`.
absl::StatusOr<std::vector<MemberRange>> ParseMembers(std::string_view text);
absl::StatusOr<Place> ParsePlace(std::string_view text);
// `1024.2101.55`, or `1024/55` for that member's wallet.
absl::StatusOr<AccountId> ParseAccount(std::string_view text);
absl::StatusOr<TransactionId> ParseId(std::string_view text);

// `900`, `90s`, `15m`, `2h`, `30d`, in seconds.
absl::StatusOr<uint32_t> ParseSeconds(std::string_view text);
// The same, of a hold: 1 second to 30 days.
absl::StatusOr<uint32_t> ParseHoldSeconds(std::string_view text);
// `0,3%`, `11%`, `30bp`: 0 … 10,000.
absl::StatusOr<uint32_t> ParseBasisPoints(std::string_view text);
// `WIB`, `WITA`, `WIT`, `UTC`, `Z`, `+07:00`, in minutes east of UTC.
absl::StatusOr<int16_t> ParseZone(std::string_view text);
// `2026-11-23`, `2026-11-23 14:30 WIB`, `2026-11-23T07:30:00.5Z`, `today`, `yesterday`.
absl::StatusOr<When> ParseWhen(std::string_view text);

// A whole number in decimal digits, `kLeast` to `kMost`. No sign; leading zeros don't make it
// octal.
absl::StatusOr<uint64_t> ParseWholeNumber(std::string_view text, uint64_t least, uint64_t most);
template <typename T, T kLeast = 0, T kMost = std::numeric_limits<T>::max()>
absl::StatusOr<T> ParseWhole(std::string_view text) {
  const auto number = ParseWholeNumber(text, kLeast, kMost);
  if (!number.ok()) return number.status();
  return static_cast<T>(*number);
}

// Text of UTF-8, at most 64 bytes.
absl::StatusOr<std::string> ParseText(std::string_view text);
// The same, not empty.
absl::StatusOr<std::string> ParseName(std::string_view text);

// `id` or `en`.
absl::StatusOr<books::Language> ParseLanguage(std::string_view text);

// Names of the API in either case, with `-` or `_`, with or without their prefix: `cash-sale`.
absl::StatusOr<v1::Kind> ParseKind(std::string_view text);
absl::StatusOr<v1::Step> ParseStep(std::string_view text);
absl::StatusOr<v1::Outcome> ParseOutcome(std::string_view text);

}  // namespace lumbung::cli
