// What ends the server: a request to stop (SIGTERM, SIGINT, a test), or a failure of the engine.
#pragma once

#include <mutex>

#include "absl/status/status.h"

namespace lumbung {

class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Any thread, and signal handlers.
  void Request();
  // Any thread. The first failure counts.
  void Fail(const absl::Status& failure);
  // Returns when either has been called, now or before. One thread.
  void Wait();
  // OK if it was a request. Any thread.
  absl::Status failure() const;

 private:
  const int
      event_;  // an eventfd: written to by Request, the only thing that a signal handler may do
  mutable std::mutex mutex_;
  absl::Status failure_;  // guarded by mutex_
};

}  // namespace lumbung
