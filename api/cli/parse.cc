#include "api/cli/parse.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <string>

#include "absl/status/status.h"
#include "api/cli/format.h"
#include "engine/chart.h"
#include "engine/limits.h"

namespace lumbung::cli {
namespace {

constexpr uint32_t kMaxCooperative = (uint32_t{1} << kCooperativeBits) - 1;
constexpr uint32_t kMaxHolder = (uint32_t{1} << kHolderBits) - 1;

template <typename... Arguments>
absl::Status Refuse(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  return absl::InvalidArgumentError(fmt::format(format, std::forward<Arguments>(arguments)...));
}

// A decimal number without sign, space or leading zero, in [1, largest].
std::optional<uint32_t> ParseNumber(std::string_view text, uint32_t largest) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number == 0 || number > largest || text.front() == '0') return std::nullopt;
  return number;
}

// `15m`: a number and its unit.
struct Quantity {
  uint64_t number = 0;
  std::string_view unit;
};

std::optional<Quantity> ParseQuantity(std::string_view text) {
  Quantity quantity;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), quantity.number);
  if (error != std::errc()) return std::nullopt;
  quantity.unit = text.substr(static_cast<size_t>(end - text.data()));
  return quantity;
}

// `cash-sale` becomes `KIND_CASH_SALE`.
std::string EnumName(std::string_view prefix, std::string_view text) {
  std::string name;
  for (const char c : text) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name.starts_with(prefix) ? name : std::string(prefix) + name;
}

}  // namespace

absl::StatusOr<CooperativeId> ParseCooperative(std::string_view text) {
  const auto number = ParseNumber(text, kMaxCooperative);
  if (!number) {
    return Refuse("cooperative '{}': expected a number from 1 to {}", text, kMaxCooperative);
  }
  return CooperativeId{*number};
}

absl::StatusOr<AccountCode> ParseCode(std::string_view text) {
  const auto number = ParseNumber(text, (uint32_t{1} << kCodeBits) - 1);
  const AccountCode code{static_cast<uint16_t>(number.value_or(0))};
  if (FindChartLine(code) == nullptr) {
    return Refuse("code '{}': expected one of the chart of accounts, such as 2101", text);
  }
  return code;
}

absl::StatusOr<MemberName> ParseMember(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return Refuse("member '{}': expected COOPERATIVE/MEMBER, such as 1024/55", text);
  }
  const auto cooperative = ParseCooperative(text.substr(0, slash));
  if (!cooperative.ok()) return cooperative.status();
  const auto number = ParseNumber(text.substr(slash + 1), kMaxHolder);
  if (!number) {
    return Refuse("member '{}': expected a member number from 1 to {} behind the slash", text,
                  kMaxHolder);
  }
  return MemberName{*cooperative, HolderNumber{*number}};
}

absl::StatusOr<std::vector<MemberRange>> ParseMembers(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return Refuse("members '{}': expected COOPERATIVE/MEMBERS, such as 1024/1-1190", text);
  }
  const auto cooperative = ParseCooperative(text.substr(0, slash));
  if (!cooperative.ok()) return cooperative.status();

  std::vector<MemberRange> ranges;
  std::string_view rest = text.substr(slash + 1);
  while (true) {
    const size_t comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    const size_t dash = part.find('-');
    const auto first = ParseNumber(part.substr(0, dash), kMaxHolder);
    const auto last =
        dash == std::string_view::npos ? first : ParseNumber(part.substr(dash + 1), kMaxHolder);
    if (!first || !last || *first > *last) {
      return Refuse("members '{}': '{}' is not a number or a rising range such as 1-1190", text,
                    part);
    }
    ranges.push_back({*cooperative, HolderNumber{*first}, HolderNumber{*last}});
    if (comma == std::string_view::npos) return ranges;
    rest.remove_prefix(comma + 1);
  }
}

absl::StatusOr<Place> ParsePlace(std::string_view text) {
  Place place;
  std::string_view rest = text;
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto cooperative = ParseCooperative(text.substr(0, slash));
    if (!cooperative.ok()) return cooperative.status();
    place.cooperative = *cooperative;
    rest.remove_prefix(slash + 1);
  }
  const auto number = ParseNumber(rest, UINT16_MAX);
  if (!number) {
    return Refuse("'{}': expected COOPERATIVE/NUMBER such as 1024/2, or a number from 1 to {}",
                  text, UINT16_MAX);
  }
  place.number = static_cast<uint16_t>(*number);
  return place;
}

absl::StatusOr<AccountId> ParseAccount(std::string_view text) {
  if (text.find('/') != std::string_view::npos) {
    const auto member = ParseMember(text);
    if (!member.ok()) return member.status();
    return AccountId::From({member->cooperative, code::kWallet, member->number});
  }
  const auto account = AccountId::Parse(text);
  if (!account) {
    return Refuse(
        "account '{}': expected COOPERATIVE.CODE.HOLDER such as 1024.2101.55, or a member such as "
        "1024/55 for the wallet",
        text);
  }
  return *account;
}

absl::StatusOr<TransactionId> ParseId(std::string_view text) {
  const auto id = TransactionId::Parse(text);
  if (!id) {
    return Refuse("id '{}': expected a UUID such as 01935d1c-8a00-7000-8000-0123456789ab", text);
  }
  return *id;
}

absl::StatusOr<uint32_t> ParseSeconds(std::string_view text) {
  const auto quantity = ParseQuantity(text);
  uint64_t scale = 0;
  if (quantity) {
    if (quantity->unit.empty() || quantity->unit == "s") scale = 1;
    if (quantity->unit == "m") scale = 60;
    if (quantity->unit == "h") scale = 3600;
    if (quantity->unit == "d") scale = 86400;
  }
  uint64_t seconds = 0;
  if (scale == 0 || __builtin_mul_overflow(quantity->number, scale, &seconds) ||
      seconds > UINT32_MAX) {
    return Refuse("duration '{}': expected seconds, or a number with s, m, h or d, such as 15m",
                  text);
  }
  return static_cast<uint32_t>(seconds);
}

absl::StatusOr<uint32_t> ParseHoldSeconds(std::string_view text) {
  const auto seconds = ParseSeconds(text);
  if (seconds.ok() && (*seconds < 1 || *seconds > kMaxHoldSeconds)) {
    return Refuse("duration '{}': expected 1 second to {} seconds, which are 30 days", text,
                  kMaxHoldSeconds);
  }
  return seconds;
}

absl::StatusOr<uint32_t> ParseBasisPoints(std::string_view text) {
  const auto refused = [text] {
    return Refuse(
        "rate '{}': expected percent with at most two decimals, such as 0,3%, or basis "
        "points, such as 30bp; at most 100%",
        text);
  };
  auto whole = ParseQuantity(text);
  if (!whole || whole->number > 10'000) return refused();
  uint64_t points = whole->number;
  if (whole->unit != "bp") {
    points *= 100;
    std::string_view rest = whole->unit;
    if (!rest.empty() && (rest.front() == ',' || rest.front() == '.')) {
      const auto decimals = ParseQuantity(rest.substr(1));
      if (!decimals) return refused();
      const size_t digits = rest.size() - 1 - decimals->unit.size();
      if (digits > 2) return refused();
      points += digits == 1 ? decimals->number * 10 : decimals->number;
      rest = decimals->unit;
    }
    if (rest != "%") return refused();
  }
  if (points > 10'000) return refused();
  return static_cast<uint32_t>(points);
}

absl::StatusOr<uint64_t> ParseWholeNumber(std::string_view text, uint64_t least, uint64_t most) {
  const auto quantity = ParseQuantity(text);
  if (!quantity || !quantity->unit.empty() || quantity->number < least || quantity->number > most) {
    return Refuse("'{}': expected a whole number from {} to {}", text, least, most);
  }
  return quantity->number;
}

absl::StatusOr<std::string> ParseText(std::string_view text) {
  static_assert(kMaxTextBytes == kMaxNameBytes);
  if (!IsUtf8(text)) return Refuse("text '{}': it is not UTF-8", Printable(text));
  if (text.size() > kMaxTextBytes) {
    return Refuse("text '{}': expected at most {} bytes, found {}", text, kMaxTextBytes,
                  text.size());
  }
  return std::string(text);
}

absl::StatusOr<std::string> ParseName(std::string_view text) {
  if (text.empty()) return Refuse("name '': expected 1 to {} bytes", kMaxNameBytes);
  return ParseText(text);
}

absl::StatusOr<books::Language> ParseLanguage(std::string_view text) {
  if (text == "id") return books::Language::kIndonesian;
  if (text == "en") return books::Language::kEnglish;
  return absl::InvalidArgumentError(
      fmt::format("'{}': expected id (Indonesian) or en (English)", text));
}

absl::StatusOr<v1::Kind> ParseKind(std::string_view text) {
  v1::Kind kind = v1::KIND_UNSPECIFIED;
  if (!v1::Kind_Parse(EnumName("KIND_", text), &kind) || kind == v1::KIND_UNSPECIFIED) {
    return Refuse(
        "kind '{}': not known; expected one such as payment, transfer, cash-sale, general", text);
  }
  return kind;
}

absl::StatusOr<v1::Step> ParseStep(std::string_view text) {
  v1::Step step = v1::STEP_UNSPECIFIED;
  if (!v1::Step_Parse(EnumName("STEP_", text), &step) || step == v1::STEP_UNSPECIFIED) {
    return Refuse(
        "step '{}': expected post, hold, capture, void, expire, refund, reverse, fence or fact",
        text);
  }
  return step;
}

absl::StatusOr<v1::Outcome> ParseOutcome(std::string_view text) {
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  if (!v1::Outcome_Parse(EnumName("OUTCOME_", text), &outcome) ||
      outcome == v1::OUTCOME_UNSPECIFIED) {
    return Refuse("outcome '{}': not known; expected one such as accepted, insufficient-funds",
                  text);
  }
  return outcome;
}

}  // namespace lumbung::cli
