#include "tests/simulation/scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "engine/check.h"

namespace lumbung {

namespace {

// A thread that does not come back within this time stands still for good.
constexpr auto kPatience = std::chrono::seconds(60);
constexpr auto kFreePause = std::chrono::microseconds(50);

void GiveUp(const char* what) {
  std::fprintf(stderr, "the simulation stands still: %s\n", what);
  std::abort();
}

}  // namespace

struct Scheduler::Registration {
  Actor* actor = nullptr;
  ~Registration() {
    if (actor == nullptr) return;
    Scheduler& scheduler = Scheduler::Instance();
    const std::lock_guard lock(scheduler.mutex_);
    actor->standing = Standing::kEnded;
    scheduler.changed_.notify_all();
  }
};

Scheduler::Scheduler() : conductor_(std::this_thread::get_id()) {}

Scheduler& Scheduler::Instance() {
  static Scheduler* const scheduler = new Scheduler;  // outlives every thread
  return *scheduler;
}

Scheduler::Actor& Scheduler::Self() {
  thread_local Registration registration;
  if (registration.actor == nullptr) {
    registration.actor = new Actor;
    newcomers_.push_back(registration.actor);
  }
  return *registration.actor;
}

void Scheduler::GiveBack(Standing standing, const void* signal) {
  if (IsConductor()) return;
  std::unique_lock lock(mutex_);
  if (released_) {
    const bool aborted = !failed_check_.empty();
    lock.unlock();
    // A failed check ends the whole process, so no thread outlives it.
    if (aborted) pthread_exit(nullptr);
    std::this_thread::sleep_for(kFreePause);
    return;
  }
  Actor& self = Self();
  self.standing = standing;
  self.signal = signal;
  self.notified = false;
  self.turn = false;
  changed_.notify_all();
  changed_.wait(lock, [&] { return self.turn || released_; });
  self.standing = Standing::kRunning;
}

void Scheduler::Yield() { GiveBack(Standing::kYielded, nullptr); }
void Scheduler::Park(const void* signal) { GiveBack(Standing::kParked, signal); }

void Scheduler::Notify(const void* signal) {
  const std::lock_guard lock(mutex_);
  for (Actor* actor : numbered_) {
    if (actor->standing == Standing::kParked && actor->signal == signal) actor->notified = true;
  }
}

void Scheduler::NoteFailedCheck(std::string what) {
  const std::lock_guard lock(mutex_);
  if (failed_check_.empty()) failed_check_ = std::move(what);
}

std::string Scheduler::failed_check() {
  const std::lock_guard lock(mutex_);
  return failed_check_;
}

void Scheduler::Gather(size_t threads) {
  std::unique_lock lock(mutex_);
  const auto all_wait = [&] {
    return numbered_.size() + newcomers_.size() >= threads &&
           std::all_of(newcomers_.begin(), newcomers_.end(),
                       [](const Actor* actor) { return actor->standing != Standing::kRunning; });
  };
  if (!changed_.wait_for(lock, kPatience, all_wait)) GiveUp("fewer threads than expected");
  std::sort(newcomers_.begin(), newcomers_.end(),
            [](const Actor* a, const Actor* b) { return a->signal < b->signal; });
  numbered_.insert(numbered_.end(), newcomers_.begin(), newcomers_.end());
  newcomers_.clear();
}

std::vector<size_t> Scheduler::Runnable() {
  const std::lock_guard lock(mutex_);
  std::vector<size_t> runnable;
  for (size_t i = 0; i < numbered_.size(); ++i) {
    const Actor& actor = *numbered_[i];
    if (actor.standing == Standing::kYielded ||
        (actor.standing == Standing::kParked && actor.notified)) {
      runnable.push_back(i);
    }
  }
  return runnable;
}

void Scheduler::Run(size_t thread) {
  std::unique_lock lock(mutex_);
  Actor& actor = *numbered_.at(thread);
  if (actor.standing == Standing::kEnded) return;
  actor.standing = Standing::kRunning;
  actor.turn = true;
  changed_.notify_all();
  if (!changed_.wait_for(lock, kPatience, [&] { return actor.standing != Standing::kRunning; })) {
    GiveUp("a thread does not give its turn back");
  }
}

void Scheduler::Release() {
  const std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

void Scheduler::Forget() {
  const std::lock_guard lock(mutex_);
  for (Actor* actor : numbered_) delete actor;
  for (Actor* actor : newcomers_) delete actor;
  numbered_.clear();
  newcomers_.clear();
  released_ = false;
  failed_check_.clear();
}

void CheckFailed(const char* file, int line, const char* condition) {
  const std::string what = std::string(file) + ":" + std::to_string(line) + ": " + condition;
  Scheduler& scheduler = Scheduler::Instance();
  scheduler.NoteFailedCheck(what);
  if (scheduler.IsConductor()) throw std::runtime_error(what);
  pthread_exit(nullptr);
}

}  // namespace lumbung
