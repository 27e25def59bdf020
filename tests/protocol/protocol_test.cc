// Every order of steps that the memory model permits, over the engine's own ring, queue, turn,
// signals and id window; and the proof that the explorer would notice: each memory order, each
// store and each notification is spoilt in turn, and must be missed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/protocol/scenarios.h"

namespace lumbung {
namespace {

constexpr const char* kEngineFiles[] = {"hand_over.cc", "id_window.cc", "ring.cc", "turn.h",
                                        "wait_strategy.h"};

bool IsOfTheEngine(const Site& site) {
  return std::find(std::begin(kEngineFiles), std::end(kEngineFiles), site.file) !=
         std::end(kEngineFiles);
}

const char* Name(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "as it is";
    case Fault::kNoAcquire:
      return "without acquire";
    case Fault::kNoRelease:
      return "without release";
    case Fault::kLeftOut:
      return "left out";
    case Fault::kTornApart:
      return "torn apart";
  }
  return "";
}

// The faults that make a difference to such an operation.
std::vector<Fault> FaultsOf(const SiteUse& use) {
  const bool both =
      use.order == std::memory_order_acq_rel || use.order == std::memory_order_seq_cst;
  const bool loads = use.operation == Operation::kLoad || use.operation == Operation::kWait;
  const bool stores = use.operation == Operation::kStore;
  const bool acquires = use.order == std::memory_order_acquire || (both && !stores);
  const bool releases = use.order == std::memory_order_release || (both && !loads);
  const bool changes = use.operation == Operation::kReadModifyWrite;
  std::vector<Fault> faults;
  if (acquires) faults.push_back(Fault::kNoAcquire);
  if (releases) faults.push_back(Fault::kNoRelease);
  if (changes) faults.push_back(Fault::kTornApart);
  if (changes || stores || use.operation == Operation::kNotify) {
    faults.push_back(Fault::kLeftOut);
  }
  return faults;
}

// What makes no difference, and why. Each is the weaker half of something that is needed, or costs
// nothing on this processor; it is kept for what the model can't show.
const std::map<std::string, std::string>& Harmless() {
  static const std::string kStamp = "what is passed on goes through the slot's stamp and `replied`";
  static const std::string kMoved = "keeps steps in order that the model never moves";
  static const std::map<std::string, std::string> harmless = {
      {"hand_over.cc empty load without acquire", "TryPop follows, and acquires"},
      {"id_window.cc CopySealed load without acquire", "SealedUpTo, before it, acquires"},
      {"id_window.cc Insert store left out", "a rough count"},
      {"id_window.cc MarkIndexed exchange torn apart", "no turn meanwhile: it is not indexed"},
      {"id_window.cc NeedsCold load without acquire", "NotNeeded, before it, acquires"},
      {"id_window.cc Turn fetch_add torn apart", "the apply thread alone writes it"},
      {"id_window.cc Turn store 2 without release", "the count, after it, releases"},
      {"ring.cc Put load 2 without acquire", kStamp},
      {"ring.cc Put load 3 without acquire", "is only compared"},
      {"ring.cc Put compare_exchange without acquire", kStamp},
      {"ring.cc Put compare_exchange without release", kStamp},
      {"ring.cc Close fetch_or without acquire", kStamp},
      {"ring.cc Close fetch_or without release", kStamp},
      {"ring.cc IsEnd load without acquire", kStamp},
      {"turn.h Take fetch_or without release", "Watch, before it, released all there was"},
      {"wait_strategy.h WaitUntil load without acquire", kMoved},
      {"wait_strategy.h WaitUntil exchange without release", kMoved},
      {"wait_strategy.h WaitUntil wait without acquire", "the condition acquires what it reads"},
      {"wait_strategy.h WaitUntil exchange 2 left out", "one needless wake-up"},
      {"wait_strategy.h Notify exchange without acquire", "the notifier reads nothing after it"},
      {"wait_strategy.h Notify fetch_add without release", "the futex itself passes it on"},
      {"wait_strategy.h Notify fetch_add torn apart", "one notifier in turn comes that far"},
  };
  return harmless;
}

// An atomic operation of the engine, and the scenarios that come to it.
struct Place {
  SiteUse use;
  std::vector<const NamedScenario*> scenarios;
};

// The places that are spoilt, each with a name of its own: those that few runs come to.
std::map<Site, Place> Places() {
  std::map<Site, Place> places;
  for (const NamedScenario& named : Scenarios()) {
    Explorer::Options options = named.options;
    options.most_runs = 200;
    for (const auto& [site, use] : Explorer::Explore(options, named.scenario).sites) {
      if (!IsOfTheEngine(site)) continue;
      places[site].use = use;
      places[site].scenarios.push_back(&named);
    }
  }
  std::map<std::string, int> times;
  for (auto& [site, place] : places) {
    const int time = ++times[place.use.name];
    if (time > 1) place.use.name += " " + std::to_string(time);
  }
  return places;
}

TEST(Protocol, HoldsInEveryOrderOfStepsThatTheMemoryModelPermits) {
  const std::map<Site, Place> places = Places();
  for (const NamedScenario& named : Scenarios()) {
    const Explorer::Report report = Explorer::Explore(named.options, named.scenario);
    EXPECT_EQ(report.violation, "") << named.name;
    EXPECT_TRUE(report.complete) << named.name;
    for (const auto& [site, use] : report.sites) {
      EXPECT_TRUE(!IsOfTheEngine(site) || places.contains(site)) << use.name << " is never spoilt";
    }
    std::printf("%8llu runs, %8llu states: %s\n", static_cast<unsigned long long>(report.runs),
                static_cast<unsigned long long>(report.states), named.name);
  }
}

// What is found, or nothing. Few interruptions are tried before many.
std::string FindViolation(const Place& place, const Mutation& mutation) {
  for (const int preemptions : {1, 2, 3}) {
    for (const NamedScenario* named : place.scenarios) {
      Explorer::Options options = named->options;
      options.preemptions = preemptions;
      options.stale_loads = std::min(options.stale_loads, preemptions);
      options.mutation = mutation;
      const Explorer::Report report = Explorer::Explore(options, named->scenario);
      if (!report.violation.empty()) return report.violation;
    }
  }
  return "";
}

TEST(Protocol, OfWhichAnythingIsSpoiltIsFoundOut) {
  int found = 0;
  std::set<std::string> excused;
  for (const auto& [site, place] : Places()) {
    for (const Fault fault : FaultsOf(place.use)) {
      const std::string what = place.use.name + " " + Name(fault);
      if (Harmless().contains(what)) {
        excused.insert(what);
        continue;
      }
      const std::string violation = FindViolation(place, {.site = site, .fault = fault});
      EXPECT_NE(violation, "") << what << " is not found";
      std::printf("%s: %s\n", what.c_str(), violation.c_str());
      ++found;
    }
  }
  EXPECT_GE(found, 30);
  EXPECT_EQ(excused.size(), Harmless().size()) << "something is excused that does not exist";
}

}  // namespace
}  // namespace lumbung
