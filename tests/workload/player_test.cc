#include "bench/day/player.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bench/day/content.h"
#include "bench/day/ledger_check.h"
#include "bench/day/record_book.h"
#include "bench/workload/build_transaction.h"
#include "bench/workload/opening.h"
#include "engine/chart.h"
#include "lumbung/v1/payment_service.pb.h"

namespace lumbung {
namespace {

using Fault = PlannedCall::Fault;
using Form = Flight::Form;

constexpr Timestamp kDayTime{1'790'000'000'000'000'000};
constexpr uint64_t kDayLength = 30'000;
constexpr uint64_t kDaySeed =
    3;  // a day with an upload; all tests see to it that what they need is in it

// What a server would answer, without balances: whoever is not to be declined for certain has
// enough. It lands each flight at once, and can be told to lie, or to lose.
class FakeServer : public Sender {
 public:
  explicit FakeServer(const CooperativePlan& plan) : plan_(plan) {}

  // Changes answers to single transactions before they are sent.
  std::function<void(const PlannedCall& call, v1::TransactionResult& result)> lie;
  // Whether this flight is answered; if not, it may have been carried out or not.
  enum class Fate : uint8_t { kAnswered, kAnswerLost, kCallLost };
  std::function<Fate(const Flight& flight)> fate = [](const Flight&) { return Fate::kAnswered; };
  bool comes_back = true;

  void Start(std::unique_ptr<Flight> flight, Landing& landing) override {
    const Fate what = fate(*flight);
    if (what != Fate::kCallLost) CarryOut(*flight);
    if (what != Fate::kAnswered) {
      flight->results.clear();
      flight->status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "killed");
    }
    landing.Landed(std::move(flight));
  }

  absl::Status WaitUntilServing(std::chrono::seconds) override {
    return comes_back ? absl::OkStatus() : absl::UnavailableError("it stays away");
  }

 private:
  struct Known {
    std::string content;
    v1::TransactionResult result;
  };

  void CarryOut(Flight& flight) {
    const PlannedCall& first = flight.calls.front();
    if (flight.form == Form::kResolve || flight.form == Form::kFence) {
      v1::TransactionResult result = Fence(first.transaction, flight.form == Form::kFence);
      flight.resolution = ResolutionOf(result.outcome());
      flight.results.push_back(std::move(result));
      return;
    }
    for (const PlannedCall& call : flight.calls) {
      v1::TransactionResult result = Answer(call.transaction);
      if (lie) lie(call, result);
      flight.results.push_back(std::move(result));
    }
  }

  static v1::Resolution ResolutionOf(v1::Outcome outcome) {
    if (outcome == v1::OUTCOME_UNSPECIFIED) return v1::RESOLUTION_UNKNOWN;
    if (outcome == v1::OUTCOME_ACCEPTED) return v1::RESOLUTION_ACCEPTED;
    return outcome == v1::OUTCOME_FENCED ? v1::RESOLUTION_FENCED : v1::RESOLUTION_DECLINED;
  }

  v1::TransactionResult Fence(const v1::Transaction& transaction, bool fence) {
    Known& known = known_[IdOf(transaction.id())];
    if (fence && known.result.sequence() == 0) {
      known.result.set_outcome(v1::OUTCOME_FENCED);
      known.result.set_sequence(++last_sequence_);
    }
    return known.result;
  }

  v1::TransactionResult Answer(const v1::Transaction& transaction) {
    const v1::Outcome outcome = Decide(transaction);
    Known& known = known_[IdOf(transaction.id())];
    v1::TransactionResult result = known.result;
    const std::string content = ContentOf(transaction);
    if (result.sequence() == 0) {
      result.set_outcome(outcome);
      result.set_sequence(++last_sequence_);
      known = {.content = content, .result = result};
    } else if (result.outcome() != v1::OUTCOME_FENCED && content != known.content) {
      result.Clear();
      result.set_outcome(v1::OUTCOME_ID_CONFLICT);
    } else {
      result.set_duplicate(result.outcome() != v1::OUTCOME_FENCED);
    }
    return result;
  }

  v1::Outcome Decide(const v1::Transaction& transaction) const {
    if (transaction.has_related_id()) {
      return known_.contains(IdOf(transaction.related_id())) ? v1::OUTCOME_ACCEPTED
                                                             : v1::OUTCOME_RELATED_UNKNOWN;
    }
    const AccountId payer{transaction.debit_account()};
    if (payer.code() != code::kWallet) return v1::OUTCOME_ACCEPTED;
    const uint32_t member = payer.holder().value();
    if (member > plan_.members) return v1::OUTCOME_DEBIT_ACCOUNT_UNKNOWN;
    if (IsFrozen(member)) return v1::OUTCOME_DEBIT_ACCOUNT_FROZEN;
    return IsLimited(member) && transaction.amount() > kMemberLimit.value()
               ? v1::OUTCOME_TRANSACTION_LIMIT
               : v1::OUTCOME_ACCEPTED;
  }

  const CooperativePlan& plan_;
  absl::flat_hash_map<TransactionId, Known> known_;
  uint64_t last_sequence_ = 0;
};

class PlayerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("lumbung-player-" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  absl::Status Play() {
    ExpectedBooks books(region_);
    for (const v1::Transaction& opening : OpeningTransactions(region_.front())) {
      books.Move(Amount{opening.amount()}, AccountId{opening.debit_account()},
                 AccountId{opening.credit_account()});
      for (const v1::Leg& leg : opening.further_legs()) {
        books.Move(Amount{leg.amount()}, AccountId{leg.debit_account()},
                   AccountId{leg.credit_account()});
      }
    }
    DayGenerator day(
        region_, books,
        {.transactions = kDayLength, .seed = kDaySeed, .id_seed = 4, .reads_per_hundred = 10},
        [] { return kDayTime; });
    absl::StatusOr<RecordFile> record = RecordFile::Open(path());
    if (!record.ok()) return record.status();
    Player player(server_, *record,
                  {.in_flight = 16, .batch_size = 20, .transactions = kDayLength});
    const absl::Status status = player.Play(day);
    tally_ = player.tally();
    return status;
  }

  // Plays with the lie, and expects a problem that says so; the program ends with exit code 1 then.
  void ExpectProblem(const std::string& part) {
    ASSERT_TRUE(Play().ok());
    ASSERT_GT(tally_.problem_count, 0u);
    EXPECT_NE(tally_.problems.front().find(part), std::string::npos) << tally_.problems.front();
  }

  std::string path() const { return folder_ / "record"; }

  std::vector<CooperativePlan> region_ = KlatenRegion(1);
  std::filesystem::path folder_;
  FakeServer server_{region_.front()};
  Tally tally_;
};

TEST_F(PlayerTest, FindsNothingWrongWithAServerThatIsRight) {
  ASSERT_TRUE(Play().ok());
  EXPECT_EQ(tally_.problem_count, 0u) << tally_.problems.front();
  for (const v1::Outcome outcome :
       {v1::OUTCOME_FENCED, v1::OUTCOME_RELATED_UNKNOWN, v1::OUTCOME_TRANSACTION_LIMIT,
        v1::OUTCOME_DEBIT_ACCOUNT_UNKNOWN, v1::OUTCOME_DEBIT_ACCOUNT_FROZEN}) {
    EXPECT_GT(tally_.declined[outcome], 0u) << outcome;
  }
  EXPECT_GT(tally_.uploads, 0u);
  EXPECT_GT(tally_.duplicates, 0u);
  EXPECT_GT(tally_.conflicts, 0u);
}

TEST_F(PlayerTest, FindsNothingWrongWhenCallsAndAnswersAreLostAllTheTime) {
  Random random(5);
  server_.fate = [&](const Flight&) {
    const uint64_t drawn = random.Below(20);
    if (drawn == 0) return FakeServer::Fate::kAnswerLost;
    return drawn == 1 ? FakeServer::Fate::kCallLost : FakeServer::Fate::kAnswered;
  };
  testing::internal::CaptureStdout();  // each time that it waits for the server
  const absl::Status played = Play();
  testing::internal::GetCapturedStdout();
  ASSERT_TRUE(played.ok());
  EXPECT_GT(tally_.times_away, 100u);
  EXPECT_EQ(tally_.problem_count, 0u) << tally_.problems.front();
  const absl::StatusOr<RecordBook> book = ReadRecord(path());
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_TRUE(book->Unanswered().empty());
}

TEST_F(PlayerTest, NoticesThatAFrozenWalletPays) {
  server_.lie = [](const PlannedCall&, v1::TransactionResult& result) {
    if (result.outcome() == v1::OUTCOME_DEBIT_ACCOUNT_FROZEN) {
      result.set_outcome(v1::OUTCOME_ACCEPTED);
    }
  };
  ExpectProblem("must be answered DEBIT_ACCOUNT_FROZEN, but was answered ACCEPTED");
}

TEST_F(PlayerTest, NoticesThatAWalletPaysMoreThanItsLimit) {
  server_.lie = [](const PlannedCall&, v1::TransactionResult& result) {
    if (result.outcome() == v1::OUTCOME_TRANSACTION_LIMIT) {
      result.set_outcome(v1::OUTCOME_ACCEPTED);
    }
  };
  ExpectProblem("must be answered TRANSACTION_LIMIT, but was answered ACCEPTED");
}

TEST_F(PlayerTest, NoticesADeclineThatNothingIsACauseOf) {
  server_.lie = [](const PlannedCall& call, v1::TransactionResult& result) {
    if (call.transaction.kind() == v1::KIND_TRANSFER) result.set_outcome(v1::OUTCOME_DAILY_LIMIT);
  };
  ExpectProblem("was answered DAILY_LIMIT, which nothing in this day can cause");
}

TEST_F(PlayerTest, NoticesThatACashSaleIsDeclined) {
  server_.lie = [](const PlannedCall& call, v1::TransactionResult& result) {
    if (call.transaction.kind() == v1::KIND_CASH_SALE && call.fault == Fault::kNone) {
      result.set_outcome(v1::OUTCOME_INSUFFICIENT_FUNDS);
    }
  };
  ExpectProblem("must be answered ACCEPTED, but was answered INSUFFICIENT_FUNDS");
}

TEST_F(PlayerTest, NoticesACopyThatIsAnsweredAsIfItWereNew) {
  server_.lie = [](const PlannedCall&, v1::TransactionResult& result) {
    result.set_duplicate(false);
  };
  ExpectProblem("without being marked as a duplicate");
}

TEST_F(PlayerTest, NoticesThatALateOriginalGetsPastItsFence) {
  server_.lie = [](const PlannedCall& call, v1::TransactionResult& result) {
    if (call.fault == Fault::kLateOriginal) result.set_outcome(v1::OUTCOME_ACCEPTED);
  };
  ExpectProblem("must be answered FENCED, but was answered ACCEPTED");
}

TEST_F(PlayerTest, NoticesAnUploadThatIsOutOfOrder) {
  server_.lie = [](const PlannedCall& call, v1::TransactionResult& result) {
    if (call.upload != 0) result.set_sequence(1'000'000'000 - result.sequence());
  };
  ExpectProblem("an upload is out of order");
}

// The client that is killed between the two can say so, since the fence's answer is in its record.
TEST_F(PlayerTest, KnowsAFenceThatWasAnsweredThoughItsOriginalNeverCame) {
  TransactionId fenced;
  bool away = false;
  server_.comes_back = false;
  server_.fate = [&](const Flight& flight) {
    if (away) return FakeServer::Fate::kCallLost;
    if (flight.form == Form::kFence) {
      fenced = IdOf(flight.calls.front().transaction.id());
      away = true;
    }
    return FakeServer::Fate::kAnswered;
  };
  ASSERT_TRUE(absl::IsUnavailable(Play()));
  ASSERT_TRUE(away);
  const absl::StatusOr<RecordBook> book = ReadRecord(path());
  ASSERT_TRUE(book.ok()) << book.status();
  const auto found = book->transactions().find(fenced);
  ASSERT_NE(found, book->transactions().end());
  EXPECT_FALSE(found->second.sent);
  EXPECT_EQ(found->second.outcome, v1::OUTCOME_FENCED);
  LedgerCheck check(*book);  // of a ledger that has lost everything
  check.Finish();
  EXPECT_GT(check.differences(), 0u);
}

}  // namespace
}  // namespace lumbung
