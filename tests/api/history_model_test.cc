// What the server says of the past, against the naive ledger: the balance at a moment and at the
// close of a day, and statements of any range in both orders, page by page. It is asked again and
// again while random traffic goes on, on a real ledger whose newest daily balances are not stored
// yet.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "api/server/account_history.h"
#include "engine/business_date.h"
#include "storage/derived_store.h"
#include "storage/history.h"
#include "tests/engine/core/seed.h"
#include "tests/model/naive_ledger.h"
#include "tests/storage/played_ledger.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

using Lines = std::vector<NaiveLedger::NaiveLine>;

// A statement that is asked for.
struct AskedStatement {
  AccountId account;
  Timestamp from;
  Timestamp to;
  bool oldest_first = false;
  uint32_t page_size = 0;
};

// A balance that is asked for, and the moment that is meant.
struct AskedBalance {
  v1::GetBalanceAtRequest request;
  Timestamp time;
};

int64_t Narrow(NaiveLedger::Sum sum) { return static_cast<int64_t>(sum); }

class HistoryModel : public testing::Test {
 protected:
  void SetUp() override {
    const uint64_t seed = TestSeed();
    random_.seed(seed);
    played_ = std::make_unique<PlayedLedger>(folder_.Path("ledger"), seed);
    derived_ = std::move(*DerivedStore::Open(folder_.Path("derived")));
    history_ = std::make_unique<History>(*played_->store, *derived_);
  }

  void Play(int commands) {
    Books& books = played_->books;
    for (int i = 0; i < commands; ++i) {
      books.Advance(played_->traffic.Pause());
      const size_t expired = books.ExpireHolds();
      ASSERT_EQ(expired, model_.Expire(books.now()));
      const Command& command = played_->traffic.Next(books.now());
      const Result result = books.Apply(command);
      ASSERT_EQ(result.sequence, model_.Apply(command, books.now()).sequence);
    }
    played_->Write();
  }

  void StoreDailyBalances() {
    ASSERT_TRUE(derived_->StoreDailyBalances(played_->books.state().TakeDailyBalances()).ok());
  }

  uint64_t Number(uint64_t below) { return random_() % below; }

  // Any of the ledger's time, and often right at an entry of the account, or just beside it.
  Timestamp AnyMoment(const Lines& lines) {
    if (!lines.empty() && Number(3) != 0) {
      return Timestamp{lines[Number(lines.size())].time.value() + 1 -
                       static_cast<int64_t>(Number(3))};
    }
    const int64_t begin = kNoon.value() - kDay;
    const auto span = static_cast<uint64_t>(played_->books.now().value() + kDay - begin);
    return Timestamp{begin + static_cast<int64_t>(Number(span))};
  }

  AskedBalance AnyBalance(const Account& account, const Lines& lines) {
    AskedBalance asked{.request = {}, .time = AnyMoment(lines)};
    if (Number(3) != 0) {
      asked.request.set_timestamp_ns(asked.time.value());
      return asked;
    }
    const BusinessDate date = DateOf(asked.time, account.zone_minutes);
    asked.request.set_business_date(ToString(date));
    asked.time = CloseOf(date, account.zone_minutes);
    return asked;
  }

  AskedStatement AnyStatement(AccountId id, const Lines& lines) {
    const Timestamp one = AnyMoment(lines);
    const Timestamp other = AnyMoment(lines);
    return {.account = id,
            .from = std::min(one, other),
            .to = std::max(one, other),
            .oldest_first = Number(2) == 0,
            .page_size = static_cast<uint32_t>(1 + Number(Number(4) == 0 ? 1000 : 9))};
  }

  const Account& account(AccountId id) const { return *played_->books.state().FindAccount(id); }

  TemporaryFolder folder_;
  std::mt19937_64 random_;
  std::unique_ptr<PlayedLedger> played_;
  std::unique_ptr<DerivedStore> derived_;
  std::unique_ptr<History> history_;
  NaiveLedger model_{NaiveLedger::Lines::kKept};
};

int64_t BalanceAt(const Lines& lines, Timestamp time) {
  int64_t balance = 0;
  for (const auto& line : lines) {
    if (line.time <= time) balance = Narrow(line.balance);
  }
  return balance;
}

// How the answer's line differs from the model's; empty: it does not.
std::string DifferenceOf(const v1::StatementLine& found, const NaiveLedger::NaiveLine& expected) {
  const bool same = found.entry().sequence() == expected.sequence.value() &&
                    found.entry().timestamp_ns() == expected.time.value() &&
                    found.change() == Narrow(expected.change) &&
                    found.balance() == Narrow(expected.balance);
  if (same) return {};
  return found.ShortDebugString() + "\nexpected sequence " +
         std::to_string(expected.sequence.value()) + ", change " +
         std::to_string(Narrow(expected.change)) + ", balance " +
         std::to_string(Narrow(expected.balance));
}

// All pages of a statement against the model's lines; empty: they agree.
std::string DifferenceOf(const History& history, const Account& account,
                         const AskedStatement& asked, const Lines& lines) {
  Lines expected;
  for (const auto& line : lines) {
    if (line.time >= asked.from && line.time < asked.to) expected.push_back(line);
  }
  if (!asked.oldest_first) std::reverse(expected.begin(), expected.end());
  v1::GetStatementRequest request;
  request.set_account(asked.account.value());
  request.set_from_ns(asked.from.value());
  request.set_to_ns(asked.to.value());
  request.set_oldest_first(asked.oldest_first);
  request.set_page_size(asked.page_size);
  size_t seen = 0;
  for (;;) {
    v1::GetStatementReply reply;
    const absl::Status filled = FillStatement(history, account, request, reply);
    if (!filled.ok()) return std::string(filled.message());
    const Timestamp before_from{asked.from.value() - 1};
    const Timestamp before_to{asked.to.value() - 1};
    if (reply.opening_balance() != BalanceAt(lines, before_from) ||
        reply.closing_balance() != BalanceAt(lines, before_to)) {
      return "opening " + std::to_string(reply.opening_balance()) + " and closing " +
             std::to_string(reply.closing_balance()) + ", expected " +
             std::to_string(BalanceAt(lines, before_from)) + " and " +
             std::to_string(BalanceAt(lines, before_to));
    }
    for (const v1::StatementLine& line : reply.lines()) {
      if (seen == expected.size()) return "a line too many: " + line.ShortDebugString();
      const std::string difference = DifferenceOf(line, expected[seen]);
      if (!difference.empty()) return difference;
      ++seen;
    }
    if (reply.next_sequence() == 0) break;
    if (asked.oldest_first) {
      request.set_oldest_sequence(reply.next_sequence());
    } else {
      request.set_newest_sequence(reply.next_sequence());
    }
  }
  if (seen == expected.size()) return {};
  return std::to_string(seen) + " lines, expected " + std::to_string(expected.size());
}

TEST_F(HistoryModel, ServerAndNaiveLedgerAgreeOnThePast) {
  size_t compared = 0;
  for (int part = 0; part < 20; ++part) {
    Play(300);
    if (HasFatalFailure()) return;
    if (part % 3 != 2) StoreDailyBalances();
    for (const auto& [id, naive] : model_.accounts()) {
      const Lines& lines = model_.lines(id);
      ASSERT_EQ(Narrow(naive.balance()), Narrow(lines.back().balance)) << id.ToString();
      for (int i = 0; i < 3; ++i) {
        const AskedBalance at = AnyBalance(account(id), lines);
        v1::GetBalanceAtReply reply;
        ASSERT_TRUE(FillBalanceAt(*history_, account(id), at.request, reply).ok());
        ASSERT_EQ(reply.balance(), BalanceAt(lines, at.time))
            << id.ToString() << ": " << at.request.ShortDebugString();
        const AskedStatement asked = AnyStatement(id, lines);
        ASSERT_EQ(DifferenceOf(*history_, account(id), asked, lines), "")
            << id.ToString() << " from " << asked.from.value() << " to " << asked.to.value();
        ++compared;
      }
    }
  }
  std::printf("%zu balances of the past and as many statements, of %zu accounts\n", compared,
              model_.accounts().size());
  EXPECT_GE(compared, 2000u);
}

// The canary: a line of a wrong time, change or balance, one too many and one too few.
TEST_F(HistoryModel, NoticesEachWrongLine) {
  Play(1000);
  if (HasFatalFailure()) return;
  AccountId busiest;
  for (const auto& [id, naive] : model_.accounts()) {
    if (busiest == AccountId{} || model_.lines(id).size() > model_.lines(busiest).size()) {
      busiest = id;
    }
  }
  const Lines lines = model_.lines(busiest);
  ASSERT_GE(lines.size(), 10u);
  const AskedStatement asked{.account = busiest,
                             .from = Timestamp{1},
                             .to = Timestamp{played_->books.now().value() + 1},
                             .oldest_first = true,
                             .page_size = 7};
  const auto agree = [&](const Lines& spoilt) {
    return DifferenceOf(*history_, account(busiest), asked, spoilt).empty();
  };
  EXPECT_TRUE(agree(lines));
  const auto spoilt = [&](auto spoil) {
    Lines other = lines;
    spoil(other);
    return other;
  };
  EXPECT_FALSE(agree(spoilt([](Lines& other) { other[5].change += 1; })));
  EXPECT_FALSE(agree(spoilt([](Lines& other) { other[5].balance += 1; })));
  EXPECT_FALSE(agree(spoilt([](Lines& other) { other[5].sequence = Sequence{1}; })));
  EXPECT_FALSE(
      agree(spoilt([](Lines& other) { other[5].time = Timestamp{other[5].time.value() + 1}; })));
  EXPECT_FALSE(agree(spoilt([](Lines& other) { other.pop_back(); })));
  EXPECT_FALSE(agree(spoilt([](Lines& other) { other.push_back(other.back()); })));
  EXPECT_FALSE(agree(spoilt([](Lines& other) { other.back().balance += 1; })));
}

}  // namespace
}  // namespace lumbung
