#include "bench/workload/id_maker.h"

#include <gtest/gtest.h>

#include <set>

namespace lumbung {
namespace {

constexpr Timestamp kBirth{1'790'000'000'123'456'789};

TEST(IdMaker, MakesDistinctWellFormedIdsOfTheMoment) {
  IdMaker ids(1);
  std::set<TransactionId> made;
  for (int i = 0; i < 100'000; ++i) {
    const TransactionId id = ids.Version7(kBirth);
    ASSERT_TRUE(id.IsWellFormed());
    ASSERT_EQ(id.BirthTime()->value(), kBirth.value() / 1'000'000 * 1'000'000);
    ASSERT_TRUE(made.insert(id).second);
  }
}

TEST(IdMaker, MakesRandomIdsWithoutAMoment) {
  IdMaker ids(1);
  std::set<TransactionId> made;
  for (int i = 0; i < 10'000; ++i) {
    const TransactionId id = ids.Version4();
    ASSERT_TRUE(id.IsWellFormed());
    ASSERT_FALSE(id.BirthTime().has_value());
    ASSERT_TRUE(made.insert(id).second);
  }
}

TEST(IdMaker, MakesOtherIdsWithAnotherSeed) {
  IdMaker one(1);
  IdMaker other(2);
  EXPECT_NE(one.Version7(kBirth), other.Version7(kBirth));
}

TEST(IdMaker, GivesASetUpStepTheSameIdEachTimeAndAnotherToEveryOther) {
  std::set<TransactionId> made;
  for (uint32_t cooperative = 1024; cooperative < 1030; ++cooperative) {
    for (uint16_t what = 1; what < 6; ++what) {
      for (uint32_t number = 0; number < 100; ++number) {
        const SetUpStep step{CooperativeId{cooperative}, what, number};
        ASSERT_TRUE(SetUpId(step).IsWellFormed());
        ASSERT_EQ(SetUpId(step), SetUpId(step));
        ASSERT_TRUE(made.insert(SetUpId(step)).second);
      }
    }
  }
}

}  // namespace
}  // namespace lumbung
