// RocksDB's surroundings in the simulation: the simulated disk, and one thread for all that RocksDB
// does in the background (flushes, compactions), which works only while the gate is open. It is
// opened while the engine may wait for that work, and when it is that work's turn.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "rocksdb/env.h"
#include "tests/simulation/simulated_disk.h"

namespace lumbung {

class SimulatedEnv final : public rocksdb::EnvWrapper {
 public:
  explicit SimulatedEnv(std::shared_ptr<SimulatedDisk> disk);
  ~SimulatedEnv() override;

  // --- conductor ---
  void OpenGate();
  // Waits until all that is queued is done.
  void CloseGate();
  size_t pending() const;

  // --- rocksdb::Env ---
  void Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                void (*unscheduled)(void*)) override;
  int UnSchedule(void* tag, Priority priority) override;
  unsigned int GetThreadPoolQueueLen(Priority priority) const override;
  void SetBackgroundThreads(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}

 private:
  struct Job {
    void (*function)(void*);
    void* argument;
    Priority priority;
    void* tag;
    void (*unscheduled)(void*);
  };

  void Work();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;  // guarded by mutex_, as all below
  bool open_ = false;
  bool working_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lumbung
