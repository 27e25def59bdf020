#include "engine/hand_over.h"

#include <gtest/gtest.h>

#include <thread>

namespace lumbung {
namespace {

TEST(HandOver, RefusesWhenFullAndWhenEmpty) {
  HandOver queue(2);
  HandedOver item;
  EXPECT_FALSE(queue.TryPop(item));
  EXPECT_TRUE(queue.TryPush({nullptr, 1}));
  EXPECT_TRUE(queue.TryPush({nullptr, 2}));
  EXPECT_FALSE(queue.TryPush({nullptr, 3}));
  EXPECT_TRUE(queue.TryPop(item));
  EXPECT_EQ(item.applied, 1u);
  EXPECT_TRUE(queue.TryPush({nullptr, 3}));
}

TEST(HandOver, KeepsTheOrderBetweenTwoThreads) {
  constexpr uint64_t kItems = 100'000;
  HandOver queue(8);
  std::thread producer([&] {
    for (uint64_t n = 1; n <= kItems; ++n) {
      while (!queue.TryPush({nullptr, n})) std::this_thread::yield();
    }
  });
  for (uint64_t n = 1; n <= kItems; ++n) {
    HandedOver item;
    while (!queue.TryPop(item)) std::this_thread::yield();
    ASSERT_EQ(item.applied, n);
  }
  producer.join();
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace lumbung
