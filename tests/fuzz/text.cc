// Input: which reader (1 byte) ‖ what somebody typed, or a line of a file for `lumbung submit`.
// Holds: what is refused is refused as INVALID_ARGUMENT that says what was expected. What is taken
// is in its range, and reads the same when it is written again.
#include <limits>
#include <variant>

#include "api/cli/format.h"
#include "api/cli/parse.h"
#include "api/cli/transaction_json.h"
#include "engine/business_date.h"
#include "engine/check.h"
#include "engine/limits.h"
#include "tests/fuzz/target.h"

namespace lumbung::fuzz {

namespace {

using namespace cli;

bool Refused(const absl::Status& status) {
  LUMBUNG_CHECK(absl::IsInvalidArgument(status) && status.message().size() > 10);
  return false;
}

template <typename T>
bool Again(absl::StatusOr<T> (*parse)(std::string_view), const std::string& text, const T& value) {
  const auto again = parse(text);
  LUMBUNG_CHECK(again.ok() && *again == value);
  return true;
}

bool TryMoney(std::string_view text) {
  const auto amount = ParseMoney(text);
  if (!amount.ok()) return Refused(amount.status());
  return Again(ParseMoney, FormatMoney(*amount), *amount);
}

bool TryAccount(std::string_view text) {
  const auto account = ParseAccount(text);
  if (!account.ok()) return Refused(account.status());
  const bool wallet = text.find('/') != std::string_view::npos;
  LUMBUNG_CHECK(wallet || account->ToString() == text);
  return Again(ParseAccount, account->ToString(), *account);
}

bool TryId(std::string_view text) {
  const auto id = ParseId(text);
  if (!id.ok()) return Refused(id.status());
  return Again(ParseId, id->ToString(), *id);
}

bool TryMember(std::string_view text) {
  const auto member = ParseMember(text);
  if (!member.ok()) return Refused(member.status());
  LUMBUNG_CHECK(member->cooperative.value() >= 1 && member->number.value() >= 1);
  LUMBUNG_CHECK(member->cooperative.value() >> kCooperativeBits == 0);
  LUMBUNG_CHECK(member->number.value() >> kHolderBits == 0);
  LUMBUNG_CHECK(std::to_string(member->cooperative.value()) + "/" +
                    std::to_string(member->number.value()) ==
                text);
  return true;
}

bool TryMembers(std::string_view text) {
  const auto ranges = ParseMembers(text);
  if (!ranges.ok()) return Refused(ranges.status());
  std::string again = std::to_string(ranges->front().cooperative.value()) + "/";
  bool alone = true;
  for (const MemberRange& range : *ranges) {
    LUMBUNG_CHECK(range.first.value() >= 1 && range.first <= range.last);
    again += std::to_string(range.first.value()) + "-" + std::to_string(range.last.value()) + ",";
    alone = alone && range.first == range.last;
  }
  again.pop_back();
  return Again(ParseMembers, again, *ranges);
}

bool TryPlace(std::string_view text) {
  const auto place = ParsePlace(text);
  if (!place.ok()) return Refused(place.status());
  LUMBUNG_CHECK(place->number >= 1);
  const std::string number = std::to_string(place->number);
  const std::string again =
      place->cooperative ? std::to_string(place->cooperative->value()) + "/" + number : number;
  LUMBUNG_CHECK(again == text);
  return true;
}

bool TrySeconds(std::string_view text) {
  const auto seconds = ParseSeconds(text);
  if (!seconds.ok()) return Refused(seconds.status());
  return Again(ParseSeconds, std::to_string(*seconds) + "s", *seconds);
}

bool TryBasisPoints(std::string_view text) {
  const auto points = ParseBasisPoints(text);
  if (!points.ok()) return Refused(points.status());
  LUMBUNG_CHECK(*points <= 10'000);
  return Again(ParseBasisPoints, std::to_string(*points) + "bp", *points);
}

bool TryZone(std::string_view text) {
  const auto zone = ParseZone(text);
  if (!zone.ok()) return Refused(zone.status());
  LUMBUNG_CHECK(*zone > -15 * 60 && *zone < 15 * 60);
  std::string name = ZoneName(*zone);
  if (name.size() > 4) name = name.substr(3);  // of `UTC+05:30`
  return Again(ParseZone, name, *zone);
}

bool TryWhen(std::string_view text) {
  const auto when = ParseWhen(text);
  if (!when.ok()) return Refused(when.status());
  if (const auto* const time = std::get_if<Timestamp>(&*when)) {
    // 0 is written as no time.
    return time->value() == 0 || Again(ParseWhen, FormatTimeUtc(*time), *when);
  }
  if (const auto* const date = std::get_if<BusinessDate>(&*when)) {
    return Again(ParseWhen, ToString(*date), *when);
  }
  return true;
}

bool TryWhole(std::string_view text) {
  const auto number = ParseWhole<uint32_t, 1, 86'400>(text);
  if (!number.ok()) return Refused(number.status());
  LUMBUNG_CHECK(*number >= 1 && *number <= 86'400);
  return true;
}

template <typename Enum>
bool TryName(absl::StatusOr<Enum> (*parse)(std::string_view), std::string_view text) {
  const auto value = parse(text);
  if (!value.ok()) return Refused(value.status());
  return Again(parse, NameOf(*value), *value);
}

bool TryText(std::string_view text) {
  const std::string printable = Printable(text);
  LUMBUNG_CHECK(IsUtf8(printable) && Printable(printable) == printable);
  for (const char c : printable) LUMBUNG_CHECK(static_cast<uint8_t>(c) >= 0x20 && c != 0x7F);
  LUMBUNG_CHECK(DisplayWidth(text) <= 2 * text.size());
  const auto parsed = ParseText(text);
  if (!parsed.ok()) return Refused(parsed.status());
  LUMBUNG_CHECK(*parsed == text && IsUtf8(text));
  return true;
}

bool TryLine(std::string_view text) {
  const auto transaction = ReadTransaction(text);
  if (!transaction.ok()) {
    LUMBUNG_CHECK(absl::IsInvalidArgument(transaction.status()));
    return false;
  }
  LUMBUNG_CHECK(transaction->has_id() && IsUtf8(transaction->text()));
  const auto again = ReadTransaction(" " + std::string(text) + "\n");
  LUMBUNG_CHECK(again.ok());
  LUMBUNG_CHECK(again->SerializeAsString() == transaction->SerializeAsString());
  return true;
}

constexpr char kLine[] =
    R"({"id":"01935d1c-8a00-7000-8000-0123456789ab","step":"hold","kind":"payment",)"
    R"("debit_account":"1024/55","credit_account":"1024.4101.2","amount":2500000,)"
    R"("further_legs":[{"debit_account":"1024.2101.55","credit_account":"1024.2120.0",)"
    R"("amount":1}],"hold_seconds":60,"reference":7,"text":"bon \u00e9","by_rule":false,)"
    R"("evidence":{"branch":2,"terminal":7,"operator_id":3,"device_time_s":1,)"
    R"("terminal_sequence":9}})";

constexpr uint8_t kReaders = 15;

bool TryReader(uint8_t reader, std::string_view text) {
  switch (reader % kReaders) {
    case 0:
      return TryMoney(text);
    case 1:
      return TryAccount(text);
    case 2:
      return TryId(text);
    case 3:
      return TryMember(text);
    case 4:
      return TryMembers(text);
    case 5:
      return TryPlace(text);
    case 6:
      return TrySeconds(text);
    case 7:
      return TryBasisPoints(text);
    case 8:
      return TryZone(text);
    case 9:
      return TryWhen(text);
    case 10:
      return TryWhole(text);
    case 11:
      return TryName(ParseKind, text);
    case 12:
      return TryName(ParseOutcome, text);
    case 13:
      return TryText(text);
    default:
      return TryLine(text);
  }
}

}  // namespace

bool Try(Input input) {
  const auto reader = input.Take<uint8_t>();
  return TryReader(reader, input.rest());
}

std::vector<Seed> Seeds() {
  struct Example {
    const char* name;
    uint8_t reader;
    const char* text;
  };
  std::vector<Seed> seeds;
  for (const Example& example :
       std::initializer_list<Example>{{"money", 0, "Rp25.000,50"},
                                      {"money-plain", 0, "-25000.50"},
                                      {"money-round", 0, "IDR 1.000,-"},
                                      {"account", 1, "1024.2101.55"},
                                      {"wallet", 1, "1024/55"},
                                      {"id", 2, "01935d1c-8a00-7000-8000-0123456789ab"},
                                      {"member", 3, "1024/55"},
                                      {"members", 4, "1024/1-50,60,70-80"},
                                      {"place", 5, "1024/2"},
                                      {"seconds", 6, "15m"},
                                      {"rate", 7, "0,3%"},
                                      {"zone", 8, "+05:30"},
                                      {"date", 9, "2026-11-23"},
                                      {"moment", 9, "2026-11-23T07:30:00.5Z"},
                                      {"moment-wib", 9, "2026-11-23 14:30 WIB"},
                                      {"whole", 10, "0086400"},
                                      {"kind", 11, "cash-sale"},
                                      {"outcome", 12, "insufficient-funds"},
                                      {"text", 13, "beras \xC3\xA9 \xE4\xB8\xAD"},
                                      {"line", 14, kLine}}) {
    seeds.push_back(
        {example.name, std::string(1, static_cast<char>(example.reader)) + example.text});
  }
  return seeds;
}

}  // namespace lumbung::fuzz
