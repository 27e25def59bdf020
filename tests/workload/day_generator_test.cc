#include "bench/workload/day_generator.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "bench/workload/amount_draw.h"
#include "bench/workload/build_transaction.h"
#include "bench/workload/opening.h"
#include "bench/workload/party_picker.h"
#include "engine/chart.h"
#include "engine/posting_rule.h"
#include "tests/workload/seed.h"

namespace lumbung {
namespace {

using Action = PlannedCall::Action;
using Channel = PlannedCall::Channel;
using Fault = PlannedCall::Fault;

constexpr Timestamp kNow{1'790'000'000'000'000'000};

struct Day {
  std::vector<CooperativePlan> region = KlatenRegion(6);
  ExpectedBooks books{region};
  std::vector<PlannedCall> calls;

  explicit Day(const DayOptions& options) {
    for (const CooperativePlan& plan : region) {
      for (const v1::Transaction& opening : OpeningTransactions(plan)) Post(opening);
    }
    DayGenerator generator(region, books, options, [] { return kNow; });
    while (std::optional<PlannedCall> call = generator.Next()) calls.push_back(std::move(*call));
  }

  void Post(const v1::Transaction& transaction) {
    books.Move(Amount{transaction.amount()}, AccountId{transaction.debit_account()},
               AccountId{transaction.credit_account()});
    for (const v1::Leg& leg : transaction.further_legs()) {
      books.Move(Amount{leg.amount()}, AccountId{leg.debit_account()},
                 AccountId{leg.credit_account()});
    }
  }
};

bool IsFresh(const PlannedCall& call) {
  return call.action == Action::kTransaction && call.fault == Fault::kNone;
}

constexpr uint64_t kTransactions = 60'000;

const Day& LongDay() {
  static const Day day(
      {.transactions = kTransactions, .seed = TestSeed(), .id_seed = 7, .reads_per_hundred = 50});
  return day;
}

TEST(DayGenerator, GivesTheSameStreamForTheSameSeed) {
  const DayOptions options{
      .transactions = 3'000, .seed = 5, .id_seed = 6, .reads_per_hundred = 100};
  const Day one(options);
  const Day again(options);
  ASSERT_EQ(one.calls.size(), again.calls.size());
  for (size_t i = 0; i < one.calls.size(); ++i) {
    ASSERT_EQ(one.calls[i].transaction.SerializeAsString(),
              again.calls[i].transaction.SerializeAsString());
    ASSERT_EQ(one.calls[i].action, again.calls[i].action);
    ASSERT_EQ(one.calls[i].second_of_day, again.calls[i].second_of_day);
  }
}

TEST(DayGenerator, GivesAnotherStreamForAnotherSeed) {
  const Day one({.transactions = 100, .seed = 5, .id_seed = 6});
  const Day other({.transactions = 100, .seed = 6, .id_seed = 6});
  EXPECT_NE(one.calls.front().transaction.SerializeAsString(),
            other.calls.front().transaction.SerializeAsString());
}

TEST(DayGenerator, GivesAnIdOfItsOwnToEachFreshTransaction) {
  std::set<TransactionId> ids;
  for (const PlannedCall& call : LongDay().calls) {
    if (!IsFresh(call)) continue;
    const TransactionId id = IdOf(call.transaction.id());
    ASSERT_TRUE(id.IsWellFormed());
    ASSERT_TRUE(ids.insert(id).second);
    ASSERT_LE(id.BirthTime().value_or(kNow).value(), kNow.value());
  }
}

TEST(DayGenerator, KeepsTheMixOfActivities) {
  std::map<Activity, double> counts;
  for (const PlannedCall& call : LongDay().calls) {
    if (IsFresh(call)) ++counts[call.activity];
  }
  for (const ActivityShare& share : ActivityShares()) {
    const double expected = share.parts / 10'000.0;
    EXPECT_NEAR(counts[share.activity] / kTransactions, expected, 0.05 * expected + 0.003)
        << share.name;
  }
}

TEST(DayGenerator, MakesFaultsInTheirShares) {
  std::map<Fault, double> faults;
  double offline = 0;
  for (const PlannedCall& call : LongDay().calls) {
    if (call.action != Action::kTransaction) continue;
    ++faults[call.fault];
    if (call.channel == Channel::kUpload) ++offline;
  }
  EXPECT_NEAR(faults[Fault::kResend] / kTransactions, 0.02, 0.003);
  EXPECT_NEAR(faults[Fault::kConcurrentCopy] / kTransactions, 0.002, 0.001);
  EXPECT_NEAR(faults[Fault::kAlteredCopy] / kTransactions, 0.0005, 0.0004);
  EXPECT_NEAR(faults[Fault::kLateOriginal] / kTransactions, 0.0005, 0.0004);
  EXPECT_NEAR(offline / kTransactions, 0.0005, 0.0012);
}

TEST(DayGenerator, PlansDeclinesInTheirShare) {
  double declines = 0;
  for (const PlannedCall& call : LongDay().calls) {
    if (IsFresh(call) && call.meant_to_decline && call.activity == Activity::kWalletPayment) {
      ++declines;
    }
  }
  EXPECT_NEAR(declines / kTransactions, kDeclineParts / 10'000.0, 0.005);
}

// What may be judged without knowing balances: neither of these hangs on what else is on its way.
TEST(DayGenerator, ExpectsOnlyWhatIsCertain) {
  std::map<v1::Outcome, int> expected;
  for (const PlannedCall& call : LongDay().calls) {
    if (call.action != Action::kTransaction) continue;
    const AccountId payer{call.transaction.debit_account()};
    const uint32_t member = payer.holder().value();
    ++expected[call.expected];
    switch (call.expected) {
      case v1::OUTCOME_ACCEPTED:
        ASSERT_TRUE(call.transaction.kind() == v1::KIND_CASH_SALE ||
                    call.transaction.kind() == v1::KIND_QRIS_SALE);
        break;
      case v1::OUTCOME_TRANSACTION_LIMIT:
        ASSERT_TRUE(IsLimited(member) && !IsFrozen(member));
        ASSERT_GT(call.transaction.amount(), kMemberLimit.value());
        break;
      case v1::OUTCOME_DEBIT_ACCOUNT_FROZEN:
        ASSERT_TRUE(IsFrozen(member) && !IsLimited(member));
        break;
      default:
        break;
    }
    if (payer.code() == code::kWallet && IsFrozen(member) &&
        call.transaction.step() == v1::STEP_POST) {
      ASSERT_NE(call.expected, v1::OUTCOME_UNSPECIFIED);
    }
  }
  for (const v1::Outcome outcome :
       {v1::OUTCOME_TRANSACTION_LIMIT, v1::OUTCOME_DEBIT_ACCOUNT_FROZEN,
        v1::OUTCOME_DEBIT_ACCOUNT_UNKNOWN, v1::OUTCOME_RELATED_UNKNOWN, v1::OUTCOME_FENCED}) {
    EXPECT_GT(expected[outcome], 0) << outcome;
  }
}

TEST(DayGenerator, ReadsAsOftenAsAskedMostlyBalances) {
  std::map<Action, double> counts;
  for (const PlannedCall& call : LongDay().calls) ++counts[call.action];
  const double reads =
      counts[Action::kBalance] + counts[Action::kStatement] + counts[Action::kResolve];
  EXPECT_NEAR(reads / kTransactions, 0.5, 0.02);
  EXPECT_NEAR(counts[Action::kBalance] / reads, 0.70, 0.02);
  EXPECT_NEAR(counts[Action::kStatement] / reads, 0.20, 0.02);
}

TEST(DayGenerator, FollowsTheHoursOfTheDay) {
  std::map<int, double> hours;
  for (const PlannedCall& call : LongDay().calls) {
    if (IsFresh(call)) ++hours[call.second_of_day / 3'600];
  }
  for (size_t hour = 0; hour < 24; ++hour) {
    EXPECT_NEAR(hours[static_cast<int>(hour)] / kTransactions, PercentOfHour(hour) / 100.0, 0.005)
        << "hour " << hour;
  }
}

TEST(DayGenerator, SendsCopiesAfterTheirOriginalWithin30Seconds) {
  std::map<TransactionId, const PlannedCall*> originals;
  for (const PlannedCall& call : LongDay().calls) {
    if (call.action != Action::kTransaction) continue;
    const TransactionId id = IdOf(call.transaction.id());
    if (call.fault == Fault::kNone) originals[id] = &call;
    if (call.fault != Fault::kResend && call.fault != Fault::kAlteredCopy) continue;
    const auto original = originals.find(id);
    ASSERT_NE(original, originals.end());
    EXPECT_EQ(call.after, id);
    EXPECT_GE(call.second_of_day, original->second->second_of_day + 1);
    EXPECT_LE(call.second_of_day, original->second->second_of_day + 30);
    const bool same =
        call.transaction.SerializeAsString() == original->second->transaction.SerializeAsString();
    EXPECT_EQ(same, call.fault == Fault::kResend);
  }
}

TEST(DayGenerator, NamesOnlyEarlierTransactionsInFollowUps) {
  std::set<TransactionId> earlier;
  std::set<TransactionId> fenced;
  for (const PlannedCall& call : LongDay().calls) {
    if (call.fault == Fault::kLateOriginal) fenced.insert(IdOf(call.transaction.id()));
  }
  for (const PlannedCall& call : LongDay().calls) {
    if (call.action != Action::kTransaction) continue;
    if (call.transaction.has_related_id()) {
      const TransactionId related = IdOf(call.transaction.related_id());
      ASSERT_TRUE(earlier.contains(related) || fenced.contains(related));
    }
    earlier.insert(IdOf(call.transaction.id()));
  }
}

TEST(DayGenerator, MakesOnlyLegsThatTheirKindAllows) {
  for (const PlannedCall& call : LongDay().calls) {
    const v1::Transaction& transaction = call.transaction;
    if (call.action != Action::kTransaction || transaction.has_related_id()) continue;
    const auto purpose = static_cast<Purpose>(transaction.kind());
    const auto allowed = [&](uint64_t debit, uint64_t credit) {
      const AccountCode from = AccountId{debit}.code();
      const AccountCode to = AccountId{credit}.code();
      return transaction.by_rule() ? PartiesAllowed(purpose, from, to)
                                   : LegAllowed(purpose, from, to);
    };
    ASSERT_TRUE(allowed(transaction.debit_account(), transaction.credit_account()))
        << transaction.ShortDebugString();
    ASSERT_NE(transaction.debit_account(), transaction.credit_account());
    ASSERT_GT(transaction.amount(), 0);
    for (const v1::Leg& leg : transaction.further_legs()) {
      ASSERT_TRUE(allowed(leg.debit_account(), leg.credit_account()));
      ASSERT_GT(leg.amount(), 0);
    }
  }
}

TEST(DayGenerator, NeverPlansToOverdrawAWalletOrToOverfillIt) {
  const Day& day = LongDay();
  ExpectedBooks& books = const_cast<ExpectedBooks&>(day.books);
  for (const CooperativePlan& plan : day.region) {
    for (uint32_t member = 1; member <= plan.members; ++member) {
      const Amount wallet = books.Of(plan.Of(code::kWallet, member));
      // The smallest purchase is let through even if nobody that was asked could pay it.
      EXPECT_GE(wallet.value(), -Rupiah(20'000).value()) << plan.name << " " << member;
      EXPECT_LE(wallet.value(), 2 * kWalletCeiling.value()) << plan.name << " " << member;
    }
  }
}

TEST(DayGenerator, UploadsOfATerminalAreInOrderAndUpTo72HoursOld) {
  const Day day({.transactions = 200'000, .seed = 11, .id_seed = 12});
  std::map<uint32_t, std::vector<const PlannedCall*>> uploads;
  for (const PlannedCall& call : day.calls) {
    if (call.channel == Channel::kUpload && call.fault == Fault::kNone) {
      uploads[call.upload].push_back(&call);
    }
  }
  ASSERT_FALSE(uploads.empty());
  for (const auto& [number, calls] : uploads) {
    ASSERT_EQ(calls.size(), kUploadSize);
    for (size_t i = 0; i < calls.size(); ++i) {
      const v1::Evidence& evidence = calls[i]->transaction.evidence();
      EXPECT_GE(evidence.device_time_s(), kNow.value() / 1'000'000'000 - 72 * 3'600);
      if (i == 0) continue;
      const v1::Evidence& before = calls[i - 1]->transaction.evidence();
      EXPECT_EQ(evidence.terminal(), before.terminal());
      EXPECT_GE(evidence.device_time_s(), before.device_time_s());
      EXPECT_GT(evidence.terminal_sequence(), before.terminal_sequence());
    }
  }
}

}  // namespace
}  // namespace lumbung
