#include "storage/statement_pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include "storage/history.h"
#include "tests/engine/core/seed.h"
#include "tests/storage/played_ledger.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

constexpr Timestamp kLeast{std::numeric_limits<int64_t>::min()};
constexpr Timestamp kGreatest{std::numeric_limits<int64_t>::max()};

class StatementPagesTest : public testing::Test {
 protected:
  void SetUp() override {
    seed_ = TestSeed();
    random_.seed(seed_);
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
    FindAccounts();
  }

  // Those that have a chain of some length.
  void FindAccounts() {
    std::map<AccountId, size_t> entries;
    ASSERT_TRUE(played_->store
                    ->ReadBlocks(Sequence{1},
                                 [&](const StoredBlock& block) {
                                   for (const Entry& entry : block.entries) {
                                     ++entries[entry.debit_account];
                                     ++entries[entry.credit_account];
                                     moments_.push_back(entry.timestamp);
                                   }
                                   return true;
                                 })
                    .ok());
    for (const auto& [id, count] : entries) {
      const Account* const account = played_->books.state().FindAccount(id);
      if (account != nullptr && account->last_sequence != kNoSequence) accounts_.push_back(account);
    }
    ASSERT_GT(accounts_.size(), 20u);
  }

  // The other order is the oracle: it has its own (history_test).
  std::vector<uint64_t> Expected(const Account& account, Timestamp from, Timestamp to) const {
    const History history(*played_->store, *derived_);
    const auto lines = history.Statement(account, kNoSequence, from, to, 1'000'000);
    EXPECT_TRUE(lines.ok()) << lines.status();
    std::vector<uint64_t> sequences;
    for (const StatementLine& line : *lines) sequences.push_back(line.sequence.value());
    std::reverse(sequences.begin(), sequences.end());
    return sequences;
  }

  struct AllPages {
    std::vector<uint64_t> sequences;
    size_t pages = 0;
    size_t most_blocks = 0;
    size_t short_pages = 0;  // that were not the last
  };
  static AllPages ReadAll(const StatementPages& pages, const Account& account, Timestamp from,
                          Timestamp to, size_t limit) {
    AllPages all;
    Sequence next;
    do {
      const auto page = pages.OldestFirst(account, {.oldest = next, .from = from, .to = to}, limit);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return all;
      for (const StatementLine& line : page->lines) all.sequences.push_back(line.sequence.value());
      EXPECT_LE(page->lines.size(), limit);
      EXPECT_TRUE(page->next == kNoSequence || page->next > next) << "no progress";
      if (page->next != kNoSequence && page->next <= next) return all;
      ++all.pages;
      all.most_blocks = std::max(all.most_blocks, page->blocks_read);
      all.short_pages += page->next != kNoSequence && page->lines.size() < limit;
      next = page->next;
    } while (next != kNoSequence);
    return all;
  }

  Timestamp Moment() {
    const int64_t moment = moments_[random_() % moments_.size()].value();
    return Timestamp{moment + static_cast<int64_t>(random_() % 3) - 1};
  }

  TemporaryFolder folder_;
  uint64_t seed_ = 0;
  std::mt19937_64 random_;
  std::unique_ptr<PlayedLedger> played_;
  std::unique_ptr<DerivedStore> derived_;
  std::vector<const Account*> accounts_;
  std::vector<Timestamp> moments_;
};

TEST_F(StatementPagesTest, HaveEachEntryOfAPeriodOnceOldestFirstWhateverTheirSize) {
  const StatementPages pages(*played_->store, *derived_);
  for (const Account* const account : accounts_) {
    for (const size_t limit : {size_t{1}, size_t{7}, size_t{1000}}) {
      Timestamp from = Moment();
      Timestamp to = Moment();
      if (to < from) std::swap(from, to);
      EXPECT_EQ(ReadAll(pages, *account, from, to, limit).sequences, Expected(*account, from, to))
          << account->id.ToString();
    }
    EXPECT_EQ(ReadAll(pages, *account, kLeast, kGreatest, 50).sequences,
              Expected(*account, kLeast, kGreatest));
    EXPECT_TRUE(ReadAll(pages, *account, kGreatest, kLeast, 50).sequences.empty());
  }
}

// With a bound of two blocks nothing is found by the chain, and pages end early.
TEST_F(StatementPagesTest, CostAtMostTheirBoundAndLoseNothingWhenTheyEndEarly) {
  size_t ended_early = 0;
  for (const size_t bound : {size_t{2}, size_t{6}}) {
    const StatementPages pages(*played_->store, *derived_, bound);
    for (const Account* const account : accounts_) {
      const AllPages all = ReadAll(pages, *account, kLeast, kGreatest, 20);
      EXPECT_EQ(all.sequences, Expected(*account, kLeast, kGreatest)) << account->id.ToString();
      // The search for the first moment, and a block to look beyond.
      EXPECT_LE(all.most_blocks, bound + 16);
      ended_early += all.short_pages;
    }
  }
  EXPECT_GT(ended_early, 0u);
}

TEST_F(StatementPagesTest, CarryTheBalanceAfterEachEntry) {
  const StatementPages pages(*played_->store, *derived_);
  const Account& account = *accounts_[random_() % accounts_.size()];
  const auto page =
      pages.OldestFirst(account, {.oldest = {}, .from = kLeast, .to = kGreatest}, 1'000'000);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->lines.back().balance, account.balance());
  EXPECT_EQ(page->lines.back().sequence, account.last_sequence);
}

// The account is a query's answer; while the page waits for its turn payments go on, over midnight,
// and what they made of the days is stored.
TEST_F(StatementPagesTest, EndWithWhatTheAccountKnowsThoughALaterClosingIsStored) {
  std::vector<Account> known;
  for (const Account* const account : accounts_) known.push_back(*account);
  std::vector<std::vector<uint64_t>> expected;
  for (const Account& account : known) expected.push_back(Expected(account, kLeast, kGreatest));
  for (int i = 0; i < 3; ++i) {
    played_->Play(300);
    played_->books.Advance(kDay);
  }
  played_->Play(300);
  played_->Write();
  ASSERT_TRUE(derived_->StoreDailyBalances(played_->books.state().TakeDailyBalances()).ok());
  const StatementPages pages(*played_->store, *derived_);
  size_t later = 0;
  for (size_t i = 0; i < known.size(); ++i) {
    EXPECT_EQ(ReadAll(pages, known[i], kLeast, kGreatest, 50).sequences, expected[i])
        << known[i].id.ToString();
    if (accounts_[i]->last_sequence > known[i].last_sequence) ++later;
  }
  EXPECT_GT(later, 10u);
}

TEST_F(StatementPagesTest, GoOnFromAnyPlaceOfTheLedgerButNotBeyondTheAccountsLastEntry) {
  const StatementPages pages(*played_->store, *derived_);
  for (const Account* const account : accounts_) {
    const Sequence oldest{1 + random_() % account->last_sequence.value()};
    const auto page =
        pages.OldestFirst(*account, {.oldest = oldest, .from = kLeast, .to = kGreatest}, 1'000'000);
    ASSERT_TRUE(page.ok()) << page.status();
    std::vector<uint64_t> found;
    for (const StatementLine& line : page->lines) found.push_back(line.sequence.value());
    std::vector<uint64_t> expected = Expected(*account, kLeast, kGreatest);
    std::erase_if(expected, [&](uint64_t sequence) { return sequence < oldest.value(); });
    EXPECT_EQ(found, expected);
    const Sequence beyond{account->last_sequence.value() + 1};
    EXPECT_TRUE(absl::IsInvalidArgument(
        pages.OldestFirst(*account, {.oldest = beyond, .from = kLeast, .to = kGreatest}, 10)
            .status()));
  }
}

}  // namespace
}  // namespace lumbung
