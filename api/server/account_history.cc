#include "api/server/account_history.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/server/convert.h"
#include "api/server/encode_entry.h"
#include "api/server/quoted.h"
#include "engine/business_date.h"

namespace lumbung {

namespace {

constexpr uint32_t kDefaultStatementPage = 100;
constexpr uint32_t kMostOfPage = 1000;

// Whether the entry moved money, so that it stands in balances.
bool Posts(const Entry& entry) {
  return entry.outcome == Outcome::kAccepted && MovesMoney(entry.kind.step());
}

// What the entry did to the account's balance, in its normal direction.
int64_t ChangeOf(const Entry& entry, const Account& account) {
  if (!Posts(entry)) return 0;
  const bool debit = entry.debit_account == account.id;
  const bool grows = debit == (account.normal_side == Side::kDebit);
  return grows ? entry.amount.value() : -entry.amount.value();
}

void AddLine(const StatementLine& line, const Account& account, v1::GetStatementReply& reply) {
  v1::StatementLine& added = *reply.add_lines();
  EncodeEntry(line.sequence, line.entry, line.attachment, added.mutable_entry());
  added.set_debit(line.entry.debit_account == account.id);
  added.set_change(ChangeOf(line.entry, account));
  added.set_balance(line.balance.value());
}

// The balance just before a moment; before all time it is 0.
absl::StatusOr<Amount> BalanceBefore(const History& history, const Account& account,
                                     Timestamp moment) {
  if (moment.value() <= 0) return Amount{0};
  return history.BalanceAt(account, Timestamp{moment.value() - 1});
}

uint32_t PageSizeOf(const v1::GetStatementRequest& message) {
  return message.page_size() == 0 ? kDefaultStatementPage : message.page_size();
}

// What is wrong with a request whatever the account.
absl::Status CheckStatement(const v1::GetStatementRequest& message) {
  if (message.page_size() > kMostOfPage) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size: expected at most ", kMostOfPage, ", found ", message.page_size()));
  }
  if (message.to_ns() != 0 && message.from_ns() > message.to_ns()) {
    return absl::InvalidArgumentError("from_ns: expected a moment before to_ns, found a later one");
  }
  if (message.oldest_first() && message.newest_sequence() != 0) {
    return absl::InvalidArgumentError(
        "newest_sequence: expected 0, since the pages are oldest first; they go on by "
        "oldest_sequence");
  }
  if (!message.oldest_first() && message.oldest_sequence() != 0) {
    return absl::InvalidArgumentError(
        "oldest_sequence: expected 0, since the pages are newest first; they go on by "
        "newest_sequence");
  }
  return absl::OkStatus();
}

struct TimeRange {
  Timestamp from;
  Timestamp to;  // exclusive
};

absl::Status AddNewestFirst(const History& history, const Account& account, const TimeRange& range,
                            const v1::GetStatementRequest& message, v1::GetStatementReply& reply) {
  const uint32_t page = PageSizeOf(message);
  // One more than the page tells whether there is a next one, and where it begins.
  auto lines = history.Statement(account, Sequence{message.newest_sequence()}, range.from, range.to,
                                 page + 1);
  if (!lines.ok()) return lines.status();
  if (lines->size() > page) {
    reply.set_next_sequence(lines->back().sequence.value());
    lines->pop_back();
  }
  for (const StatementLine& line : *lines) AddLine(line, account, reply);
  return absl::OkStatus();
}

absl::Status AddOldestFirst(const History& history, const Account& account, const TimeRange& range,
                            const v1::GetStatementRequest& message, v1::GetStatementReply& reply) {
  const auto page = history.pages().OldestFirst(
      account, {.oldest = Sequence{message.oldest_sequence()}, .from = range.from, .to = range.to},
      PageSizeOf(message));
  if (!page.ok()) return page.status();
  reply.set_next_sequence(page->next.value());
  for (const StatementLine& line : page->lines) AddLine(line, account, reply);
  return absl::OkStatus();
}

}  // namespace

Timestamp CloseOf(BusinessDate date, int16_t zone_minutes) {
  const Timestamp next = StartOf(BusinessDate{date.value() + 1}, zone_minutes);
  // Nothing is before all time.
  return Timestamp{std::max(next.value(), std::numeric_limits<int64_t>::min() + 1) - 1};
}

absl::StatusOr<Timestamp> MomentOf(const v1::GetBalanceAtRequest& message, const Account& account) {
  switch (message.at_case()) {
    case v1::GetBalanceAtRequest::kTimestampNs:
      return Timestamp{message.timestamp_ns()};
    case v1::GetBalanceAtRequest::kBusinessDate:
      if (const auto date = ParseDate(message.business_date())) {
        return CloseOf(*date, account.zone_minutes);
      }
      return absl::InvalidArgumentError(
          absl::StrCat("business_date: expected a date such as 2026-11-24, found ",
                       Quoted(message.business_date())));
    case v1::GetBalanceAtRequest::AT_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("at: expected timestamp_ns or business_date, found neither");
}

absl::Status FillBalanceAt(const History& history, const Account& account,
                           const v1::GetBalanceAtRequest& message, v1::GetBalanceAtReply& reply) {
  const absl::StatusOr<Timestamp> moment = MomentOf(message, account);
  if (!moment.ok()) return moment.status();
  const absl::StatusOr<Amount> balance = history.BalanceAt(account, *moment);
  if (!balance.ok()) return balance.status();
  reply.set_account(account.id.value());
  reply.set_timestamp_ns(moment->value());
  reply.set_balance(balance->value());
  return absl::OkStatus();
}

absl::Status FillStatement(const History& history, const Account& account,
                           const v1::GetStatementRequest& message, v1::GetStatementReply& reply) {
  absl::Status status = CheckStatement(message);
  if (!status.ok()) return status;
  const int64_t end = message.to_ns() == 0 ? std::numeric_limits<int64_t>::max() : message.to_ns();
  // The ledger has nothing from before 1970.
  const Timestamp from{std::max<int64_t>(message.from_ns(), 0)};
  const Timestamp to{std::max<int64_t>(end, 0)};
  status = message.oldest_first() ? AddOldestFirst(history, account, {from, to}, message, reply)
                                  : AddNewestFirst(history, account, {from, to}, message, reply);
  if (!status.ok()) return status;
  const absl::StatusOr<Amount> opening = BalanceBefore(history, account, from);
  if (!opening.ok()) return opening.status();
  const absl::StatusOr<Amount> closing = BalanceBefore(history, account, to);
  if (!closing.ok()) return closing.status();
  Encode(account, reply.mutable_account());
  reply.set_opening_balance(opening->value());
  reply.set_closing_balance(closing->value());
  return absl::OkStatus();
}

}  // namespace lumbung
