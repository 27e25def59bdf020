// The threads that answer about the past: what reads the ledger's blocks or the daily balances runs
// here and never on the pipeline's threads, nor on gRPC's, which must stay free for payments. Also
// here go the reply to a repeated transaction, whose time must be read from the ledger, and a batch
// with many ids that must be looked up (submit.h).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lumbung {

// Whether work may be refused when too much waits.
enum class Admission : uint8_t {
  kIfRoom,  // reads, before they begin
  kAlways,  // what a taken request owes its caller, or what goes on; a batch's look-ups
};

// Any thread may call; the queue's lock is not on a payment's path.
class Readers {
 public:
  using Work = std::function<void()>;

  struct Options {
    size_t threads = 2;
    size_t queue = 1024;
  };

  explicit Readers(Options options);
  // Does what waits, then ends the threads.
  ~Readers();

  // False if the queue is full: `work` will not run.
  bool Run(Work work, Admission admission);

 private:
  void Loop();

  const size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;  // guarded by mutex_
  bool stopping_ = false;     // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace lumbung
