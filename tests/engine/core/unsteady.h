// A thread that stumbles: by chance it gives its time away or sleeps for some microseconds, so that
// threads meet where they seldom would. One object belongs to one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <thread>

namespace lumbung {

class Unsteady {
 public:
  explicit Unsteady(uint64_t seed) : random_(seed) {}

  uint64_t Number(uint64_t below) { return random_() % below; }
  void Stumble() {
    const uint64_t dice = Number(32);
    if (dice == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(Number(60)));
    } else if (dice < 8) {
      std::this_thread::yield();
    }
  }

 private:
  std::mt19937_64 random_;
};

// That of the calling thread, for code that many threads run.
inline Unsteady& UnsteadyOfThisThread(uint64_t seed) {
  thread_local Unsteady unsteady(seed ^ std::hash<std::thread::id>()(std::this_thread::get_id()));
  return unsteady;
}

}  // namespace lumbung
