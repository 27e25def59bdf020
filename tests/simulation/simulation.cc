// simulation: lives and deaths of the whole engine on a disk that fails. README.md has the model.
//
//   simulation --seed N --cycles M     replays the world of one seed
//   simulation --seconds S             new worlds until the time is over
//
// Ends with 1 and prints the seed if anything is wrong, or if a life takes a minute; with 2 if
// nothing is to be tried, or if some fault never struck, or something else of NeverTried never
// came, in 2,000 lives or more, or in fewer with --all-faults.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/world.h"

namespace {

struct Wanted {
  uint64_t seed = 0;
  uint64_t cycles = 0;  // in all; 0: until the time is over
  double seconds = 0;
  bool all_faults = false;  // however few the lives are
};

// The rarest faults strike 8 times in 400 lives, so one of all of them is absent from one such run
// in a thousand; in these they strike 40 times.
constexpr uint64_t kLivesForAll = 2000;

// What was never tried, though it should have been: a simulation of nothing finds nothing, and
// looks well.
std::vector<std::string> NeverTried(const lumbung::Tally& tally) {
  std::vector<std::string> expected = {"recovered",
                                       "fault: the clock jumps ahead",
                                       "fault: the clock jumps back",
                                       lumbung::kAppendsByHelper,
                                       lumbung::kAppendsByPersistThread,
                                       lumbung::kGenerationsIndexed,
                                       lumbung::kCheckpoints};
  for (size_t i = 0; i < lumbung::kDiskFaults; ++i) {
    expected.push_back(std::string("fault: ") + lumbung::Name(static_cast<lumbung::DiskFault>(i)));
  }
  for (size_t i = 0; i < lumbung::kSurvivals; ++i) {
    expected.push_back(std::string("crash: ") + lumbung::Name(static_cast<lumbung::Survival>(i)));
  }
  std::erase_if(expected, [&](const std::string& name) { return tally.contains(name); });
  return expected;
}

// A life takes some hundredths of a second, with a sanitizer on a busy machine perhaps one. What
// stands still says which life it is, since whoever kills the process can't ask it.
constexpr unsigned kMostSecondsOfALife = 60;
char standing_still[256];

void TellAndEnd(int) {
  const size_t size = std::strlen(standing_still);
  _exit(write(STDOUT_FILENO, standing_still, size) == static_cast<ssize_t>(size) ? 1 : 3);
}

int Simulate(const Wanted& wanted, const char* program) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  lumbung::Tally tally;
  uint64_t seed = wanted.seed;
  uint64_t done = 0;
  const auto more = [&] {
    return wanted.cycles != 0 ? done < wanted.cycles : seconds() < wanted.seconds;
  };
  while (more()) {
    lumbung::World world(seed, tally);
    for (int i = 0; more() && !world.old(); ++i) {
      ++done;
      std::snprintf(standing_still, sizeof(standing_still),
                    "STANDS STILL in life %d\nagain: %s --seed %llu --cycles %d\n", i + 1, program,
                    static_cast<unsigned long long>(seed), i + 1);
      alarm(kMostSecondsOfALife);
      if (world.Cycle()) continue;
      std::printf("VIOLATION in life %d: %s\nagain: %s --seed %llu --cycles %d\n", i + 1,
                  world.violation().c_str(), program, static_cast<unsigned long long>(seed), i + 1);
      return 1;
    }
    ++seed;
  }
  alarm(0);
  for (const auto& [name, count] : tally) {
    std::printf("%10llu %s\n", static_cast<unsigned long long>(count), name.c_str());
  }
  std::printf("%llu cycles in %.1f s, seeds %llu to %llu\n", static_cast<unsigned long long>(done),
              seconds(), static_cast<unsigned long long>(wanted.seed),
              static_cast<unsigned long long>(seed));
  if (!wanted.all_faults && done < kLivesForAll) return 0;
  const std::vector<std::string> never = NeverTried(tally);
  for (const std::string& name : never) std::printf("NEVER TRIED: %s\n", name.c_str());
  return never.empty() ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv) {
  Wanted wanted;
  wanted.seed = std::random_device{}();
  if (const char* const text = std::getenv("LUMBUNG_SEED")) {
    wanted.seed = std::strtoull(text, nullptr, 10);
  }
  CLI::App app("Lives and deaths of the whole engine on a disk that fails");
  app.add_option("--seed", wanted.seed, "of the first world");
  app.add_option("--cycles", wanted.cycles, "lives in all; 0: until the time is over");
  app.add_option("--seconds", wanted.seconds, "how long");
  app.add_flag("--all-faults", wanted.all_faults,
               "it ends with 2 if a fault never struck; otherwise only from 2,000 lives on");
  CLI11_PARSE(app, argc, argv);
  if (wanted.cycles == 0 && wanted.seconds <= 0) {
    std::fprintf(stderr, "expected --cycles or --seconds: nothing would be tried\n");
    return 2;
  }
  std::signal(SIGALRM, TellAndEnd);
  lumbung::Scheduler::Instance();  // this thread is the conductor
  std::printf("LUMBUNG_SEED=%llu\n", static_cast<unsigned long long>(wanted.seed));
  std::fflush(stdout);
  return Simulate(wanted, argv[0]);
}
