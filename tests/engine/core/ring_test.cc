#include "engine/ring.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace lumbung {
namespace {

TEST(Ring, RefusesWhenFullAndTakesAgainWhenASlotIsReleased) {
  Ring ring(4, 1);
  Request requests[5];
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ring.Put(requests[i], Ring::Claimant::kOrdinary), Ring::ClaimStatus::kClaimed);
  }
  EXPECT_EQ(ring.Put(requests[3], Ring::Claimant::kOrdinary), Ring::ClaimStatus::kFull);
  ring.Release(0);
  EXPECT_EQ(ring.Put(requests[3], Ring::Claimant::kOrdinary), Ring::ClaimStatus::kClaimed);
}

TEST(Ring, KeepsItsReservedRoomForThoseWhoReleaseMoney) {
  Ring ring(4, 1);
  Request requests[5];
  for (int i = 0; i < 3; ++i) ring.Put(requests[i], Ring::Claimant::kOrdinary);
  EXPECT_EQ(ring.Put(requests[3], Ring::Claimant::kOrdinary), Ring::ClaimStatus::kFull);
  EXPECT_EQ(ring.Put(requests[3], Ring::Claimant::kReserved), Ring::ClaimStatus::kClaimed);
  EXPECT_EQ(ring.Put(requests[4], Ring::Claimant::kReserved), Ring::ClaimStatus::kFull);
}

TEST(Ring, TakesNothingAfterItWasClosedAndKnowsItsEnd) {
  Ring ring(4, 0);
  Request request;
  ring.Put(request, Ring::Claimant::kOrdinary);
  EXPECT_FALSE(ring.IsEnd(1));
  ring.Close();
  EXPECT_EQ(ring.Put(request, Ring::Claimant::kReserved), Ring::ClaimStatus::kClosed);
  EXPECT_TRUE(ring.IsEnd(1));
  EXPECT_FALSE(ring.IsEnd(0));
  EXPECT_EQ(ring.claimed(), 1u);
}

TEST(Ring, GivesEachRequestToTheConsumerOnceAndInEachProducersOrder) {
  constexpr size_t kProducers = 4;
  constexpr size_t kEach = 5'000;
  for (const size_t slots : {1, 2, 8, 64}) {
    Ring ring(slots, 0);
    std::vector<std::vector<Request>> requests(kProducers);
    std::vector<std::thread> producers;
    for (size_t p = 0; p < kProducers; ++p) {
      requests[p] = std::vector<Request>(kEach);
      producers.emplace_back([&, p] {
        for (Request& request : requests[p]) {
          while (ring.Put(request, Ring::Claimant::kOrdinary) == Ring::ClaimStatus::kFull) {
            std::this_thread::yield();
          }
        }
      });
    }
    std::vector<size_t> seen(kProducers, 0);
    for (uint64_t n = 0; n < kProducers * kEach; ++n) {
      Request* request = nullptr;
      while ((request = ring.Published(n)) == nullptr) std::this_thread::yield();
      EXPECT_GE(ring.claimed(), n + 1);
      bool found = false;
      for (size_t p = 0; p < kProducers; ++p) {
        if (seen[p] < kEach && request == &requests[p][seen[p]]) {
          ++seen[p];
          found = true;
        }
      }
      ASSERT_TRUE(found);
      ring.Release(n);
    }
    for (std::thread& producer : producers) producer.join();
  }
}

}  // namespace
}  // namespace lumbung
