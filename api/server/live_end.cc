#include "api/server/live_end.h"

#include <algorithm>

namespace lumbung {

namespace {

// How soon a follower that is new or gone is noticed, at the latest.
constexpr int64_t kPatienceNs = 50'000'000;

}  // namespace

LiveEnd::LiveEnd(const Pipeline& pipeline) : pipeline_(pipeline), thread_([this] { Loop(); }) {}

LiveEnd::~LiveEnd() {
  Stop();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LiveEnd::Wait(Follower& follower, Sequence seen) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({&follower, seen});
  }
  changed_.notify_all();
}

void LiveEnd::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

bool LiveEnd::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

std::vector<LiveEnd::Follower*> LiveEnd::TakeReady(Sequence durable) {
  std::vector<Follower*> ready;
  std::erase_if(waiting_, [&](const Waiting& w) {
    if (!stopped_ && durable <= w.seen && !w.follower->Gone()) return false;
    ready.push_back(w.follower);
    return true;
  });
  return ready;
}

void LiveEnd::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::vector<Follower*> ready = TakeReady(pipeline_.durable_sequence());
    Sequence seen{UINT64_MAX};
    for (const Waiting& w : waiting_) seen = std::min(seen, w.seen);
    lock.unlock();
    for (Follower* const follower : ready) follower->Wake();
    if (ready.empty()) pipeline_.WaitForDurable(seen, kPatienceNs);
    lock.lock();
  }
}

}  // namespace lumbung
