#include "engine/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/fingerprint.h"
#include "engine/state.h"
#include "engine/state_data.h"
#include "tests/engine/core/map_cold_index.h"
#include "tests/engine/core/seed.h"
#include "tests/engine/rules/village.h"
#include "tests/model/random_traffic.h"

namespace lumbung {
namespace {

// Enough slots that nothing needs to be sealed.
constexpr size_t kIdSlots = size_t{1} << 18;

// Applies `count` random commands, and calls `after` after each.
template <typename After>
void Play(Books& books, RandomTraffic& traffic, int count, After after) {
  for (int i = 0; i < count; ++i) {
    books.Advance(traffic.Pause());
    books.ExpireHolds();
    books.Apply(traffic.Next(books.now()));
    after(i);
  }
}

absl::Status ReplayAll(Books& books, State& state, Sequence watermark, IdWindow& ids) {
  Replay replay(state, ids, watermark, kNoSequence);
  for (const auto& block : books.Flush()) {
    absl::Status status = replay.Apply(block->first(), block->entries(), block->attachments());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Stores the part's images over those that are there.
template <typename Record>
void Store(std::vector<Record>& stored, const std::vector<Record>& images) {
  for (const Record& image : images) {
    const auto same = std::find_if(stored.begin(), stored.end(), [&](const Record& record) {
      return KeyOf(record) == KeyOf(image);
    });
    if (same == stored.end()) {
      stored.push_back(image);
    } else {
      *same = image;
    }
  }
}

void MergeInto(CheckpointPart& stored, const CheckpointPart& part) {
  Store(stored.accounts, part.accounts);
  Store(stored.holds, part.holds);
  Store(stored.follow_ups, part.follow_ups);
  Store(stored.cooperatives, part.cooperatives);
  Store(stored.branches, part.branches);
  Store(stored.terminals, part.terminals);
}

// By account and date, each once, as text that can be compared and printed.
std::map<std::pair<uint64_t, int32_t>, std::string> InOrder(
    const std::vector<DailyBalance>& balances) {
  std::map<std::pair<uint64_t, int32_t>, std::string> ordered;
  for (const DailyBalance& day : balances) {
    ordered[{day.account.value(), day.date.value()}] =
        std::to_string(day.debits_posted.value()) + " " +
        std::to_string(day.credits_posted.value()) + " " + std::to_string(day.held.value()) + " " +
        std::to_string(day.sequence.value()) + " " + std::to_string(day.timestamp.value());
  }
  return ordered;
}

struct Window {
  MapColdIndex cold;
  IdWindow ids{{.slots_per_generation = kIdSlots}, cold};
};

TEST(Replay, FromTheBeginningGivesTheLiveState) {
  const uint64_t seed = TestSeed();
  for (uint64_t round = 0; round < 10; ++round) {
    Books books;
    RandomTraffic traffic(seed + round);
    Play(books, traffic, 2000, [](int) {});
    State replayed;
    Window window;
    const absl::Status status = ReplayAll(books, replayed, kNoSequence, window.ids);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(replayed.last_sequence(), books.state().last_sequence());
    EXPECT_EQ(replayed.Hash(), books.state().Hash());
    EXPECT_EQ(replayed.open_hold_count(), books.state().open_hold_count());
    EXPECT_EQ(InOrder(replayed.TakeDailyBalances()), InOrder(books.state().TakeDailyBalances()));
  }
}

TEST(Replay, TakesAFenceOfACooperativeThatWasNeverOpened) {
  // The engine writes none, but ledgers of its first days have them.
  Books books;
  OpenVillage(books, 7, 1);
  const Result fence = books.Resolve(IdOf(900'001), Resolve::IfUnknown::kFence);
  ASSERT_EQ(fence.outcome, Outcome::kFenced);
  State replayed;
  Window window;
  Replay replay(replayed, window.ids, kNoSequence, kNoSequence);
  for (const auto& block : books.Flush()) {
    std::vector<Entry> entries(block->entries().begin(), block->entries().end());
    for (Entry& entry : entries) {
      if (entry.kind.step() == Step::kFence) entry.debit_account = AccountId{uint64_t{77} << 40};
    }
    const absl::Status status = replay.Apply(block->first(), entries, block->attachments());
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  EXPECT_EQ(replayed.last_sequence(), books.state().last_sequence());
  const auto known = window.ids.FindInMemory(IdOf(900'001));
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known->outcome, Outcome::kFenced);
  EXPECT_EQ(known->sequence, fence.sequence);
}

TEST(Replay, FromACheckpointTakenInPartsWhilePaymentsGoOnGivesTheLiveState) {
  const uint64_t seed = TestSeed();
  for (uint64_t round = 0; round < 20; ++round) {
    Books books;
    RandomTraffic traffic(seed + round);
    std::vector<DailyBalance> live;
    std::vector<DailyBalance> stored;
    const auto add = [](std::vector<DailyBalance>& to, const std::vector<DailyBalance>& more) {
      to.insert(to.end(), more.begin(), more.end());
    };
    // Two rounds: the second has only what changed since the first began.
    std::vector<CheckpointPart> parts;
    Sequence watermark;
    bool in_round = false;
    Play(books, traffic, 3000, [&](int i) {
      if (i == 700 || i == 1800) {
        watermark = books.state().BeginCheckpoint();
        in_round = true;
      }
      if (!in_round || i % 5 != 0) return;
      CheckpointPart& part = parts.emplace_back();
      books.state().CollectCheckpoint(7, part);
      add(live, part.daily_balances);
      add(stored, part.daily_balances);
      in_round = !part.complete;
    });
    ASSERT_FALSE(in_round);
    add(live, books.state().TakeDailyBalances());

    // The later image of an object replaces the earlier, as in a store.
    State replayed;
    CheckpointPart images;
    for (const CheckpointPart& part : parts) MergeInto(images, part);
    replayed.Load(images);
    Timestamp time;
    for (const auto& block : books.Flush()) {
      if (watermark >= block->first() && watermark <= block->last()) {
        time = block->entries()[watermark.value() - block->first().value()].timestamp;
      }
    }
    replayed.FinishLoad(watermark, time);
    Window window;
    const absl::Status status = ReplayAll(books, replayed, watermark, window.ids);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(replayed.Hash(), books.state().Hash());
    EXPECT_EQ(replayed.open_hold_count(), books.state().open_hold_count());
    add(stored, replayed.TakeDailyBalances());
    EXPECT_EQ(InOrder(stored), InOrder(live));
  }
}

// A machine that goes on where a replay ended, with what it writes in one block.
class Successor final : private BlockWriter::Blocks, private OriginalSource {
 public:
  Successor(State& state, IdWindow& ids)
      : machine_(state, ids, *this),
        writer_(*this, block_, Sequence{state.last_sequence().value() + 1}),
        now_(state.last_timestamp().value()) {}

  Result Apply(const Command& command) {
    return machine_.Apply(command, {}, Timestamp{++now_}, writer_);
  }

 private:
  Block& Exchange(Block& closed) override { return closed; }
  bool ReadTransaction(Sequence, std::vector<Entry>&) override { return false; }

  StateMachine machine_;
  Block block_;
  BlockWriter writer_;
  int64_t now_;
};

std::vector<std::string> AccountsOf(const State& state) {
  std::vector<std::string> accounts;
  for (const Account& account : state.ListAccounts(CooperativeId{7}, {}, 1'000)) {
    accounts.push_back(account.id.ToString());
  }
  return accounts;
}

// The entries of an opening may stand in two blocks, of which a crash leaves the first.
TEST(Replay, OfOpeningsCutAnywhereLeavesWhatARepeatOfThemCompletes) {
  const std::vector<Command> openings = {
      OpenCooperative{.cooperative = CooperativeId{7}, .policy = {}, .name = "Bentangan"},
      OpenBranch{.cooperative = CooperativeId{7}, .branch = BranchId{1}, .name = "Sembako"},
      OpenTerminal{.cooperative = CooperativeId{7},
                   .branch = BranchId{1},
                   .terminal = TerminalId{1},
                   .name = "Kasir"}};
  Books whole;
  for (const Command& opening : openings) {
    ASSERT_EQ(whole.Apply(opening).outcome, Outcome::kAccepted);
  }
  ASSERT_EQ(whole.Flush().size(), 1u);
  const Block& block = *whole.Flush()[0];
  const std::vector<std::string> all = AccountsOf(whole.state());
  ASSERT_EQ(block.count(), all.size() + openings.size());
  size_t attached = 0;
  for (size_t left = 1; left < block.count(); ++left) {
    attached += block.entries()[left - 1].attachment_length;
    State state;
    Window window;
    Replay replay(state, window.ids, kNoSequence, kNoSequence);
    const absl::Status status =
        replay.Apply(Sequence{1}, block.entries().first(left), block.attachments().first(attached));
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_LT(AccountsOf(state).size(), all.size());
    Successor successor(state, window.ids);
    uint64_t written = left;
    for (const Command& opening : openings) {
      const Result result = successor.Apply(opening);
      EXPECT_EQ(result.outcome, Outcome::kAccepted);
      written += result.leg_count;
    }
    EXPECT_EQ(AccountsOf(state), all) << left << " entries left";
    EXPECT_EQ(written, block.count()) << left << " entries left";
  }
}

// A few transactions, to be tampered with.
class Tampering : public testing::Test {
 protected:
  Tampering() {
    Books books;
    OpenVillage(books, 7, 2);
    const Leg leg{
        .debit = AccountOf("7.1102.1"), .credit = AccountOf("7.2101.1"), .amount = Amount{100}};
    Post post;
    post.purpose = Purpose::kDepositSukarela;
    post.legs = {&leg, 1};
    for (uint64_t id = 1; id <= 3; ++id) {
      post.header.id = IdOf(id);
      last_ = books.Apply(post).sequence;
    }
    const Block& block = *books.Flush()[0];
    entries_.assign(block.entries().begin(), block.entries().end());
    attachments_.assign(block.attachments().begin(), block.attachments().end());
  }
  Entry& last() { return entries_[last_.value() - 1]; }
  std::string ReplayMessage() {
    State state;
    Window window;
    Replay replay(state, window.ids, kNoSequence, kNoSequence);
    return std::string(replay.Apply(Sequence{1}, entries_, attachments_).message());
  }
  void ExpectBroken(const std::string& what) {
    const std::string message = ReplayMessage();
    EXPECT_NE(message.find("entry " + std::to_string(last_.value())), std::string::npos) << message;
    EXPECT_NE(message.find(what), std::string::npos) << message;
  }

  std::vector<Entry> entries_;
  std::vector<std::byte> attachments_;
  Sequence last_;
};

TEST_F(Tampering, WithNothingIsNoticedByNobody) { EXPECT_EQ(ReplayMessage(), ""); }

TEST_F(Tampering, WithAnAmountIsNoticed) {
  last().amount = Amount{101};
  ExpectBroken("balance of the debit account: expected 301, found 300");
}

TEST_F(Tampering, WithABalanceIsNoticed) {
  last().credit_balance = Amount{1'000};
  ExpectBroken("balance of the credit account");
}

TEST_F(Tampering, WithABackPointerIsNoticed) {
  last().credit_previous = Sequence{1};
  ExpectBroken("previous entry of the credit account");
}

TEST_F(Tampering, WithTheTimeIsNoticed) {
  last().timestamp = entries_[last_.value() - 2].timestamp;
  ExpectBroken("time");
}

TEST_F(Tampering, WithTheLegsIsNoticed) {
  last().leg_count = 2;
  ExpectBroken("legs");
  last().leg_count = 1;
  last().leg_index = 1;
  ExpectBroken("legs");
}

TEST_F(Tampering, WithAnAccountIsNoticed) {
  last().credit_account = AccountOf("7.2101.9");
  ExpectBroken("never opened");
}

TEST_F(Tampering, WithTheOutcomeIsNoticed) {
  last().outcome = Outcome::kInsufficientFunds;
  ExpectBroken("balance");
  last().outcome = Outcome::kIdConflict;
  ExpectBroken("outcome");
}

TEST_F(Tampering, WithTheStepIsNoticed) {
  last().kind = EntryKind::Of(static_cast<Step>(12), Purpose::kPayment);
  ExpectBroken("step");
}

TEST_F(Tampering, WithTheIdIsNoticed) {
  last().id = {};
  ExpectBroken("without an id");
}

TEST_F(Tampering, ByGivingAnEntryTheIdOfAnotherIsNoticed) {
  const uint64_t spent = last_.value() - 2;
  last().id = entries_[spent - 1].id;
  ExpectBroken("an id that entry " + std::to_string(spent) + " spent");
}

TEST_F(Tampering, ByMovingMoneyFromAnAccountToItselfIsNoticed) {
  last().credit_account = last().debit_account;
  ExpectBroken("to itself");
}

TEST_F(Tampering, WithAnOutcomeThatNobodyKnowsIsNoticed) {
  last().outcome = static_cast<Outcome>(299);
  ExpectBroken("an outcome that is never recorded: expected 1, found 299");
}

// What the replay says of a village's ledger whose last entry was changed.
std::string ReplayOfSpoilt(Village& village, const std::function<void(Entry&)>& spoil) {
  const Block& block = *village.books.Flush()[0];
  std::vector<Entry> entries(block.entries().begin(), block.entries().end());
  spoil(entries.back());
  State state;
  Window window;
  Replay replay(state, window.ids, kNoSequence, kNoSequence);
  return std::string(replay.Apply(Sequence{1}, entries, block.attachments()).message());
}

TEST(TamperingWithHolds, ByEndingOneTwiceIsNoticed) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  const Leg leg = LegOf("7.2101.1", "7.4101.1", 100);
  const Sequence first = village.Hold(2, {leg}, 60).sequence;
  village.Hold(3, {leg}, 60);
  village.Void(4, 2);
  village.Void(5, 3);
  const auto nothing = [](Entry&) {};
  EXPECT_EQ(ReplayOfSpoilt(village, nothing), "");
  const std::string message = ReplayOfSpoilt(village, [&](Entry& e) { e.related = first; });
  EXPECT_NE(message.find("it ends a hold that was ended before"), std::string::npos) << message;
}

TEST(TamperingWithHolds, ByCapturingMoreThanWasHeldIsNoticed) {
  Village village;
  village.Deposit(1, "7.2101.1", 1'000);
  village.Hold(2, {LegOf("7.2101.1", "7.4101.1", 100)}, 60);
  village.Capture(3, 2);
  const std::string message = ReplayOfSpoilt(village, [](Entry& e) { e.amount = Amount{101}; });
  EXPECT_NE(message.find("it captures more than was held"), std::string::npos) << message;
}

TEST(TamperingWithRefunds, ByTakingBackWhatWasNeverRefundedIsNoticed) {
  Village village;
  const Sequence deposit = village.Deposit(1, "7.2101.1", 1'000).sequence;
  const Leg leg = LegOf("7.2101.1", "7.4101.1", 100);
  village.Post(2, Purpose::kPayment, {leg});
  village.Refund(3, 2);
  const Result reversal = village.Reverse(4, 3);
  ASSERT_EQ(reversal.outcome, Outcome::kAccepted);
  const Block& block = *village.books.Flush()[0];
  std::vector<std::byte> attachments(block.attachments().begin(), block.attachments().end());
  const uint64_t other = deposit.value();
  std::memcpy(&attachments[attachments.size() - sizeof other], &other, sizeof other);
  State state;
  Window window;
  Replay replay(state, window.ids, kNoSequence, kNoSequence);
  const std::string message(replay.Apply(Sequence{1}, block.entries(), attachments).message());
  EXPECT_NE(message.find("that add up to no amount"), std::string::npos) << message;
}

TEST_F(Tampering, ByDroppingAnEntryIsNoticed) {
  entries_.erase(entries_.begin() + static_cast<int64_t>(last_.value()) - 2);
  EXPECT_NE(ReplayMessage().find("previous entry"), std::string::npos);
}

}  // namespace
}  // namespace lumbung
