#include "engine/pipeline.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <deque>
#include <memory>
#include <numeric>
#include <random>
#include <thread>

#include "tests/engine/core/fence_call.h"
#include "tests/engine/core/map_cold_index.h"
#include "tests/engine/core/memory_journal.h"
#include "tests/engine/core/seed.h"

namespace lumbung {
namespace {

class StandingClock final : public Clock {
 public:
  Timestamp Now() override { return Timestamp{1'700'000'000'000'000'000}; }
};

// More than the apply thread writes itself: these entries go to the persist thread.
std::vector<uint64_t> ManyFrom(uint64_t first, size_t count = 100) {
  std::vector<uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

class PipelineTest : public testing::Test {
 protected:
  void Make(Pipeline::Options options, size_t window_slots = 1 << 16) {
    ids_ = std::make_unique<IdWindow>(IdWindow::Options{window_slots}, cold_);
    pipeline_ = std::make_unique<Pipeline>(options, state_, *ids_, journal_, journal_, clock_,
                                           Sequence{1}, [this](const absl::Status& status) {
                                             failure_ = status;
                                             ++failures_;
                                           });
    pipeline_->Start();
  }

  std::unique_ptr<FenceCall> Send(std::vector<uint64_t> numbers, Room room = Room::kOrdinary) {
    auto call = std::make_unique<FenceCall>(std::move(numbers));
    call->journal = &journal_;
    status_ = pipeline_->Submit(call->request, room);
    return call;
  }

  State state_;
  MapColdIndex cold_;
  MemoryJournal journal_;
  StandingClock clock_;
  std::unique_ptr<IdWindow> ids_;
  absl::Status failure_;
  std::atomic<int> failures_{0};
  SubmitStatus status_ = SubmitStatus::kTaken;
  std::unique_ptr<Pipeline> pipeline_;  // last: stops first
};

TEST_F(PipelineTest, WritesALoneRequestAtOnce) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 4});
  for (uint64_t n = 1; n <= 200; ++n) {
    const auto call = Send({n});
    call->Wait();
    EXPECT_EQ(call->request.fate, Request::Fate::kReplied);
    EXPECT_EQ(call->request.results[0].outcome, Outcome::kFenced);
    EXPECT_EQ(call->request.results[0].sequence, Sequence{n});
    EXPECT_FALSE(call->ran_ahead);
  }
  EXPECT_EQ(journal_.appends(), 200u);
}

TEST_F(PipelineTest, WritesAllThatArrivedDuringASyncInOneAppend) {
  Make({.ring_slots = 256, .reserved_slots = 1, .blocks = 8});
  journal_.Hold();
  const auto first = Send({1});
  journal_.WaitUntilHeld();
  std::vector<std::unique_ptr<FenceCall>> crowd;
  for (uint64_t n = 2; n <= 51; ++n) crowd.push_back(Send({n}));
  EXPECT_FALSE(first->finished.load());
  journal_.Release();
  for (const auto& call : crowd) call->Wait();
  EXPECT_EQ(journal_.appends(), 2u);
  EXPECT_EQ(journal_.last(), 51u);
}

TEST_F(PipelineTest, AppliesWhileThePersistThreadSyncsAndWritesThatInOneAppend) {
  Make({.ring_slots = 256, .reserved_slots = 1, .blocks = 8});
  journal_.Hold();
  const auto first = Send(ManyFrom(1));
  journal_.WaitUntilHeld();
  std::vector<std::unique_ptr<FenceCall>> crowd;
  for (uint64_t n = 101; n <= 200; ++n) crowd.push_back(Send({n}));
  while (pipeline_->cursors().applied < 101) std::this_thread::yield();
  EXPECT_FALSE(first->finished.load());
  journal_.Release();
  for (const auto& call : crowd) call->Wait();
  EXPECT_EQ(journal_.appends(), 2u);
  EXPECT_EQ(journal_.last(), 200u);
}

TEST_F(PipelineTest, AnswersALoneRequestOnTheThreadThatSyncedIt) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 4});
  // The reply thread has been left nothing, so all are answered where they are applied.
  for (uint64_t n = 1; n <= 100; ++n) {
    FenceCall call({n});
    std::thread::id applied_on;
    call.request.query = [&](State&, Sequence) { applied_on = std::this_thread::get_id(); };
    ASSERT_EQ(pipeline_->Submit(call.request, Room::kOrdinary), SubmitStatus::kTaken);
    call.Wait();
    EXPECT_EQ(call.answered_on, applied_on);
  }
}

TEST_F(PipelineTest, LeavesALargeGroupToTheReplyThread) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 4});
  FenceCall call(ManyFrom(1));
  std::thread::id applied_on;
  call.request.query = [&](State&, Sequence) { applied_on = std::this_thread::get_id(); };
  ASSERT_EQ(pipeline_->Submit(call.request, Room::kOrdinary), SubmitStatus::kTaken);
  call.Wait();
  EXPECT_NE(call.answered_on, applied_on);
}

TEST_F(PipelineTest, AppliesSyncsAndAnswersALoneRequestOnTheThreadThatHelps) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 2});
  // At first the apply thread may still be on its way to its wait, and do it itself.
  int here = 0;
  for (uint64_t n = 1; here < 100; ++n) {
    ASSERT_LE(n, 10'000u) << "answered here: " << here;
    FenceCall call({n});
    call.journal = &journal_;
    std::thread::id applied_on;
    call.request.query = [&](State&, Sequence) { applied_on = std::this_thread::get_id(); };
    ASSERT_EQ(pipeline_->Submit(call.request, Room::kOrdinary, Helping::kYes),
              SubmitStatus::kTaken);
    call.Wait();
    EXPECT_EQ(call.request.results[0].sequence, Sequence{n});
    EXPECT_FALSE(call.ran_ahead);
    EXPECT_EQ(call.answered_on, applied_on);
    if (applied_on == std::this_thread::get_id()) ++here;
  }
  EXPECT_EQ(journal_.appends(), journal_.last());
}

TEST_F(PipelineTest, WakesNoThreadForALoneRequestThatIsHelpedThrough) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 4});
  constexpr int kRequests = 1'000;
  uint64_t n = 0;
  const auto answered_here = [&] {
    FenceCall call({++n});
    EXPECT_EQ(pipeline_->Submit(call.request, Room::kOrdinary, Helping::kYes),
              SubmitStatus::kTaken);
    call.Wait();
    return call.answered_on == std::this_thread::get_id();
  };
  // At first the apply thread may still be on its way to its wait, and do it itself.
  while (!answered_here()) ASSERT_LE(n, 10'000u);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  // A thread that is woken for nothing goes back to sleep, which is counted.
  const auto sleeps = [] {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used.ru_nvcsw;
  };
  const long before = sleeps();
  for (int i = 0; i < kRequests; ++i) EXPECT_TRUE(answered_here());
  EXPECT_LT(sleeps() - before, kRequests / 10);
}

TEST_F(PipelineTest, DoesNotKeepAHelperAtALargeRequest) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 4});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  FenceCall call(ManyFrom(1));
  std::thread::id applied_on;
  call.request.query = [&](State&, Sequence) { applied_on = std::this_thread::get_id(); };
  ASSERT_EQ(pipeline_->Submit(call.request, Room::kOrdinary, Helping::kYes), SubmitStatus::kTaken);
  call.Wait();
  EXPECT_NE(applied_on, std::this_thread::get_id());
}

TEST_F(PipelineTest, WakesTheApplyThreadForWhatCameWhileAHelperSynced) {
  Make({.ring_slots = 256, .reserved_slots = 1, .blocks = 4});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  journal_.Hold();
  FenceCall first({1});
  std::thread syncing([&] { pipeline_->Submit(first.request, Room::kOrdinary, Helping::kYes); });
  journal_.WaitUntilHeld();
  std::vector<std::unique_ptr<FenceCall>> crowd;
  for (uint64_t n = 2; n <= 51; ++n) {
    crowd.push_back(std::make_unique<FenceCall>(std::vector{n}));
    const Helping helping = n % 2 == 0 ? Helping::kYes : Helping::kNo;
    EXPECT_EQ(pipeline_->Submit(crowd.back()->request, Room::kOrdinary, helping),
              SubmitStatus::kTaken);
  }
  EXPECT_FALSE(first.finished.load());
  journal_.Release();
  syncing.join();
  for (const auto& call : crowd) call->Wait();
  EXPECT_EQ(journal_.appends(), 2u);
  EXPECT_EQ(journal_.last(), 51u);
}

TEST_F(PipelineTest, BeginsWithAllThatWasLeftForLaterInOneGo) {
  Make({.ring_slots = 256, .reserved_slots = 1, .blocks = 4});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::vector<std::unique_ptr<FenceCall>> burst;
  for (uint64_t n = 1; n <= 50; ++n) {
    burst.push_back(std::make_unique<FenceCall>(std::vector{n}));
    EXPECT_EQ(pipeline_->Submit(burst.back()->request, Room::kOrdinary, Helping::kLater),
              SubmitStatus::kTaken);
  }
  EXPECT_FALSE(burst.front()->finished.load());
  pipeline_->Notify();
  for (const auto& call : burst) call->Wait();
  EXPECT_EQ(journal_.appends(), 1u);
  EXPECT_EQ(journal_.last(), 50u);
}

TEST_F(PipelineTest, HelpsWithWhatWasLeftForLater) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 4});
  // At first the apply thread may still be on its way to its wait, and do it itself.
  int here = 0;
  for (uint64_t n = 1; here < 100; ++n) {
    ASSERT_LE(n, 10'000u) << "answered here: " << here;
    FenceCall call({n});
    call.journal = &journal_;
    ASSERT_EQ(pipeline_->Submit(call.request, Room::kOrdinary, Helping::kLater),
              SubmitStatus::kTaken);
    pipeline_->HelpOrNotify();
    call.Wait();
    EXPECT_EQ(call.request.results[0].sequence, Sequence{n});
    EXPECT_FALSE(call.ran_ahead);
    if (call.answered_on == std::this_thread::get_id()) ++here;
  }
}

TEST_F(PipelineTest, AnswersUnavailableWhenTheJournalFailsUnderAHelper) {
  Make({.ring_slots = 64, .reserved_slots = 1, .blocks = 4});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  journal_.FailAt(1);
  for (uint64_t n = 1; n <= 3; ++n) {
    FenceCall call({n});
    const SubmitStatus status = pipeline_->Submit(call.request, Room::kOrdinary, Helping::kYes);
    if (n > 1 && status == SubmitStatus::kStopped) continue;
    ASSERT_EQ(status, SubmitStatus::kTaken);
    call.Wait();
    EXPECT_EQ(call.request.fate, Request::Fate::kUnavailable);
  }
  EXPECT_TRUE(pipeline_->failed());
  EXPECT_EQ(failures_.load(), 1);
  EXPECT_EQ(journal_.last(), 0u);
}

TEST_F(PipelineTest, ShowsNothingBeforeItIsDurableNotEvenARepeatOrAQuery) {
  Make({.ring_slots = 16, .reserved_slots = 1, .blocks = 4});
  journal_.Hold();
  const auto original = Send(ManyFrom(7));
  journal_.WaitUntilHeld();
  const auto repeat = Send({7});
  FenceCall query({});
  Sequence seen;
  query.request.query = [&](State&, Sequence last) { seen = last; };
  ASSERT_EQ(pipeline_->Submit(query.request, Room::kReserved), SubmitStatus::kTaken);
  while (pipeline_->cursors().applied < 3) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(original->finished.load());
  EXPECT_FALSE(repeat->finished.load());
  EXPECT_FALSE(query.finished.load());
  journal_.Release();
  repeat->Wait();
  query.Wait();
  EXPECT_EQ(repeat->request.results[0].sequence, Sequence{1});
  EXPECT_TRUE(repeat->request.results[0].duplicate);
  EXPECT_EQ(seen, Sequence{100});
}

TEST_F(PipelineTest, RefusesWhatDoesNotFitAndKeepsRoomForReleases) {
  Make({.ring_slots = 8, .reserved_slots = 2, .blocks = 4});
  journal_.Hold();
  std::vector<std::unique_ptr<FenceCall>> calls;
  for (uint64_t n = 1; n <= 6; ++n) {
    calls.push_back(Send({n}));
    ASSERT_EQ(status_, SubmitStatus::kTaken);
  }
  const auto refused = Send({7});
  EXPECT_EQ(status_, SubmitStatus::kFull);
  calls.push_back(Send({8}, Room::kReserved));
  EXPECT_EQ(status_, SubmitStatus::kTaken);
  calls.push_back(Send({9}, Room::kReserved));
  EXPECT_EQ(status_, SubmitStatus::kTaken);
  const auto too_many = Send({10}, Room::kReserved);
  EXPECT_EQ(status_, SubmitStatus::kFull);
  journal_.Release();
  for (const auto& call : calls) call->Wait();
}

TEST_F(PipelineTest, AnswersUnavailableToEverybodyAfterAJournalError) {
  Make({.ring_slots = 64, .reserved_slots = 1, .blocks = 4});
  journal_.FailAt(2);
  const auto durable = Send({1});
  durable->Wait();
  EXPECT_EQ(durable->request.fate, Request::Fate::kReplied);
  journal_.Hold();
  std::vector<std::unique_ptr<FenceCall>> calls;
  for (uint64_t n = 2; n <= 20; ++n) calls.push_back(Send({n}));
  journal_.Release();
  for (const auto& call : calls) {
    call->Wait();
    EXPECT_EQ(call->request.fate, Request::Fate::kUnavailable);
  }
  EXPECT_TRUE(pipeline_->failed());
  EXPECT_EQ(failures_.load(), 1);
  EXPECT_TRUE(absl::IsDataLoss(failure_));
  const auto late = Send({30});
  EXPECT_EQ(status_, SubmitStatus::kStopped);
  EXPECT_EQ(journal_.last(), 1u);
}

TEST_F(PipelineTest, AnswersABatchThatIsLargerThanThePoolOnceItsLastBlockIsWritten) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 2});
  journal_.Hold();
  const auto batch = Send(ManyFrom(1, 2'000));
  journal_.WaitUntilHeld();
  while (journal_.last() + kMaxBlockEntries < 2'000) {
    EXPECT_FALSE(batch->finished.load()) << journal_.last();
    journal_.ReleaseUpToTheNext();
  }
  EXPECT_FALSE(batch->finished.load());
  journal_.Release();
  batch->Wait();
  EXPECT_FALSE(batch->ran_ahead);
  const std::vector<Entry> entries = journal_.entries();
  ASSERT_EQ(entries.size(), 2'000u);
  for (uint64_t n = 1; n <= 2'000; ++n) {
    ASSERT_EQ(entries[n - 1].id, FenceCall::IdOf(n));
    ASSERT_EQ(batch->request.results[n - 1].sequence, Sequence{n});
  }
}

// While one block is being written, three more fill up. They go in one append, and the pool has no
// other: what is to go on must wait for the first.
TEST_F(PipelineTest, AnswersNobodyBeforeTheAppendOfSeveralBlocksIsDone) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 4});
  journal_.Hold();
  const auto first = Send(ManyFrom(1));
  journal_.WaitUntilHeld();
  const auto second = Send(ManyFrom(101, 700));
  const auto third = Send(ManyFrom(801, 700));
  const auto last = Send(ManyFrom(1'501, 336));
  // Each block but the last of these requests' was handed over when it was full.
  while (pipeline_->cursors().applied < 3) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(pipeline_->cursors().applied, 3u) << "a block was filled while it was being written";
  EXPECT_FALSE(first->finished.load());
  journal_.ReleaseUpToTheNext();
  first->Wait();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(second->finished.load());
  EXPECT_FALSE(third->finished.load());
  journal_.Release();
  for (const auto* call : {&first, &second, &third, &last}) {
    (*call)->Wait();
    EXPECT_FALSE((*call)->ran_ahead);
  }
  EXPECT_GE(journal_.most_blocks(), 2u);
  const std::vector<Entry> entries = journal_.entries();
  ASSERT_EQ(entries.size(), 1'836u);
  for (uint64_t n = 1; n <= entries.size(); ++n) ASSERT_EQ(entries[n - 1].id, FenceCall::IdOf(n));
}

TEST_F(PipelineTest, FailsCleanlyInTheMiddleOfABatchThatIsLargerThanThePool) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 2});
  journal_.FailAt(2);
  std::vector<uint64_t> numbers(5'000);
  for (uint64_t n = 0; n < numbers.size(); ++n) numbers[n] = n + 1;
  const auto batch = Send(std::move(numbers));
  batch->Wait();
  EXPECT_EQ(batch->request.fate, Request::Fate::kUnavailable);
}

// Each reversal needs a posting that is in no block any more: written never, and discarded.
TEST_F(PipelineTest, FailsCleanlyInTheMiddleOfABatchThatNeedsWhatIsDiscarded) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 2});
  FenceCall opening({1, 2});
  opening.request.commands = {
      OpenCooperative{.cooperative = CooperativeId{1}, .policy = {}, .name = "Bentangan"},
      OpenAccount{.account = *AccountId::Parse("1.2101.1"), .limits = std::nullopt}};
  ASSERT_EQ(pipeline_->Submit(opening.request, Room::kOrdinary), SubmitStatus::kTaken);
  opening.Wait();
  ASSERT_EQ(opening.request.results[1].outcome, Outcome::kAccepted);
  journal_.FailAt(journal_.appends() + 2);

  const Leg leg{.debit = *AccountId::Parse("1.1120.0"),
                .credit = *AccountId::Parse("1.2101.1"),
                .amount = Amount{1}};
  constexpr size_t kBack = 2'001;
  std::vector<uint64_t> numbers(5'000);
  std::iota(numbers.begin(), numbers.end(), 10);
  FenceCall batch(numbers);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const TransactionId id = FenceCall::IdOf(numbers[i]);
    Post post{.header = {}, .purpose = Purpose::kGeneral, .source = {}, .legs = {&leg, 1}};
    post.header.id = id;
    // Every second one takes back what came so many before it.
    Reverse reverse;
    reverse.header.id = id;
    reverse.original = FenceCall::IdOf(numbers[i < kBack ? 0 : i - kBack]);
    if (i % 2 == 0 || i < kBack) {
      batch.request.commands[i] = post;
    } else {
      batch.request.commands[i] = reverse;
    }
  }
  ASSERT_EQ(pipeline_->Submit(batch.request, Room::kOrdinary), SubmitStatus::kTaken);
  batch.Wait();
  EXPECT_EQ(batch.request.fate, Request::Fate::kUnavailable);
}

TEST_F(PipelineTest, EndsWithoutWritingMoreWhenItIsMadeToFail) {
  Make({.ring_slots = 64, .reserved_slots = 1, .blocks = 4}, 16);
  // Nobody seals the ids, so the apply thread comes to wait for ever.
  std::vector<uint64_t> numbers(200);
  for (uint64_t n = 0; n < numbers.size(); ++n) numbers[n] = n + 1;
  const auto batch = Send(std::move(numbers));
  const auto behind = Send({1'000});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(batch->finished.load());
  pipeline_->Fail();
  batch->Wait();
  behind->Wait();
  EXPECT_EQ(batch->request.fate, Request::Fate::kUnavailable);
  EXPECT_EQ(behind->request.fate, Request::Fate::kUnavailable);
  EXPECT_EQ(failures_.load(), 0);
  const auto late = Send({30});
  EXPECT_EQ(status_, SubmitStatus::kStopped);
}

TEST_F(PipelineTest, FinishesWhatIsInFlightWhenItIsStopped) {
  Make({.ring_slots = 64, .reserved_slots = 1, .blocks = 4});
  std::vector<std::unique_ptr<FenceCall>> calls;
  for (uint64_t n = 1; n <= 50; ++n) calls.push_back(Send({n}));
  pipeline_->Stop();
  for (const auto& call : calls) {
    EXPECT_TRUE(call->finished.load());
    EXPECT_EQ(call->request.fate, Request::Fate::kReplied);
  }
  EXPECT_EQ(journal_.last(), 50u);
  const auto late = Send({99});
  EXPECT_EQ(status_, SubmitStatus::kStopped);
}

TEST_F(PipelineTest, WaitsForTheSealingThreadInsteadOfForgettingIds) {
  Make({.ring_slots = 8, .reserved_slots = 1, .blocks = 2}, 16);
  std::atomic<bool> stop{false};
  std::thread background([&] {
    SealedIds ids;
    while (!stop.load()) {
      const auto up_to = ids_->SealedUpTo();
      if (up_to && *up_to <= pipeline_->durable_sequence()) {
        ids_->CopySealed(ids);
        cold_.Add(ids);
        ids_->MarkIndexed();
      }
      std::this_thread::yield();
    }
  });
  std::vector<uint64_t> numbers(400);
  for (uint64_t n = 0; n < numbers.size(); ++n) numbers[n] = n + 1;
  Send(numbers)->Wait();
  const auto repeat = Send(numbers);
  repeat->Wait();
  for (uint64_t n = 0; n < numbers.size(); ++n) {
    EXPECT_TRUE(repeat->request.results[n].duplicate) << n;
    EXPECT_EQ(repeat->request.results[n].sequence, Sequence{n + 1});
  }
  stop.store(true);
  background.join();
}

void ExpectInvariant(const Cursors& c, size_t capacity) {
  EXPECT_LE(c.replied, c.durable);
  EXPECT_LE(c.durable, c.applied);
  EXPECT_LE(c.applied, c.published);
  EXPECT_LE(c.published, c.claimed);
  EXPECT_LE(c.claimed, c.replied + capacity);
}

// Several producers on tiny rings and pools, each with its own ids and some that all fight for:
// each id gets exactly one entry, everything is answered, nothing ran ahead, and the cursors keep
// their order.
TEST_F(PipelineTest, AppliesEachIdOnceWithManyProducersAndTinyCapacities) {
  std::mt19937_64 random(TestSeed());
  Make({.ring_slots = size_t{2} << (random() % 4),
        .reserved_slots = 1,
        .blocks = 2 + random() % 3,
        .spin_microseconds = static_cast<int>(random() % 3) * 10});
  constexpr uint64_t kProducers = 4;
  constexpr uint64_t kEach = 400;
  std::atomic<bool> stop{false};
  std::thread observer([&] {
    while (!stop.load()) ExpectInvariant(pipeline_->cursors(), pipeline_->capacity());
  });
  std::atomic<uint64_t> fresh{0};
  std::vector<std::thread> producers;
  for (uint64_t p = 0; p < kProducers; ++p) {
    producers.emplace_back([&, p, seed = random()] {
      std::mt19937_64 mine(seed);
      std::deque<std::unique_ptr<FenceCall>> flying;
      const auto take = [&] {
        flying.front()->Wait();
        EXPECT_FALSE(flying.front()->ran_ahead);
        for (const Result& result : flying.front()->request.results) {
          EXPECT_EQ(result.outcome, Outcome::kFenced);
          if (!result.duplicate) fresh.fetch_add(1);
        }
        flying.pop_front();
      };
      for (uint64_t n = 0; n < kEach; ++n) {
        const uint64_t own = (p + 1) * 1'000'000 + n * 1'000;
        // Small groups are written by the apply thread, large ones by the persist thread.
        std::vector<uint64_t> numbers = mine() % 16 == 0 ? ManyFrom(own) : std::vector{own};
        if (mine() % 2 == 0) numbers.push_back(mine() % 1'000 + 1);
        constexpr Helping kWays[] = {Helping::kNo, Helping::kYes, Helping::kLater};
        const Helping helping = kWays[mine() % 3];
        auto call = std::make_unique<FenceCall>(std::move(numbers));
        call->journal = &journal_;
        while (pipeline_->Submit(call->request, Room::kOrdinary, helping) == SubmitStatus::kFull) {
          if (!flying.empty()) take();
        }
        flying.push_back(std::move(call));
        if (helping == Helping::kLater && mine() % 2 == 0) pipeline_->HelpOrNotify();
        if (helping == Helping::kLater) pipeline_->Notify();
        if (mine() % 4 == 0) take();
      }
      while (!flying.empty()) take();
    });
  }
  for (std::thread& producer : producers) producer.join();
  stop.store(true);
  observer.join();
  EXPECT_EQ(fresh.load(), journal_.last());
  std::map<TransactionId, int> times;
  for (const Entry& entry : journal_.entries()) ++times[entry.id];
  EXPECT_EQ(times.size(), journal_.last());
}

}  // namespace
}  // namespace lumbung
