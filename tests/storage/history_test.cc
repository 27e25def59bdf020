#include "storage/history.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

#include "tests/engine/core/seed.h"
#include "tests/storage/played_ledger.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

struct Line {
  Sequence sequence;
  Timestamp timestamp;
  Amount balance;
};

// Each account's accepted entries in order, read straight from the ledger: those whose chain they
// are part of.
std::map<AccountId, std::vector<Line>> NaiveHistories(const LedgerStore& ledger) {
  std::map<AccountId, std::vector<Line>> histories;
  const absl::Status read = ledger.ReadBlocks(Sequence{1}, [&](const StoredBlock& block) {
    for (size_t i = 0; i < block.entries.size(); ++i) {
      const Entry& entry = block.entries[i];
      if (entry.outcome != Outcome::kAccepted) continue;
      const Sequence sequence{block.first.value() + i};
      if (entry.debit_account != AccountId{} && entry.debit_account.code() != AccountCode{0}) {
        histories[entry.debit_account].push_back({sequence, entry.timestamp, entry.debit_balance});
      }
      const Step step = entry.kind.step();
      const bool moves_money = step == Step::kPost || step == Step::kCapture ||
                               step == Step::kRefund || step == Step::kReverse;
      if (moves_money) {
        histories[entry.credit_account].push_back(
            {sequence, entry.timestamp, entry.credit_balance});
      }
    }
    return true;
  });
  EXPECT_TRUE(read.ok()) << read;
  return histories;
}

class HistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    seed_ = TestSeed();
    played_ = std::make_unique<PlayedLedger>(folder_.Path("ledger"), seed_);
    derived_ = std::move(*DerivedStore::Open(folder_.Path("derived")));
    for (int i = 0; i < 8; ++i) {
      played_->Play(500);
      played_->Write();
      // The last days stay pending in memory, as they do between two checkpoints.
      const auto balances = played_->books.state().TakeDailyBalances();
      if (i < 6) {
        ASSERT_TRUE(derived_->StoreDailyBalances(balances).ok());
      }
    }
    histories_ = NaiveHistories(*played_->store);
  }

  const Account& account(AccountId id) { return *played_->books.state().FindAccount(id); }

  TemporaryFolder folder_;
  uint64_t seed_ = 0;
  std::unique_ptr<PlayedLedger> played_;
  std::unique_ptr<DerivedStore> derived_;
  std::map<AccountId, std::vector<Line>> histories_;
};

TEST_F(HistoryTest, KnowsEachBalanceAtEachMoment) {
  std::mt19937_64 random(seed_);
  // With turns of one block the ledger is read backwards after the first link of the chain.
  const History by_chain(*played_->store, *derived_);
  const History by_turns(*played_->store, *derived_, 1);
  const int64_t begin = kNoon.value() - kDay;
  const int64_t span = played_->books.now().value() - begin + kDay;
  int compared = 0;
  for (const auto& [id, lines] : histories_) {
    for (int i = 0; i < 20; ++i) {
      Timestamp time{begin + static_cast<int64_t>(random() % static_cast<uint64_t>(span))};
      if (i % 2 == 0) {
        // Exactly at an entry, and just before one.
        const Line& line = lines[random() % lines.size()];
        time = Timestamp{line.timestamp.value() - (i % 4 == 0 ? 1 : 0)};
      }
      Amount expected{0};
      for (const Line& line : lines) {
        if (line.timestamp <= time) expected = line.balance;
      }
      const History& history = i % 3 == 0 ? by_chain : by_turns;
      const auto found = history.BalanceAt(account(id), time);
      ASSERT_TRUE(found.ok()) << found.status();
      ASSERT_EQ(*found, expected) << id.ToString() << " at " << time.value();
      ++compared;
    }
  }
  EXPECT_GT(compared, 500);
}

TEST_F(HistoryTest, ListsEachEntryOfAPeriodOnceNewestFirstPageByPage) {
  std::mt19937_64 random(seed_);
  const History history(*played_->store, *derived_);
  for (const auto& [id, lines] : histories_) {
    const Line& one = lines[random() % lines.size()];
    const Line& other = lines[random() % lines.size()];
    const Timestamp from = std::min(one.timestamp, other.timestamp);
    const Timestamp to{std::max(one.timestamp, other.timestamp).value() +
                       static_cast<int64_t>(random() % 2)};
    std::vector<uint64_t> expected;
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      if (line->timestamp >= from && line->timestamp < to) {
        expected.push_back(line->sequence.value());
      }
    }
    std::vector<uint64_t> found;
    Sequence newest;
    for (;;) {
      const auto page = history.Statement(account(id), newest, from, to, 3);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const StatementLine& line : *page) found.push_back(line.sequence.value());
      if (page->size() < 3) break;
      const StatementLine& last = page->back();
      newest =
          last.entry.debit_account == id ? last.entry.debit_previous : last.entry.credit_previous;
      if (newest == kNoSequence) break;
    }
    ASSERT_EQ(found, expected) << id.ToString();
    // From the account's last entry, though it is behind the range.
    const auto from_last =
        history.Statement(account(id), account(id).last_sequence, from, to, 1000);
    ASSERT_TRUE(from_last.ok()) << from_last.status();
    std::vector<uint64_t> sequences;
    for (const StatementLine& line : *from_last) sequences.push_back(line.sequence.value());
    expected.resize(std::min<size_t>(expected.size(), 1000));
    ASSERT_EQ(sequences, expected) << id.ToString();
  }
}

// What only names the account is no place to go on from: a decline, a hold on whose credit side it
// stands, another account's entry, one that is not there.
TEST_F(HistoryTest, GoesOnFromEachEntryOfTheChainAndFromNoOther) {
  std::mt19937_64 random(seed_);
  const History history(*played_->store, *derived_);
  const Timestamp from{std::numeric_limits<int64_t>::min()};
  const Timestamp to{std::numeric_limits<int64_t>::max()};
  const uint64_t last = played_->store->last().value();
  int refused = 0;
  for (const auto& [id, lines] : histories_) {
    for (int i = 0; i < 100; ++i) {
      const Line& line = lines[random() % lines.size()];
      const Sequence newest = i % 2 == 0 ? line.sequence : Sequence{1 + random() % (last + 100)};
      std::vector<Sequence> expected;
      for (auto it = lines.rbegin(); it != lines.rend() && expected.size() < 2; ++it) {
        if (it->sequence <= newest) expected.push_back(it->sequence);
      }
      const auto page = history.Statement(account(id), newest, from, to, 2);
      if (expected.empty() || expected[0] != newest) {
        ASSERT_TRUE(absl::IsInvalidArgument(page.status())) << page.status();
        ++refused;
        continue;
      }
      ASSERT_TRUE(page.ok()) << page.status();
      std::vector<Sequence> found;
      for (const StatementLine& found_line : *page) found.push_back(found_line.sequence);
      ASSERT_TRUE(found == expected) << id.ToString() << " from " << newest.value();
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(HistoryTest, TakesTheLeastAndTheGreatestMoment) {
  const History history(*played_->store, *derived_);
  const Timestamp least{std::numeric_limits<int64_t>::min()};
  const Timestamp greatest{std::numeric_limits<int64_t>::max()};
  const auto& [id, lines] = *histories_.begin();
  EXPECT_EQ(*history.BalanceAt(account(id), least), Amount{0});
  EXPECT_EQ(*history.BalanceAt(account(id), greatest), lines.back().balance);
  EXPECT_TRUE(history.Statement(account(id), kNoSequence, greatest, least, 10)->empty());
  EXPECT_TRUE(history.Statement(account(id), kNoSequence, least, least, 10)->empty());
  EXPECT_EQ(history.Statement(account(id), kNoSequence, least, greatest, 1'000'000)->size(),
            lines.size());
}

}  // namespace
}  // namespace lumbung
