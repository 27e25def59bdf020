// The books of random traffic against sums that are added up naively.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "engine/chart.h"
#include "tests/books/collected_report.h"
#include "tests/books/memory_ledger.h"
#include "tests/books/naive_books.h"
#include "tests/engine/core/seed.h"
#include "tests/model/random_traffic.h"

namespace lumbung::books {
namespace {

constexpr int64_t kFirstDay = kNoon.value() / kDay;

// For what a cell shows; empty is 0.
Sum SumOf(const Cell& cell) { return cell.number; }

// The figures as the oracle has them, in the debit direction.
struct Figures {
  Sum opening = 0;
  Sum debit = 0;
  Sum credit = 0;
  Sum closing() const { return opening + debit - credit; }
  bool operator==(const Figures&) const = default;
};

class RandomBooks : public testing::Test {
 protected:
  void SetUp() override {
    const uint64_t seed = TestSeed();
    random_.seed(seed);
    RandomTraffic traffic(seed);
    for (int i = 0; i < 4'000; ++i) {
      books_.Advance(traffic.Pause());
      books_.ExpireHolds();
      books_.Apply(traffic.Next(books_.now()));
    }
    ledger_ = std::make_unique<MemoryLedger>(books_);
    last_day_ = books_.now().value() / kDay + 1;
    for (const uint32_t cooperative : {1u, 2u}) {
      naive_[cooperative] = ReadNaively(*ledger_, cooperative);
      ASSERT_GT(naive_[cooperative].postings.size(), 100u);
    }
  }

  int64_t Between(int64_t first, int64_t last) {
    return first + static_cast<int64_t>(random_() % static_cast<uint64_t>(last - first + 1));
  }
  // Days in random order of likelihood: open at either end, a single one, beyond the ledger.
  Days RandomDays() {
    Days days;
    if (random_() % 4 != 0) days.first = BusinessDate{static_cast<int32_t>(FirstDay())};
    if (random_() % 4 != 0) {
      const int64_t from = days.first ? days.first->value() : kFirstDay;
      days.last = BusinessDate{static_cast<int32_t>(Between(from, last_day_ + 1))};
    }
    return days;
  }
  int64_t FirstDay() { return Between(kFirstDay - 1, last_day_); }

  CollectedReport Draw(const ReportRequest& request) {
    CollectedReport report;
    const auto verdict = WriteReport(*ledger_, request, report);
    EXPECT_TRUE(verdict.ok()) << verdict.status();
    EXPECT_EQ(*verdict, Verdict::kControlsHold);
    for (const Control& control : report.end.controls) {
      EXPECT_TRUE(control.holds()) << control.text;
    }
    return report;
  }

  static bool Before(const NaivePosting& p, const Days& days) {
    return days.first && p.day < days.first->value();
  }
  static bool Within(const NaivePosting& p, const Days& days) {
    return !Before(p, days) && !(days.last && p.day > days.last->value());
  }
  // By account or by code.
  template <typename KeyOf>
  static std::map<uint64_t, Figures> FiguresOf(const NaiveBooks& naive, const Days& days,
                                               KeyOf key_of) {
    std::map<uint64_t, Figures> figures;
    for (const NaivePosting& p : naive.postings) {
      if (!Before(p, days) && !Within(p, days)) continue;
      Figures& of = figures[key_of(p)];
      if (Before(p, days)) {
        of.opening += p.debit ? p.amount : -p.amount;
      } else {
        (p.debit ? of.debit : of.credit) += p.amount;
      }
    }
    return figures;
  }
  static uint64_t CodeOf(const NaivePosting& p) { return static_cast<uint64_t>(p.code); }
  static uint64_t AccountOf(const NaivePosting& p) { return p.account; }
  static Sum Normal(uint64_t code, Sum debit_less_credit) {
    const int digit = static_cast<int>(code / 1000);
    return digit == 1 || digit == 5 ? debit_less_credit : -debit_less_credit;
  }

  std::mt19937_64 random_;
  Books books_{size_t{1} << 18};
  std::unique_ptr<MemoryLedger> ledger_;
  std::map<uint32_t, NaiveBooks> naive_;
  int64_t last_day_ = 0;
};

TEST_F(RandomBooks, TheTrialBalanceHasEachCodesSums) {
  for (int i = 0; i < 40; ++i) {
    const uint32_t cooperative = 1 + i % 2;
    const Days days = RandomDays();
    const auto expected = FiguresOf(naive_[cooperative], days, CodeOf);
    const CollectedReport report = Draw(RequestOf(ReportKind::kTrialBalance, cooperative, days));
    std::map<uint64_t, Figures> found;
    for (const Row& row : report.sections.at(0).RowsOf(RowStyle::kLine)) {
      const Figures figures{SumOf(row[2]) - SumOf(row[3]), SumOf(row[4]), SumOf(row[5])};
      EXPECT_EQ(SumOf(row[6]) - SumOf(row[7]), figures.closing());
      found[std::stoul(row[0].text)] = figures;
    }
    EXPECT_TRUE(found == expected);
  }
}

TEST_F(RandomBooks, TheJournalHasEachTransactionOnce) {
  for (int i = 0; i < 10; ++i) {
    const uint32_t cooperative = 1 + i % 2;
    const Days days = RandomDays();
    std::map<uint64_t, std::map<std::pair<uint64_t, bool>, Sum>> expected;
    const NaiveBooks& naive = naive_[cooperative];
    for (const NaivePosting& p : naive.postings) {
      if (!Within(p, days)) continue;
      const auto after = naive.transactions.upper_bound(p.sequence);
      expected[*std::prev(after)][{p.account, p.debit}] += p.amount;
    }
    std::map<uint64_t, std::map<std::pair<uint64_t, bool>, Sum>> found;
    const CollectedReport report = Draw(RequestOf(ReportKind::kJournal, cooperative, days));
    uint64_t transactions = 0;
    for (const auto& [style, row] : report.sections.at(0).rows) {
      if (style == RowStyle::kTotal) continue;
      transactions += style == RowStyle::kLine;
      const bool debit = row[4].kind == Cell::Kind::kMoney;
      const auto sequence = static_cast<uint64_t>(row[1].number);
      const auto first = std::prev(naive.transactions.upper_bound(sequence));
      Sum& sum = found[*first][{lumbung::AccountOf(row[2].text).value(), debit}];
      EXPECT_EQ(sum, 0) << "an account twice on one side";
      sum = SumOf(debit ? row[4] : row[5]);
    }
    EXPECT_EQ(transactions, expected.size());
    EXPECT_TRUE(found == expected);
  }
}

TEST_F(RandomBooks, TheGeneralLedgerShowsEachPostingWithTheBalanceAfterIt) {
  for (int i = 0; i < 10; ++i) {
    const uint32_t cooperative = 1 + i % 2;
    const Days days = RandomDays();
    const CollectedReport report = Draw(RequestOf(ReportKind::kLedger, cooperative, days));
    const auto expected = FiguresOf(naive_[cooperative], days, CodeOf);
    ASSERT_EQ(report.sections.size(), expected.size());
    for (const CollectedSection& section : report.sections) {
      const uint64_t code = std::stoul(section.heading);
      const Figures& figures = expected.at(code);
      Sum balance = figures.opening;
      std::vector<std::pair<uint64_t, Sum>> shown;
      std::vector<std::pair<uint64_t, Sum>> wanted;
      EXPECT_EQ(SumOf(section.rows.front().second[6]), Normal(code, balance));
      for (const Row& row : section.RowsOf(RowStyle::kLine)) {
        shown.emplace_back(static_cast<uint64_t>(row[1].number), SumOf(row[6]));
      }
      for (const NaivePosting& p : naive_[cooperative].postings) {
        if (CodeOf(p) != code || !Within(p, days)) continue;
        balance += p.debit ? p.amount : -p.amount;
        wanted.emplace_back(p.sequence, Normal(code, balance));
      }
      EXPECT_TRUE(shown == wanted) << section.heading;
      const Row& total = section.rows.back().second;
      EXPECT_EQ(SumOf(total[4]), figures.debit);
      EXPECT_EQ(SumOf(total[5]), figures.credit);
      EXPECT_EQ(SumOf(total[6]), Normal(code, figures.closing()));
    }
  }
}

TEST_F(RandomBooks, TheCashBookAndACardHaveASectionForEachAccount) {
  for (int i = 0; i < 10; ++i) {
    const uint32_t cooperative = 1 + i % 2;
    const Days days = RandomDays();
    const auto figures = FiguresOf(naive_[cooperative], days, AccountOf);
    const auto compare = [&](const CollectedReport& report, auto wanted) {
      size_t compared = 0;
      for (const CollectedSection& section : report.sections) {
        const std::string name = section.heading.substr(0, section.heading.find(' '));
        const AccountId account = lumbung::AccountOf(name);
        EXPECT_TRUE(wanted(account)) << name;
        const auto found = figures.find(account.value());
        const Figures expected = found == figures.end() ? Figures{} : found->second;
        const Row& total = section.rows.back().second;
        EXPECT_EQ(SumOf(total[4]), expected.debit);
        EXPECT_EQ(SumOf(total[5]), expected.credit);
        EXPECT_EQ(SumOf(total[6]), Normal(account.code().value(), expected.closing()));
        compared += found != figures.end();
      }
      size_t all = 0;
      for (const auto& [account, of] : figures) all += wanted(AccountId{account});
      EXPECT_EQ(compared, all);
    };
    compare(Draw(RequestOf(ReportKind::kCash, cooperative, days)), [](AccountId account) {
      return account.code() == code::kMainCash || account.code() == code::kTill;
    });
    ReportRequest card = RequestOf(ReportKind::kMembers, cooperative, days);
    card.member = HolderNumber{1};
    const auto of_member = [](AccountId account) {
      const int code = account.code().value();
      return account.holder() == HolderNumber{1} &&
             (code == 2101 || code == 2150 || code == 3101 || code == 3102 || code == 1140);
    };
    bool joined = false;  // by the period's end
    for (const auto& [account, day] : naive_[cooperative].opened) {
      joined |= of_member(AccountId{account}) && (!days.last || day <= days.last->value());
    }
    if (joined) {
      compare(Draw(card), of_member);
    } else {
      CollectedReport none;
      EXPECT_EQ(WriteReport(*ledger_, card, none).status().code(), absl::StatusCode::kNotFound);
    }
  }
}

// The state machine knows what is held, and it is the oracle of this one.
TEST_F(RandomBooks, TheMemberListHasBalancesAndWhatIsHeld) {
  size_t held = 0;
  for (const uint32_t cooperative : {1u, 2u}) {
    const auto figures = FiguresOf(naive_[cooperative], Days{}, AccountOf);
    const CollectedReport report = Draw(RequestOf(ReportKind::kMembers, cooperative));
    for (const CollectedSection& section : report.sections) {
      for (const Row& row : section.RowsOf(RowStyle::kLine)) {
        const AccountId account = lumbung::AccountOf(row[0].text);
        const Account* const state = books_.state().FindAccount(account);
        ASSERT_NE(state, nullptr);
        EXPECT_EQ(SumOf(row[5]), state->balance().value()) << row[0].text;
        EXPECT_EQ(SumOf(row[6]), state->held.value()) << row[0].text;
        held += state->held.value() != 0;
        const auto found = figures.find(account.value());
        const Figures expected = found == figures.end() ? Figures{} : found->second;
        EXPECT_EQ(SumOf(row[3]), expected.debit);
        EXPECT_EQ(SumOf(row[4]), expected.credit);
      }
    }
  }
  EXPECT_GT(held, 0u);
}

TEST_F(RandomBooks, TheBalanceSheetAndTheResultAddUpTheClasses) {
  bool closed = false;
  for (int i = 0; i < 20; ++i) {
    const uint32_t cooperative = 1 + i % 2;
    const NaiveBooks& naive = naive_[cooperative];
    Days days = RandomDays();
    const CollectedReport result = Draw(RequestOf(ReportKind::kResult, cooperative, days));
    const auto of_class = [](const NaivePosting& p, int digit) { return p.code / 1000 == digit; };
    const auto earned = [&](int digit) {
      return naive.Net([&](const NaivePosting& p) {
        return of_class(p, digit) && Within(p, days) && !p.closing_entry;
      });
    };
    EXPECT_EQ(SumOf(result.sections.at(0).rows.back().second[2]), -earned(4));
    EXPECT_EQ(SumOf(result.sections.at(1).rows.back().second[2]), earned(5));
    EXPECT_EQ(SumOf(result.sections.at(2).rows.back().second[2]), -earned(4) - earned(5));
    closed = closed || result.end.notes.size() > 1;

    days.first.reset();
    const CollectedReport sheet = Draw(RequestOf(ReportKind::kBalanceSheet, cooperative, days));
    const auto stands = [&](int digit) {
      return naive.Net(
          [&](const NaivePosting& p) { return of_class(p, digit) && Within(p, days); });
    };
    EXPECT_EQ(SumOf(sheet.sections.at(0).rows.back().second[2]), stands(1));
    EXPECT_EQ(SumOf(sheet.sections.at(1).rows.back().second[2]), -stands(2));
    const auto& equity = sheet.sections.at(2).rows;
    EXPECT_EQ(SumOf(equity[equity.size() - 3].second[2]), -stands(4) - stands(5));
    EXPECT_EQ(SumOf(equity[equity.size() - 2].second[2]), -stands(3) - stands(4) - stands(5));
    EXPECT_EQ(SumOf(equity.back().second[2]), stands(1));
  }
  EXPECT_TRUE(closed) << "no closing entry was played";
}

TEST_F(RandomBooks, TheDailyClosingCountsEachTransactionOfTheDay) {
  for (int64_t day = kFirstDay - 1; day <= last_day_; ++day) {
    const uint32_t cooperative = 1 + day % 2;
    const BusinessDate date{static_cast<int32_t>(day)};
    CollectedReport report;
    const ReportRequest request =
        RequestOf(ReportKind::kDailyClosing, cooperative, Days{date, date});
    const auto verdict = WriteReport(*ledger_, request, report);
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    const NaiveBooks& naive = naive_[cooperative];
    uint64_t transactions = 0;
    for (const auto& [first, of_day] : naive.day_of_transaction) transactions += of_day == day;
    Sum debits = 0;
    for (const NaivePosting& p : naive.postings) {
      if (p.debit && p.day == day) debits += p.amount;
    }
    const Row& total = report.sections.at(0).rows.back().second;
    EXPECT_EQ(total[1].number, static_cast<Sum>(transactions));
    EXPECT_EQ(SumOf(total[3]), debits);
    // Random traffic leaves money on 2199, so that control alone may fail.
    const Sum suspense =
        naive.Net([&](const NaivePosting& p) { return p.code == 2199 && p.day <= day; });
    size_t failed = 0;
    for (const Control& control : report.end.controls) failed += !control.holds();
    EXPECT_EQ(failed, suspense == 0 ? 0u : 1u);
    EXPECT_EQ(*verdict, suspense == 0 ? Verdict::kControlsHold : Verdict::kControlFailed);
  }
}

}  // namespace
}  // namespace lumbung::books
