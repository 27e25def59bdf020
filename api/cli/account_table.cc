#include "api/cli/account_table.h"

#include <fmt/format.h>

#include "api/cli/format.h"

namespace lumbung::cli {
namespace {

std::string Money(int64_t minor_units) { return FormatMoney(Amount{minor_units}); }

std::string LimitOrNone(bool present, int64_t minor_units) {
  return present ? Money(minor_units) : "none";
}

}  // namespace

std::vector<Field> LimitFields(const v1::Limits& limits) {
  return {{"floor", LimitOrNone(limits.has_floor(), limits.floor())},
          {"ceiling", LimitOrNone(limits.has_ceiling(), limits.ceiling())},
          {"per transaction", LimitOrNone(limits.has_per_transaction(), limits.per_transaction())},
          {"per day", LimitOrNone(limits.has_per_day(), limits.per_day())}};
}

std::vector<Field> AccountFields(const v1::Account& account, int16_t zone_minutes) {
  const std::string last =
      account.last_sequence() == 0
          ? ""
          : fmt::format("{}  {}", account.last_sequence(),
                        FormatTime(Timestamp{account.last_timestamp_ns()}, zone_minutes));
  std::vector<Field> fields = {{"account", FormatAccount(account.account())},
                               {"name", account.name()},
                               {"status", NameOf(account.status())},
                               {"normal side", account.credit_normal() ? "credit" : "debit"},
                               {"balance", Money(account.balance())},
                               {"held", Money(account.held())},
                               {"available", FormatAvailable(account)},
                               {"debits posted", Money(account.debits_posted())},
                               {"credits posted", Money(account.credits_posted())}};
  for (Field& limit : LimitFields(account.limits())) fields.push_back(std::move(limit));
  fields.push_back({"last entry", last});
  return fields;
}

std::string FormatAvailable(const v1::Account& account) {
  const v1::Limits& limits = account.limits();
  const bool limited = account.credit_normal() ? limits.has_floor() : limits.has_ceiling();
  return limited ? Money(account.available()) : "no limit";
}

Table AccountTable() {
  return Table({{"account"},
                {"name"},
                {"status"},
                {"balance", Align::kRight},
                {"held", Align::kRight},
                {"available", Align::kRight}});
}

std::vector<std::string> AccountRow(const v1::Account& account) {
  return {FormatAccount(account.account()), account.name(),        NameOf(account.status()),
          Money(account.balance()),         Money(account.held()), FormatAvailable(account)};
}

}  // namespace lumbung::cli
