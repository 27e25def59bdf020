// Decides which thread runs: at any moment one of the engine's threads, or the conductor (the
// thread that made this). A thread gives its turn back where it waits (Signal, Pause) and at each
// port of the engine that the simulation stands behind; the conductor then chooses the next, by the
// seed. So a run is repeated by its seed although the threads are real.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lumbung {

class Scheduler {
 public:
  // The one of this process; the thread that asks first is the conductor.
  static Scheduler& Instance();

  // --- the engine's threads; do nothing on the conductor's ---
  // Gives the turn back until it is given again.
  void Yield();
  // The same, but the turn comes only after a Notify of this signal.
  void Park(const void* signal);

  // --- any thread ---
  void Notify(const void* signal);
  // Notes a failed check. The first of a life counts.
  void NoteFailedCheck(std::string what);

  // --- conductor ---
  // Waits until this many threads have come and wait. Those that came since the last call are
  // numbered in the order of their signals' addresses, which is that of the stages.
  void Gather(size_t threads);
  // The numbers of the threads that may have the turn.
  std::vector<size_t> Runnable();
  // Gives the turn to a thread, and returns when it gives it back or ends.
  void Run(size_t thread);
  // From now on all run freely, so that they can end.
  void Release();
  // REQUIRES: all threads have ended. Ready for the next life.
  void Forget();
  // What failed in this life; empty if nothing did.
  std::string failed_check();
  bool IsConductor() const { return std::this_thread::get_id() == conductor_; }

 private:
  enum class Standing { kRunning, kYielded, kParked, kEnded };
  struct Actor {
    Standing standing = Standing::kRunning;
    const void* signal = nullptr;
    bool notified = false;
    bool turn = false;
  };
  // Tells the scheduler that a thread has ended.
  struct Registration;

  Scheduler();
  Actor& Self();
  void GiveBack(Standing standing, const void* signal);

  const std::thread::id conductor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Actor*> numbered_;  // guarded by mutex_, as all below
  std::vector<Actor*> newcomers_;
  bool released_ = false;
  std::string failed_check_;
};

}  // namespace lumbung
