#include "tests/simulation/simulated_env.h"

#include <utility>

#include "rocksdb/system_clock.h"

namespace lumbung {

namespace {

// Doesn't sleep: RocksDB waits a second after an error in the background, which nobody needs here.
class Sleepless final : public rocksdb::SystemClockWrapper {
 public:
  Sleepless() : rocksdb::SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "Sleepless"; }
  void SleepForMicroseconds(int) override { std::this_thread::yield(); }
};

}  // namespace

SimulatedEnv::SimulatedEnv(std::shared_ptr<SimulatedDisk> disk)
    : rocksdb::EnvWrapper(rocksdb::NewCompositeEnv(disk)) {
  file_system_ = std::move(disk);
  system_clock_ = std::make_shared<Sleepless>();
  thread_ = std::thread([this] { Work(); });
}

SimulatedEnv::~SimulatedEnv() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void SimulatedEnv::OpenGate() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void SimulatedEnv::CloseGate() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return jobs_.empty() && !working_; });
  open_ = false;
}

size_t SimulatedEnv::pending() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void SimulatedEnv::Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                            void (*unscheduled)(void*)) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back({function, argument, priority, tag, unscheduled});
  changed_.notify_all();
}

int SimulatedEnv::UnSchedule(void* tag, Priority priority) {
  std::deque<Job> removed;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = jobs_.begin(); it != jobs_.end();) {
      const bool match = it->tag == tag && it->priority == priority;
      if (match) removed.push_back(*it);
      it = match ? jobs_.erase(it) : std::next(it);
    }
    changed_.notify_all();
  }
  for (const Job& job : removed) {
    if (job.unscheduled != nullptr) job.unscheduled(job.argument);
  }
  return static_cast<int>(removed.size());
}

unsigned int SimulatedEnv::GetThreadPoolQueueLen(Priority priority) const {
  const std::lock_guard lock(mutex_);
  unsigned int count = 0;
  for (const Job& job : jobs_) count += job.priority == priority ? 1 : 0;
  return count;
}

void SimulatedEnv::Work() {
  MarkAsBackgroundThread();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stop_ || (open_ && !jobs_.empty()); });
    if (stop_) return;
    const Job job = jobs_.front();
    jobs_.pop_front();
    working_ = true;
    lock.unlock();
    job.function(job.argument);
    lock.lock();
    working_ = false;
    changed_.notify_all();
  }
}

}  // namespace lumbung
